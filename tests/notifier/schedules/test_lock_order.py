"""Two batches of receipts about the same messages, in opposite orders, at the same time."""

import pytest
from sqlalchemy import select, update

from notifier.ledger.receipts import Receipt, apply
from notifier.ledger.states import MessageState
from notifier.ledger.tables import Message
from registry.base.clock import utc_now
from tests.notifier.conftest import PEOPLE
from tests.notifier.schedules.interleaving import beside
from tests.notifier.stage import Stage
from tests.waiting import wait_until_blocked


def receipts(stage: Stage) -> list[Receipt]:
    """Return the receipt of each message, in the order of the messages."""
    now = utc_now()
    with stage.resources.readers.begin() as session:
        wanted = select(Message.id, Message.openid, Message.wx_msgid).order_by(Message.id)
        return [
            Receipt(ident, openid or "", msgid, "success", now, now)
            for ident, openid, msgid in session.execute(wanted)
        ]


def write_backwards(stage: Stage, came: list[Receipt]) -> None:
    """Have the table hold the messages in the opposite order: each write puts a row behind all."""
    for each in came[::-1]:
        with stage.resources.sessions.begin() as session:
            session.execute(
                update(Message).where(Message.id == each.push_id).values(detail="written again")
            )


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
def test_receipts_lock_messages_in_one_order_however_they_came(stage: Stage, other: Stage) -> None:
    stage.deliver_until_done(stage.start_campaign())
    came = receipts(stage)
    write_backwards(stage, came)

    def take_in() -> None:
        with other.resources.sessions.begin() as session:
            apply(session, came[::-1], utc_now())

    with stage.resources.sessions() as session, stage.resources.sessions() as third:
        middle = PEOPLE // 2
        ids = [each.push_id for each in came]
        session.execute(select(Message.id).where(Message.id == ids[middle]).with_for_update())
        with beside(take_in) as taking_in:
            wait_until_blocked(session, taking_in)
            free = select(Message.id).order_by(Message.id).with_for_update(skip_locked=True)
            found = third.scalars(free).all()
            third.rollback()
            apply(session, came[middle:], utc_now())
            session.commit()
    assert found == ids[middle + 1 :]
    assert stage.count(state=MessageState.DELIVERED) == PEOPLE
