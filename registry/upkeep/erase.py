"""Erasing one person on request: every row about her goes; that it was done stays in the audit log.

Source: Personal Information Protection Law, articles 15 and 47. Whoever erases has checked that no
duty to keep the record stands against it (evidence is kept three years for inspections). What
goes by itself when its term is over: `registry.base.retention`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, CompoundSelect, Select, delete, select, union_all
from sqlalchemy.orm import Session

from registry.accounts import audit
from registry.accounts.audit import AuditRecord
from registry.accounts.audit_log.tables import AuditDetail
from registry.accounts.school_tables import School
from registry.accounts.tables import AuditEntry, OneTimeCode, UnsentForm, WebSession
from registry.base import files
from registry.base.database import Base, one_of, one_of_texts
from registry.base.errors import RuleError
from registry.base.file_tables import StoredFile
from registry.breaches.tables import BreachFile, BreachReport, BreachStep
from registry.interface.tables import FeedChange, SourceRecord
from registry.numbers.posting.tables import Posting
from registry.numbers.tables import Authentication, IssuedNumber, Lookup
from registry.province.forwarding_tables import ForwardedEntry, Forwarding
from registry.record.contact_tables import ContactChange
from registry.record.list_tables import SelectedGraduate
from registry.record.privacy_tables import Consent
from registry.record.province_tables import ProvinceEntry
from registry.record.tables import Confirmation, Graduate, Registration
from registry.review.tables import Application, Evidence, ReviewStep
from registry.roster.tables import ImportChange
from registry.signing.paper_tables import AgreementPaper
from registry.signing.supplement_tables import Supplement
from registry.signing.tables import Agreement, Invitation, OfflineRequest, TermsVersion, Voiding
from registry.signing.termination_tables import Termination, TerminationDocument, TerminationStep
from registry.tasks.earlier_tables import OfficeTaskPerson
from registry.tasks.tables import Task, TaskApplication, TaskPerson
from registry.upkeep import earlier_names, task_traces

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
    """Delete all the record has of a graduate, who has no messages any more.

    Raises RuleError `task_running` while a task is at work whose file may name her.
    """
    task_traces.refuse_running(session, graduate)
    names = earlier_names.of(session, graduate)
    counts = delete_records(session, [graduate.id])
    counts["stored_file"] += task_traces.erase(session, graduate, names)
    record = AuditRecord(
        reason.by,
        "graduate.erased",
        f"graduate:{graduate.key}",
        graduate.school_id,
        {"why": reason.why},
    )
    audit.note(session, record, reason.at)
    return counts


def delete_records(session: Session, ids: Sequence[int]) -> dict[str, int]:
    """Delete graduates with every row about them; return how many of each table went."""
    counts: dict[str, int] = {"audit_detail": _take_out_of_log(session, ids)}
    theirs = session.scalars(_files_of(session, ids)).all()
    for table, condition in _rows_of(session, ids):
        counts[table.__tablename__] = delete_rows(session, table, condition)
    mine = one_of(session, StoredFile.id, [each for each in theirs if each is not None])
    counts["stored_file"] = files.forget(session, mine)
    delete_rows(session, Graduate, one_of(session, Graduate.id, ids))
    return counts


def _take_out_of_log(session: Session, ids: Sequence[int]) -> int:
    """Delete what the log says of them: that something was done, when and by whom stays."""
    found = session.execute(
        select(Graduate.school_id, Graduate.key).where(one_of(session, Graduate.id, ids))
    )
    subjects = dict[int, list[str]]()
    for school_id, key in found:
        subjects.setdefault(school_id, []).append(f"{audit.GRADUATE}{key}")
    number = 0
    for school_id, names in subjects.items():
        said = select(AuditEntry.detail).where(
            AuditEntry.school_id.in_(audit.schools_of(school_id)),
            one_of_texts(session, AuditEntry.subject, names),
            AuditEntry.detail.is_not(None),
        )
        number += delete_rows(session, AuditDetail, AuditDetail.digest.in_(said))
    return number


def delete_rows(session: Session, table: type[Base], condition: ColumnElement[bool]) -> int:
    """Delete rows of a table; return how many."""
    key = next(iter(table.__table__.primary_key))
    gone = session.scalars(
        delete(table).where(condition).returning(key).execution_options(synchronize_session=False)
    )
    return len(gone.all())


def _files_of(session: Session, ids: Sequence[int]) -> CompoundSelect[int | None]:
    return union_all(
        select(Evidence.file_id).where(
            one_of(session, Evidence.graduate_id, ids), Evidence.file_id.is_not(None)
        ),
        select(TerminationDocument.file_id).where(
            one_of(session, TerminationDocument.graduate_id, ids),
            TerminationDocument.file_id.is_not(None),
        ),
        select(BreachFile.file_id).where(
            BreachFile.report_id.in_(_reports(session, ids)), BreachFile.file_id.is_not(None)
        ),
        select(Task.file_id).where(
            one_of(session, Task.graduate_id, ids), Task.file_id.is_not(None)
        ),
        select(Forwarding.file_id)
        .join(ForwardedEntry, ForwardedEntry.forwarding_id == Forwarding.id)
        .where(one_of(session, ForwardedEntry.graduate_id, ids), Forwarding.file_id.is_not(None)),
    )


def _reports(session: Session, ids: Sequence[int]) -> Select[int]:
    return select(BreachReport.id).where(one_of(session, BreachReport.graduate_id, ids))


_OF_GRADUATES = (
    *(Authentication, TerminationDocument, Termination, Supplement, AgreementPaper),
    *(Agreement, Invitation, SelectedGraduate, TaskApplication),
    *(
        OfflineRequest,
        Evidence,
        Application,
        ForwardedEntry,
        ProvinceEntry,
        SourceRecord,
        FeedChange,
    ),
    *(Confirmation, Registration, Consent, BreachReport, Posting),
    *(ImportChange, TaskPerson, Task, OfficeTaskPerson, OneTimeCode, WebSession, UnsentForm),
    ContactChange,
)
"""Tables that name the graduate themselves, what points to others before what it points to."""


def _rows_of(
    session: Session, ids: Sequence[int]
) -> Iterator[tuple[type[Base], ColumnElement[bool]]]:
    """Yield what is about them, what points to other rows before what it points to."""
    numbers = select(IssuedNumber.id).where(one_of(session, IssuedNumber.graduate_id, ids))
    applications = select(Application.id).where(one_of(session, Application.graduate_id, ids))
    agreements = select(Agreement.id).where(one_of(session, Agreement.graduate_id, ids))
    yield Lookup, Lookup.number_id.in_(numbers) | Lookup.agreement_id.in_(agreements)
    yield IssuedNumber, one_of(session, IssuedNumber.graduate_id, ids)
    yield TermsVersion, TermsVersion.agreement_id.in_(agreements)
    yield Voiding, Voiding.agreement_id.in_(agreements)
    terminations = select(Termination.id).where(one_of(session, Termination.graduate_id, ids))
    yield TerminationStep, TerminationStep.termination_id.in_(terminations)
    yield ReviewStep, ReviewStep.application_id.in_(applications)
    for of_report in (BreachStep, BreachFile):
        yield of_report, of_report.report_id.in_(_reports(session, ids))
    for table in _OF_GRADUATES:
        yield table, one_of(session, table.graduate_id, ids)
