"""The audit log (操作日志): who did what to which record, added in the doer's own transaction."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from registry.people import AuditEntry, Staff


def note(
    session: Session,
    staff: Staff,
    action: str,
    subject: str,
    at: datetime,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Keep that a member of staff did `action` to `subject`; details hold no personal data."""
    entry = AuditEntry(
        at=at,
        actor=f"staff:{staff.key}",
        action=action,
        subject=subject,
        school_id=staff.school_id,
        details=dict(details or {}),
    )
    session.add(entry)
