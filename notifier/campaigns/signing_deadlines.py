"""The clock of invitations to sign: a reminder within the last day, and the lapse after it."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, String, cast, literal, select
from sqlalchemy.orm import Session

from notifier.ledger import states
from notifier.ledger.signing import short
from notifier.ledger.tables import Message
from notifier.ledger.wording import moment, written
from registry.base.database import insert_new
from registry.record.tables import Graduate
from registry.signing import invitation_ends
from registry.signing.states import InvitationState
from registry.signing.tables import Invitation
from runtime import jobs, wakeups

BEFORE = timedelta(hours=24)
KIND = "signing_reminder"
CHUNK = 1000


def lapse(session: Session, at: datetime) -> int:
    """End the invitations that were not answered in time, and tell of it; return how many."""
    return invitation_ends.lapse(session, at)


def remind(session: Session, at: datetime) -> int:
    """Write the reminders that are due and are not written yet, `CHUNK` at most; return how many.

    One whose message is not on its way yet is reminded all the same: it is seen in her messages.
    """
    rows = [_row(each, at) for each in _unreminded(session, at)]
    if rows:
        session.execute(insert_new(session, Message), rows)
        wakeups.ask(session, jobs.Job.DELIVER)
    return len(rows)


def _unreminded(session: Session, at: datetime) -> Sequence[Row[*tuple[Any, ...]]]:
    key = literal("invitation_reminder:").concat(cast(Invitation.id, String))
    return session.execute(
        select(
            *(Invitation.id, Invitation.graduate_id, Graduate.school_id),
            *(Invitation.terms, Invitation.answer_by),
        )
        .join(Graduate, Graduate.id == Invitation.graduate_id)
        .outerjoin(Message, Message.business_key == key)
        .where(
            Invitation.state == InvitationState.OPEN,
            Invitation.answer_by > at,
            Invitation.answer_by <= at + BEFORE,
            Message.id.is_(None),
        )
        .order_by(Invitation.answer_by, Invitation.id)
        .limit(CHUNK)
    ).all()


def _row(about: Row[*tuple[Any, ...]], at: datetime) -> dict[str, Any]:
    facts = written(
        unit=short(about.terms["unit_name"]),
        post=about.terms["post"],
        deadline=moment(about.answer_by),
        hint="邀请即将到期，请尽快应约或拒绝",
    )
    return {
        "client_msg_id": uuid.uuid4().hex,
        "business_key": f"invitation_reminder:{about.id}",
        "kind": KIND,
        "school_id": about.school_id,
        "graduate_id": about.graduate_id,
        "facts": facts,
        "state": states.MessageState.WAITING,
        "next_at": at,
        "created_at": at,
    }
