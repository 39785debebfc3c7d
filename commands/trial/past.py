"""What happened at a made-up school before the trial begins: some answered, some found mistakes."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from registry.accounts.school_tables import School
from registry.record.confirmation import confirm
from registry.record.confirmation.confirm import Reply
from registry.record.confirmation.states import ConfirmationState
from registry.record.tables import Answer, Graduate

BEGAN = timedelta(days=20)
"""How long ago the destinations were reported."""
SYNCED = timedelta(minutes=25)
CONFIRMED, DISPUTED = 0.3, 0.03
MISTAKES = (
    (["file"], "档案接收单位名称变了，请以调档函为准"),
    (["destination"], "已和单位解约，正在重新找工作"),
    (["household"], "户口不迁了，留在原籍"),
)


def live_through(session: Session, bound: Sequence[int], at: datetime, seed: int) -> None:
    """Let some of the bound graduates answer, at one time or another since the report."""
    chance = Random(f"{seed}:{bound[:1]}")  # noqa: S311 - which of the made-up people, no secret
    found = session.execute(
        select(Graduate.id, Graduate.registration_id)
        .where(Graduate.id.in_(bound), Graduate.confirmation == ConfirmationState.UNCONFIRMED)
        .order_by(Graduate.id)
    ).all()
    for graduate_id, registration_id in found:
        reply = _reply(chance, registration_id or 0)
        moment = at - chance.random() * (BEGAN - timedelta(days=1))
        if reply is not None:
            confirm.answer(session, graduate_id, reply, channel="wechat", at=moment)


def note_sync(session: Session, school_code: str, at: datetime) -> None:
    """Let the school have been synced a little while ago."""
    school = School.code == school_code
    session.execute(update(School).where(school).values(synced_at=at - SYNCED))


def _reply(chance: Random, registration_id: int) -> Reply | None:
    drawn = chance.random()
    if drawn < CONFIRMED:
        return Reply(Answer.CORRECT, registration_id)
    if drawn < CONFIRMED + DISPUTED:
        items, note = chance.choice(MISTAKES)
        return Reply(Answer.WRONG, registration_id, items, note)
    return None
