"""An import is not undone under somebody who reported a breach, and nobody hears why."""

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from notifier.ledger.tables import Binding
from registry.base.database import random_key
from registry.breaches import filing
from registry.record.tables import Graduate
from registry.tasks.undo_obstacles import Obstacle
from tests.clock import StandingClock
from tests.notifier.ledger.test_undone_imports import Office
from tests.registry.breaches.conftest import ABOUT_SCHOOL
from tests.registry.sheets import a_person
from tests.registry.staff_context import VAULT


@pytest.fixture
def office(sessions: sessionmaker[Session], clock: StandingClock) -> Office:
    return Office(sessions, clock)


def test_who_reported_and_was_unbound_stays_as_who_had_bound(office: Office) -> None:
    key = office.bring_in(a_person())
    office.bind()
    with office.desk.sessions.begin() as session:
        her = session.scalars(select(Graduate)).one()
        filing.file(session, VAULT, her, random_key(), ABOUT_SCHOOL, office.clock())
        session.execute(update(Binding).values(ended_at=office.clock(), end_reason="school"))
    assert office.in_the_way(key) == [Obstacle.BOUND]
