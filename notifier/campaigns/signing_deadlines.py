"""The clock of signing: a reminder within the last day of an answer, and the lapse after it.

Of invitations, of agreements that the school returned, of papers that are out, and of supplements.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, String, cast, func, literal, select
from sqlalchemy.orm import Session

from notifier.ledger import states
from notifier.ledger.signing import short
from notifier.ledger.tables import Message
from notifier.ledger.wording import moment, written
from registry.base.database import insert_new
from registry.record.tables import Graduate
from registry.review.tables import Application
from registry.signing import agreement_ends, invitation_ends, supplement_ends, voiding
from registry.signing.states import MENDING, AgreementState, InvitationState
from registry.signing.supplement_states import SupplementState
from registry.signing.supplement_tables import Supplement
from registry.signing.tables import Agreement, Invitation
from runtime import jobs, wakeups

BEFORE = timedelta(hours=24)
KIND = "signing_reminder"
CHUNK = 1000


HINT = "邀请即将到期，请尽快应约或拒绝"
MENDING_HINTS = {
    AgreementState.RETURNED: "协议即将到期，请联系单位修改",
    AgreementState.AMENDED: "协议即将到期，请核对后同意或放弃",
}
"""What she is told within the last day of an agreement that the school returned."""
PAPER_HINT = "交回期限将至，请上传签字盖章的协议书"
SUPPLEMENT_HINT = "补充协议即将到期，请核对后答复"


def lapse(session: Session, at: datetime) -> int:
    """End what was not answered in time, and tell of it; return how many."""
    ended = invitation_ends.lapse(session, at) + agreement_ends.lapse(session, at)
    return ended + supplement_ends.lapse(session, at) + voiding.lapse(session, at)


def remind(session: Session, at: datetime) -> int:
    """Write the reminders that are due and are not written yet, `CHUNK` at most of each kind.

    Return how many. One whose message is not on its way yet is reminded all the same: it is seen in
    her messages.
    """
    rows = [_row(each, HINT, at) for each in _unreminded(session, at)]
    rows += [_row(each, MENDING_HINTS[each.state], at) for each in _unmended(session, at)]
    rows += [_row(each, PAPER_HINT, at) for each in _papers_out(session, at)]
    rows += [_row(each, SUPPLEMENT_HINT, at) for each in _unanswered(session, at)]
    if rows:
        session.execute(insert_new(session, Message), rows)
        wakeups.ask(session, jobs.Job.DELIVER)
    return len(rows)


def _unreminded(session: Session, at: datetime) -> Sequence[Row[*tuple[Any, ...]]]:
    key = literal("invitation_reminder:").concat(cast(Invitation.id, String))
    return session.execute(
        select(
            *(key.label("key"), Invitation.graduate_id, Graduate.school_id),
            *(Invitation.terms, Invitation.answer_by.label("until")),
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


def _unmended(session: Session, at: datetime) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return the agreements that lapse within a day: one reminder for each return and amendment."""
    key: ColumnElement[str] = literal("agreement_due")
    for each in (Agreement.application_id, Application.revision, Agreement.state):
        key = key.concat(":").concat(cast(each, String))
    return session.execute(
        select(
            *(key.label("key"), Agreement.graduate_id, Graduate.school_id, Agreement.state),
            *(Agreement.terms, Agreement.due_by.label("until")),
        )
        .join(Graduate, Graduate.id == Agreement.graduate_id)
        .join(Application, Application.id == Agreement.application_id)
        .outerjoin(Message, Message.business_key == key)
        .where(
            Agreement.state.in_(sorted(MENDING)),
            Agreement.ended_at.is_(None),
            Agreement.due_by > at,
            Agreement.due_by <= at + BEFORE,
            Message.id.is_(None),
        )
        .order_by(Agreement.due_by, Agreement.id)
        .limit(CHUNK)
    ).all()


def _papers_out(session: Session, at: datetime) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return the papers that lapse within a day: one reminder for each issue and return."""
    key: ColumnElement[str] = literal("offline_due:").concat(cast(Agreement.request_id, String))
    key = key.concat(":").concat(cast(func.coalesce(Application.revision, 0), String))
    return session.execute(
        select(
            *(key.label("key"), Agreement.graduate_id, Graduate.school_id),
            *(Agreement.terms, Agreement.due_by.label("until")),
        )
        .join(Graduate, Graduate.id == Agreement.graduate_id)
        .outerjoin(Application, Application.id == Agreement.application_id)
        .outerjoin(Message, Message.business_key == key)
        .where(
            Agreement.state == AgreementState.ISSUED,
            Agreement.ended_at.is_(None),
            Agreement.due_by > at,
            Agreement.due_by <= at + BEFORE,
            Message.id.is_(None),
        )
        .order_by(Agreement.due_by, Agreement.id)
        .limit(CHUNK)
    ).all()


def _unanswered(session: Session, at: datetime) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return the supplements that lapse within a day."""
    key = literal("supplement_due:").concat(cast(Supplement.id, String))
    return session.execute(
        select(
            *(key.label("key"), Supplement.graduate_id, Graduate.school_id),
            *(Supplement.terms, Supplement.answer_by.label("until")),
        )
        .join(Graduate, Graduate.id == Supplement.graduate_id)
        .outerjoin(Message, Message.business_key == key)
        .where(
            Supplement.state == SupplementState.PROPOSED,
            Supplement.answer_by > at,
            Supplement.answer_by <= at + BEFORE,
            Message.id.is_(None),
        )
        .order_by(Supplement.answer_by, Supplement.id)
        .limit(CHUNK)
    ).all()


def _row(about: Row[*tuple[Any, ...]], hint: str, at: datetime) -> dict[str, Any]:
    facts = written(
        unit=short(about.terms["unit_name"]),
        post=about.terms["post"],
        deadline=moment(about.until),
        hint=hint,
    )
    return {
        "client_msg_id": uuid.uuid4().hex,
        "business_key": about.key,
        "kind": KIND,
        "school_id": about.school_id,
        "graduate_id": about.graduate_id,
        "facts": facts,
        "state": states.MessageState.WAITING,
        "next_at": at,
        "created_at": at,
    }
