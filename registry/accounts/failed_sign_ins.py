"""Sign-ins that failed, in the audit log: whose account, from where, and why."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.accounts import audit
from registry.accounts.audit import STRANGER, AuditRecord
from registry.accounts.campus_accounts import CampusPerson
from registry.accounts.staff import normalised
from registry.accounts.tables import Staff
from registry.base.crypto import Vault
from registry.base.errors import RuleError

LOGIN = "audit login"
"""The purpose of the blind index of a login that nobody has."""
DIGITS = 16


def note_campus(
    session: Session,
    vault: Vault,
    person: CampusPerson,
    way: str,
    refusal: RuleError,
    at: datetime,
) -> None:
    """Keep that somebody whom a campus signed in was not let in here, in the log of the school.

    The number is kept as an index alone: most are of students.
    """
    subject = f"login:{vault.index(LOGIN, person.number)[:DIGITS]}"
    said = {"reason": refusal.sentence, "code": refusal.code, "way": way}
    school_id = person.school_id or None
    audit.note(session, AuditRecord(STRANGER, "sign_in_failed", subject, school_id, said), at)


def note(session: Session, vault: Vault, login: str, refusal: RuleError, at: datetime) -> None:
    """Keep that a sign-in failed, in the log of whose account was meant.

    Of a login that nobody has only an index is kept: people type passwords and identity numbers
    into that field. Either way it is one query and one row, so the time tells nothing.
    """
    name = normalised(login)
    staff = session.scalar(select(Staff).where(Staff.login == name))
    said = {"reason": refusal.sentence, "code": refusal.code}
    subject = staff.actor if staff else f"login:{vault.index(LOGIN, name)[:DIGITS]}"
    school, province = (staff.school_id, staff.province) if staff else (None, None)
    if staff:
        said["login"] = name
    record = AuditRecord(STRANGER, "sign_in_failed", subject, school, said, province=province)
    audit.note(session, record, at)
