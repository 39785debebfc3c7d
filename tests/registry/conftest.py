"""A school at work, whose events become messages."""

import pytest
from sqlalchemy.orm import Session, sessionmaker

from notifier.ledger import notices
from registry.record import events
from registry.record.tables import Graduate
from tests.clock import StandingClock
from tests.registry.review.casework import Casework
from tests.wxapp.school.records import open_campus


@pytest.fixture
def work(sessions: sessionmaker[Session], session: Session, clock: StandingClock) -> Casework:
    """Give a school with two departments at work, on 10 June 2026."""
    events.tell_before_commit(sessions, notices.write)
    return Casework(open_campus(session, clock()), clock())


@pytest.fixture
def graduate(work: Casework) -> Graduate:
    """Give a graduate who has registered nothing."""
    return work.campus.graduate("李娟")
