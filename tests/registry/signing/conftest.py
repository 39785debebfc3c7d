"""A school at work whose graduates are invited to sign."""

import pytest
from sqlalchemy.orm import Session, sessionmaker

from notifier.ledger import notices
from registry.record import events
from tests.clock import StandingClock
from tests.registry.signing.signwork import Signwork
from tests.wxapp.school.records import open_campus


@pytest.fixture
def work(sessions: sessionmaker[Session], session: Session, clock: StandingClock) -> Signwork:
    events.tell_before_commit(sessions, notices.write)
    return Signwork(open_campus(session, clock()), clock())
