"""A school whose graduates report breaches, its province, and the operators."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from notifier.ledger import notices
from notifier.ledger.tables import Message
from registry.accounts.tables import Role
from registry.base.database import random_key
from registry.base.paging import Place
from registry.breaches import filing, handling, lists
from registry.breaches.filing import Said
from registry.breaches.lists import ListedBreach, Viewer
from registry.breaches.tables import BreachReport
from registry.record import events
from registry.record.tables import Graduate
from tests.clock import StandingClock
from tests.wxapp.school.records import Campus, open_campus

ABOUT_SCHOOL = Said("forced", "school", "", "辅导员说不签不发毕业证。", "named")
ABOUT_EMPLOYER = Said("fees", "employer", "青岛海纳软件有限公司", "入职前要交两千元押金。", "named")


@dataclass
class Reporting:
    """What graduates report and offices do about it; `at` moves on when a test says so."""

    campus: Campus
    at: datetime

    @property
    def session(self) -> Session:
        return self.campus.session

    def viewer(self, role: Role) -> Viewer:
        """Add somebody of an office."""
        found = lists.viewer_of(self.campus.staff(role))
        assert found is not None
        return found

    def file(self, graduate: Graduate, said: Said = ABOUT_SCHOOL, key: str = "") -> BreachReport:
        """Report as her page does."""
        key = key or random_key()
        return filing.file(self.session, self.campus.vault, graduate, key, said, self.at)

    def answer(self, viewer: Viewer, report: BreachReport, words: str = "已责令改正。") -> None:
        """Answer as an office's page does."""
        handling.answer(self.session, self.campus.vault, viewer, report.key, words, self.at)

    def fresh(self, report: BreachReport) -> BreachReport:
        """Return a report as it stands."""
        self.session.flush()
        return self.session.get_one(BreachReport, report.id, populate_existing=True)

    def seen(self, viewer: Viewer) -> Sequence[ListedBreach]:
        """Return what an office sees listed."""
        return lists.page(self.session, viewer, None, Place(), self.at).rows

    def told(self) -> list[str]:
        """Return the kinds of messages that were written."""
        self.session.commit()
        return list(self.session.scalars(select(Message.kind).order_by(Message.id)))


@pytest.fixture
def desk(sessions: sessionmaker[Session], session: Session, clock: StandingClock) -> Reporting:
    events.tell_before_commit(sessions, notices.write)
    return Reporting(open_campus(session, clock()), clock())
