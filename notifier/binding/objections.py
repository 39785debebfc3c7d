"""What follows from an objection to a change of phone or binding, and from what is decided on it.

From the objection on she authorizes nothing, gets no number and binds nothing, and what was
authorized since the change lapses. Where it is upheld her phone and number are again what they
were, another record loses the phone that is not hers, and whoever was bound since is bound no more.
Other changes of hers wait on: she objects to each, or somebody releases them.
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
    either = [each for each in (change.graduate_id, change.other_id) if each is not None]
    in_force.lock(session, change.school_id, either)
    if not contact_changes.object_to(session, change.id, clean(words)[:LONGEST], at):
        return False
    move(
        session,
        ISSUED_NUMBER,
        IssuedNumber.standing,
        NumberEvent.LAPSE,
        IssuedNumber.graduate_id.in_(either),
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
    """Give her back what she had, take her phone's successor away, and end what was bound since."""
    stood = session.get_one(Graduate, change.graduate_id)
    proposals = [Proposal(stood.id, basics=_before(change))] if _before(change) else []
    false = _false_phone(session, change, stood)
    if false is not None:
        proposals += _without(session, stood, false)
    origin = Origin(
        school_id=change.school_id,
        source=Source.IMPORT,
        source_name="异议成立",
        by=events.UNDONE,
        recorded_by=staff.actor,
        at=at,
    )
    registration.record(session, origin, proposals)
    _end_what_was_bound(session, change, at)


def _false_phone(session: Session, change: ContactChange, stood: Graduate) -> str | None:
    """Return the phone that is not hers; None where none is, or the other record is gone."""
    if change.kind == ContactKind.PHONE:
        return stood.phone_index
    other = session.get(Graduate, change.other_id) if change.other_id else None
    if change.kind != ContactKind.RECORD or other is None or other.phone_index == stood.phone_index:
        return None
    return other.phone_index


def _before(change: ContactChange) -> dict[str, str | None]:
    """Return what is put back."""
    if change.kind == ContactKind.PHONE:
        return {"phone_sealed": change.phone_sealed, "phone_index": change.phone_index}
    if change.kind == ContactKind.IDENTITY:
        return {
            "identity_sealed": change.identity_sealed,
            "identity_index": change.identity_index,
        }
    return {}


def _without(session: Session, stood: Graduate, false: str) -> list[Proposal]:
    """Return that her other records have the phone no more that is not hers."""
    others = session.scalars(
        select(Graduate.id).where(
            Graduate.school_id == stood.school_id,
            Graduate.identity_index == stood.identity_index,
            Graduate.id != stood.id,
            Graduate.phone_index == false,
        )
    )
    none = {"phone_sealed": None, "phone_index": None}
    return [Proposal(each, basics=none) for each in others]


def _end_what_was_bound(session: Session, change: ContactChange, at: datetime) -> None:
    """End the bindings since to other WeChats than hers; of the other record, all of those."""
    since = (Binding.graduate_id == change.graduate_id) & (Binding.bound_at >= change.made_at)
    foreign = session.scalars(
        select(Binding.graduate_id)
        .where(
            since | (Binding.graduate_id == change.other_id),
            Binding.ended_at.is_(None),
            Binding.openid.is_distinct_from(change.openid),
        )
        .order_by(Binding.graduate_id)
    ).all()
    for each in foreign:
        bind.end(session, each, reason="objection", by="system", at=at)


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
