"""The audit log (操作日志): who did what to which record, added in the doer's own transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from registry.accounts.tables import AuditEntry, Staff


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
    if records:
        session.execute(insert(AuditEntry), [_entry(each, at) for each in records])


def find(session: Session, school_id: int, action: str, subject: str) -> AuditEntry | None:
    """Return the entry of an action that a school's log holds once for this subject."""
    return session.scalar(
        select(AuditEntry).where(
            AuditEntry.school_id == school_id,
            AuditEntry.subject == subject,
            AuditEntry.action == action,
        )
    )


def _entry(record: AuditRecord, at: datetime) -> dict[str, Any]:
    return {
        "at": at,
        "actor": record.actor,
        "action": record.action,
        "subject": record.subject,
        "school_id": record.school_id,
        "details": dict(record.details),
    }
