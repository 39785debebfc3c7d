"""A graduate answers the confirmation page: correct, wrong (and what), or the dispute withdrawn."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.base.errors import RuleError
from registry.base.moves import move
from registry.record import events, important_fields, in_force
from registry.record.confirmation import snapshots
from registry.record.confirmation.states import (
    CONFIRMATION,
    ConfirmationEvent,
    ConfirmationState,
)
from registry.record.events import ConfirmationAnswered
from registry.record.fields import Block
from registry.record.tables import Answer, Confirmation, Graduate, Registration

NOTE_LENGTH = 200

_EVENTS = {
    Answer.CORRECT: ConfirmationEvent.CONFIRM,
    Answer.WRONG: ConfirmationEvent.DISPUTE,
    Answer.WITHDRAWN: ConfirmationEvent.WITHDRAW,
}


@dataclass(frozen=True)
class Reply:
    """What she answered, about which version."""

    answer: Answer
    registration_id: int
    items: Sequence[str] = ()
    """The blocks a dispute names (`important.Block`)."""
    note: str = ""
    seen: str = ""
    """The hash of what she was shown (`important_fields.snapshot_hash`); empty: nothing was."""


def answer(
    session: Session, graduate_id: int, reply: Reply, *, channel: str, at: datetime
) -> ConfirmationState:
    """Move the confirmation and keep the answer with the snapshot it was about.

    Raises RuleError `dispute_names_nothing`, `note_too_long`, or `changed_meanwhile` when the state
    or anything of the record is no longer what she saw: her name, major, level and month, too.
    """
    _check(reply)
    happened = _EVENTS[reply.answer]
    moved = _move(session, graduate_id, reply, happened, at)
    session.add(_history_row(session, graduate_id, reply, channel, at))
    session.flush()  # the unique sequence refuses a second answer here rather than at the door
    school_id = session.get_one(Graduate, graduate_id).school_id
    told = ConfirmationAnswered(school_id, graduate_id, reply.answer, _items(reply), at)
    events.announce(session, told)
    return moved


def _check(reply: Reply) -> None:
    if reply.answer is Answer.WRONG and not set(reply.items) & set(Block):
        raise RuleError("dispute_names_nothing", "请勾选信息有误的部分，以便学校更正。", "items")
    if len(reply.note) > NOTE_LENGTH:
        raise RuleError("note_too_long", f"补充说明请控制在 {NOTE_LENGTH} 字以内。", "note")


def _move(
    session: Session,
    graduate_id: int,
    reply: Reply,
    happened: ConfirmationEvent,
    at: datetime,
) -> ConfirmationState:
    moved = move(
        session,
        CONFIRMATION,
        Graduate.confirmation,
        happened,
        Graduate.id == graduate_id,
        Graduate.registration_id == reply.registration_id,
        answered_at=at,
    )
    if not moved:
        raise _changed_meanwhile()
    return CONFIRMATION.target(happened)


def _changed_meanwhile() -> RuleError:
    return RuleError("changed_meanwhile", "登记信息或确认状态刚刚有变化，请核对最新内容后再提交。")


def _items(reply: Reply) -> list[str]:
    return [block for block in Block if block in reply.items]


def _history_row(
    session: Session, graduate_id: int, reply: Reply, channel: str, at: datetime
) -> Confirmation:
    graduate = session.get_one(Graduate, graduate_id, populate_existing=True)
    values = in_force.values_of(graduate, session.get_one(Registration, reply.registration_id))
    # Her row is locked by the move: what is read here is what the answer is about.
    if reply.seen and reply.seen != important_fields.snapshot_hash(values):
        raise _changed_meanwhile()
    last = session.scalar(
        select(func.max(Confirmation.sequence)).where(Confirmation.graduate_id == graduate_id)
    )
    return Confirmation(
        graduate_id=graduate_id,
        sequence=(last or 0) + 1,
        registration_id=reply.registration_id,
        answer=reply.answer,
        items=_items(reply),
        note=reply.note.strip(),
        snapshot=snapshots.kept(values),
        snapshot_hash=important_fields.snapshot_hash(values),
        channel=channel,
        answered_at=at,
    )
