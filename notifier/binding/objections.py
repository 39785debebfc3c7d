"""What follows from an objection to a change of phone or binding, and from what is decided on it.

From the objection on she authorizes nothing, gets no number and binds nothing, and what was
authorized since the change lapses. Where it is upheld her phone is again what it was, and whoever
was bound since is bound no more. Other changes of hers wait on: she objects to each, or somebody
releases them.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from notifier.binding import bind
from notifier.ledger.tables import Binding
from registry.accounts import audit
from registry.accounts.audit import AuditRecord
from registry.accounts.tables import Staff
from registry.base.moves import move
from registry.base.text import clean
from registry.numbers.shape import Issue
from registry.numbers.states import ISSUED_NUMBER, NumberEvent
from registry.numbers.tables import IssuedNumber
from registry.record import contact_changes, events, in_force, registration
from registry.record.contact_tables import ContactChange, ContactKind
from registry.record.registration import Origin, Proposal
from registry.record.tables import Graduate, Source

LONGEST = 200


def object_to(session: Session, change: ContactChange, words: str, at: datetime) -> bool:
    """Keep her objection, and lapse what was authorized since; say whether it is a new one."""
    in_force.lock(session, change.school_id, [change.graduate_id])
    if not contact_changes.object_to(session, change.id, clean(words)[:LONGEST], at):
        return False
    move(
        session,
        ISSUED_NUMBER,
        IssuedNumber.standing,
        NumberEvent.LAPSE,
        IssuedNumber.graduate_id == change.graduate_id,
        IssuedNumber.issue == Issue.VERIFICATION,
        IssuedNumber.issued_at >= change.made_at,
        ended_at=at,
    )
    _note(session, change, "contact_objected", None, None, at)
    return True


def judge(
    session: Session,
    change: ContactChange,
    staff: Staff,
    reason: str,
    at: datetime,
    *,
    upheld: bool,
) -> bool:
    """Decide on an objection; say whether it was open.

    Raises RuleError as `contact_changes.refuse_partial` does.
    """
    if not contact_changes.judge(session, change, staff, reason, at, upheld=upheld):
        return False
    action = "objection_upheld" if upheld else "objection_dismissed"
    _note(session, change, action, staff.actor, reason, at)
    if upheld:
        _put_right(session, change, staff, at)
    return True


def _put_right(session: Session, change: ContactChange, staff: Staff, at: datetime) -> None:
    """Give her the phone back that she had, and end what was bound since."""
    if change.kind == ContactKind.PHONE:
        origin = Origin(
            school_id=change.school_id,
            source=Source.IMPORT,
            source_name="异议成立",
            by=events.UNDONE,
            recorded_by=staff.actor,
            at=at,
        )
        before = {"phone_sealed": change.phone_sealed, "phone_index": change.phone_index}
        registration.record(session, origin, [Proposal(change.graduate_id, basics=before)])
    since = select(Binding.graduate_id).where(
        Binding.graduate_id == change.graduate_id,
        Binding.ended_at.is_(None),
        Binding.bound_at >= change.made_at,
        Binding.openid.is_distinct_from(change.openid),
    )
    if session.scalar(since) is not None:
        bind.end(session, change.graduate_id, reason="objection", by="system", at=at)


def _note(
    session: Session,
    change: ContactChange,
    action: str,
    by: str | None,
    reason: str | None,
    at: datetime,
) -> None:
    """Keep in her log what was done, by herself where nobody else is named."""
    key = session.scalars(select(Graduate.key).where(Graduate.id == change.graduate_id)).one()
    actor = by or f"graduate:{key}"
    details = {"reason": reason} if reason else {}
    record = AuditRecord(actor, action, f"graduate:{key}", change.school_id, details)
    audit.note(session, record, at)
