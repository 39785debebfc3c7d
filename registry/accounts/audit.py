"""The audit log (操作日志): who did what to which record, added in the doer's own transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.accounts.tables import AuditEntry, Staff
from registry.base.bulk_rows import insert_rows


@dataclass(frozen=True)
class AuditRecord:
    """What somebody did. No personal data that an erasure does not take out."""

    actor: str
    """`staff:<key>`, `graduate:<key>`, `system`, `command`."""
    action: str
    subject: str
    school_id: int | None
    details: Mapping[str, Any] = field(default_factory=dict)


def by_staff(
    staff: Staff, action: str, subject: str = "", details: Mapping[str, Any] | None = None
) -> AuditRecord:
    """Return what a member of staff did, to their own account where no subject is named."""
    return AuditRecord(staff.actor, action, subject or staff.actor, staff.school_id, details or {})


def note(session: Session, record: AuditRecord, at: datetime) -> None:
    """Keep what was done."""
    session.add(AuditEntry(**_entry(record, at)))


def note_all(session: Session, records: Sequence[AuditRecord], at: datetime) -> None:
    """Keep many records at once."""
    insert_rows(session, AuditEntry, [_entry(each, at) for each in records])


def find(session: Session, school_id: int, action: str, subject: str) -> AuditEntry | None:
    """Return the entry of an action that a school's log holds once for this subject."""
    return session.scalar(
        select(AuditEntry).where(
            AuditEntry.school_id == school_id,
            AuditEntry.subject == subject,
            AuditEntry.action == action,
        )
    )


class Done(NamedTuple):
    """Something that was done, and by whom: None where it was no member of staff."""

    at: datetime
    name: str | None
    action: str
    details: Mapping[str, Any]


def recent(session: Session, school_id: int, subject: str, limit: int = 20) -> list[Done]:
    """Return what was last done to something of a school, newest first."""
    rows = session.execute(
        select(AuditEntry.at, Staff.name, AuditEntry.action, AuditEntry.details)
        .outerjoin(Staff, AuditEntry.actor == "staff:" + Staff.key)
        .where(AuditEntry.school_id == school_id, AuditEntry.subject == subject)
        .order_by(AuditEntry.id.desc())
        .limit(limit)
    )
    return [Done(*row) for row in rows]


def _entry(record: AuditRecord, at: datetime) -> dict[str, Any]:
    return {
        "at": at,
        "actor": record.actor,
        "action": record.action,
        "subject": record.subject,
        "school_id": record.school_id,
        "details": dict(record.details),
    }
