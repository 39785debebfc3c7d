"""What an undone import means for messages: those that came by a notice, those that wait."""

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from notifier.ledger.states import MessageState
from notifier.ledger.tables import Message
from registry.base.database import Base
from registry.tasks.states import TaskState
from registry.tasks.undo_obstacles import Obstacle
from tests.clock import StandingClock
from tests.notifier.ledger.test_undone_imports import Office
from tests.registry.sheets import a_person
from tests.rows import a_row


@pytest.fixture
def office(sessions: sessionmaker[Session], clock: StandingClock) -> Office:
    return Office(sessions, clock)


def test_a_reminder_that_came_by_a_notice_is_in_the_way(office: Office) -> None:
    key = office.bring_in(a_person())
    with office.desk.sessions.begin() as session:
        campaign = a_row(session, Base.metadata.tables["campaign"], school_id=office.school)
        session.execute(update(Message).values(campaign_id=campaign, state=MessageState.SKIPPED))
        for ident in session.scalars(select(Message.id)).all():
            a_row(session, Base.metadata.tables["mini_notice"], message_id=ident, state="sent")
    assert office.in_the_way(key) == [Obstacle.REMINDED]


def test_a_phone_that_is_put_back_is_told_to_nobody_any_more(office: Office) -> None:
    office.bring_in(a_person())
    office.bind()
    key = office.bring_in(a_person() | {"手机号码": "13900007777"})
    told = (Message.state, Message.reason, Message.kind)
    assert ("waiting", "", "contact_changed") in office.all(*told)
    assert office.undo(key).state == TaskState.UNDONE
    assert ("skipped", "put_back", "contact_changed") in office.all(*told)
