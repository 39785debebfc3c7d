"""Erasing one person on request: every row about her goes; that it was done stays in the audit log.

Source: Personal Information Protection Law, articles 15 and 47. Whoever erases has checked that no
duty to keep the record stands against it (evidence is kept three years for inspections).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, delete, select
from sqlalchemy.orm import Session

from registry.accounts import audit
from registry.accounts.audit import AuditRecord
from registry.accounts.audit_log.tables import AuditDetail
from registry.accounts.school_tables import School
from registry.accounts.tables import AuditEntry, OneTimeCode, WebSession
from registry.base.database import Base
from registry.base.errors import RuleError
from registry.base.file_tables import StoredFile
from registry.numbers.tables import Authentication, IssuedNumber, Lookup
from registry.record.contact_tables import ContactChange
from registry.record.province_tables import ProvinceEntry
from registry.record.tables import Confirmation, Graduate, Registration
from registry.review.tables import Application, Evidence, ReviewStep
from registry.roster.tables import ImportChange
from registry.signing.tables import Agreement, Invitation
from registry.tasks.earlier_tables import OfficeTaskPerson
from registry.tasks.tables import TaskPerson

Erased = Mapping[str, int]
"""How many rows of each table went."""


@dataclass(frozen=True)
class Reason:
    """Who erases, and why: kept in the audit log, so nothing personal."""

    by: str
    why: str
    at: datetime


def find(session: Session, named: str) -> Graduate:
    """Return the graduate with a key, or by `SCHOOL/STUDENT_NUMBER`, locked.

    Raises RuleError `graduate_unknown`, or `graduate_ambiguous` where a student number was given to
    graduates of several years.
    """
    code, _, number = named.partition("/")
    wanted = select(Graduate).where(Graduate.key == named)
    if number:
        of_school = select(School.id).where(School.code == code).scalar_subquery()
        wanted = select(Graduate).where(
            Graduate.school_id == of_school, Graduate.student_number == number
        )
    found = session.scalars(wanted.with_for_update()).all()
    if not found:
        raise RuleError(
            "graduate_unknown", "没有这位毕业生：请给出页面地址中的编号，或“院校代码/学号”。"
        )
    if len(found) > 1:
        sentence = "这个学号在不同届里有多位毕业生，请改用页面地址中的编号。"
        raise RuleError("graduate_ambiguous", sentence)
    return found[0]


def erase(session: Session, graduate: Graduate, reason: Reason) -> Erased:
    """Delete all the record has of a graduate, who has no messages any more."""
    counts: dict[str, int] = {}
    files = session.scalars(_files_of(graduate.id)).all()
    for table, condition in _rows_of(graduate.id):
        counts[table.__tablename__] = delete_rows(session, table, condition)
    counts["audit_detail"] = _take_out_of_log(session, graduate)
    counts["stored_file"] = delete_rows(session, StoredFile, StoredFile.id.in_(files))
    delete_rows(session, Graduate, Graduate.id == graduate.id)
    record = AuditRecord(
        reason.by,
        "graduate.erased",
        f"graduate:{graduate.key}",
        graduate.school_id,
        {"why": reason.why},
    )
    audit.note(session, record, reason.at)
    return counts


def _take_out_of_log(session: Session, graduate: Graduate) -> int:
    """Delete what the log says of her: that something was done, when and by whom stays."""
    hers = select(AuditEntry.detail).where(
        AuditEntry.school_id.in_(audit.schools_of(graduate.school_id)),
        AuditEntry.subject == f"{audit.GRADUATE}{graduate.key}",
        AuditEntry.detail.is_not(None),
    )
    return delete_rows(session, AuditDetail, AuditDetail.digest.in_(hers))


def delete_rows(session: Session, table: type[Base], condition: ColumnElement[bool]) -> int:
    """Delete rows of a table; return how many."""
    key = next(iter(table.__table__.primary_key))
    gone = session.scalars(
        delete(table).where(condition).returning(key).execution_options(synchronize_session=False)
    )
    return len(gone.all())


def _files_of(graduate_id: int) -> Select[int | None]:
    return select(Evidence.file_id).where(
        Evidence.graduate_id == graduate_id, Evidence.file_id.is_not(None)
    )


def _rows_of(graduate_id: int) -> list[tuple[type[Base], ColumnElement[bool]]]:
    """Return what is about her, what points to other rows before what it points to."""
    numbers = select(IssuedNumber.id).where(IssuedNumber.graduate_id == graduate_id)
    applications = select(Application.id).where(Application.graduate_id == graduate_id)
    return [
        (Lookup, Lookup.number_id.in_(numbers)),
        (IssuedNumber, IssuedNumber.graduate_id == graduate_id),
        (Authentication, Authentication.graduate_id == graduate_id),
        (Agreement, Agreement.graduate_id == graduate_id),
        (Invitation, Invitation.graduate_id == graduate_id),
        (Evidence, Evidence.graduate_id == graduate_id),
        (ReviewStep, ReviewStep.application_id.in_(applications)),
        (Application, Application.graduate_id == graduate_id),
        (ProvinceEntry, ProvinceEntry.graduate_id == graduate_id),
        (Confirmation, Confirmation.graduate_id == graduate_id),
        (Registration, Registration.graduate_id == graduate_id),
        (ImportChange, ImportChange.graduate_id == graduate_id),
        (TaskPerson, TaskPerson.graduate_id == graduate_id),
        (OfficeTaskPerson, OfficeTaskPerson.graduate_id == graduate_id),
        (ContactChange, ContactChange.graduate_id == graduate_id),
        (OneTimeCode, OneTimeCode.graduate_id == graduate_id),
        (WebSession, WebSession.graduate_id == graduate_id),
    ]
