"""Student numbers (学号) written lately: a campus's word for one proves nobody by it.

Who can change her number, or make another record in her name, could otherwise write the number of
somebody who signs in at the campus, and bind that person's WeChat to all her records.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.accounts import audit
from registry.accounts.audit import AuditRecord
from registry.accounts.tables import AuditEntry
from registry.base.database import one_of
from registry.record.record_moves import RecordMove
from registry.record.tables import Graduate

ACTION = "student_number_changed"
NUMBER, NUMBER_TITLE = "student_number", "学号"
BELIEVED_AFTER = timedelta(days=30)
"""As long as she can object to a change of phone."""


def note(session: Session, moves: Sequence[RecordMove], by: str, at: datetime) -> None:
    """Say in the log of each whose student number becomes another, and which it was.

    Lists name her by the earlier one for as long as they are kept: an erasure reads it here.
    """
    changed = {move.graduate_id: move for move in moves if NUMBER in move.basics}
    if not changed:
        return
    columns = (Graduate.id, Graduate.key, Graduate.school_id)
    who = select(*columns).where(one_of(session, Graduate.id, list(changed)))
    records = [
        AuditRecord(by, ACTION, f"{audit.GRADUATE}{key}", school, _details(changed[ident]))
        for ident, key, school in session.execute(who)
    ]
    audit.note_all(session, records, at)


def _details(move: RecordMove) -> dict[str, Any]:
    return {"changes": audit.changes({NUMBER: NUMBER_TITLE}, move.stood, move.basics)}


def is_new(session: Session, graduate: Graduate, at: datetime) -> bool:
    """Say whether somebody wrote her student number too lately to believe it.

    That of her only record at the school is believed at once.
    """
    if graduate.created_at > at - BELIEVED_AFTER and _has_another(session, graduate):
        return True
    wanted = select(AuditEntry.id).where(
        AuditEntry.subject == f"{audit.GRADUATE}{graduate.key}",
        AuditEntry.action == ACTION,
        AuditEntry.at > at - BELIEVED_AFTER,
    )
    return session.scalar(wanted.limit(1)) is not None


def _has_another(session: Session, graduate: Graduate) -> bool:
    """Say whether the school has another record of her identity number."""
    wanted = select(Graduate.id).where(
        Graduate.school_id == graduate.school_id,
        Graduate.identity_index == graduate.identity_index,
        Graduate.id != graduate.id,
    )
    return session.scalar(wanted.limit(1)) is not None
