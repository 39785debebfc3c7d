"""The clock of signing: a reminder within the last day of an answer, and the lapse after it.

Of invitations, of agreements that the school returned, of papers that are out, and of supplements.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, String, cast, exists, func, literal, select
from sqlalchemy.orm import InstrumentedAttribute, Session

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

Due = Sequence[Row[*tuple[Any, ...]]]
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


def _unreminded(session: Session, at: datetime) -> Due:
    key = literal("invitation_reminder:").concat(cast(Invitation.id, String))
    wanted = _due(Invitation, Invitation.answer_by, key, at)
    return session.execute(wanted.where(Invitation.state == InvitationState.OPEN)).all()


def _unmended(session: Session, at: datetime) -> Due:
    """Return the agreements that lapse within a day: one reminder for each return and amendment."""
    key: ColumnElement[str] = literal("agreement_due")
    for each in (Agreement.application_id, Application.revision, Agreement.state):
        key = key.concat(":").concat(cast(each, String))
    wanted = _due(Agreement, Agreement.due_by, key, at).add_columns(Agreement.state)
    live = (Agreement.state.in_(sorted(MENDING)), Agreement.ended_at.is_(None))
    review = Application.id == Agreement.application_id
    return session.execute(wanted.join(Application, review).where(*live)).all()


def _papers_out(session: Session, at: datetime) -> Due:
    """Return the papers that lapse within a day: one reminder for each issue and return."""
    key: ColumnElement[str] = literal("offline_due:").concat(cast(Agreement.request_id, String))
    key = key.concat(":").concat(cast(func.coalesce(Application.revision, 0), String))
    wanted = _due(Agreement, Agreement.due_by, key, at)
    live = (Agreement.state == AgreementState.ISSUED, Agreement.ended_at.is_(None))
    review = Application.id == Agreement.application_id
    return session.execute(wanted.outerjoin(Application, review).where(*live)).all()


def _unanswered(session: Session, at: datetime) -> Due:
    """Return the supplements that lapse within a day."""
    key = literal("supplement_due:").concat(cast(Supplement.id, String))
    wanted = _due(Supplement, Supplement.answer_by, key, at)
    return session.execute(wanted.where(Supplement.state == SupplementState.PROPOSED)).all()


def _due(
    model: type[Invitation | Agreement | Supplement],
    until: InstrumentedAttribute[Any],
    key: ColumnElement[str],
    at: datetime,
) -> Select[*tuple[Any, ...]]:
    """Return what ends within a day and has no reminder by its key yet, the first to end first."""
    return (
        select(
            *(key.label("key"), model.graduate_id, Graduate.school_id),
            *(model.terms, until.label("until")),
        )
        .join(Graduate, Graduate.id == model.graduate_id)
        .where(until > at, until <= at + BEFORE, ~exists().where(Message.business_key == key))
        .order_by(until, model.id)
        .limit(CHUNK)
    )


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
