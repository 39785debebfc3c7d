"""Merging two departments or two schools: every row that names one then names the other.

What is unique in each of both (a year's rules, a kept reason) is settled first, so that moving the
rows loses nothing; what would lose something is found by `registry.upkeep.merge_conflicts` and
refuses the merge. Rows of messages are moved by `notifier.campaigns.merge`, which is what doors
call.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from registry.accounts import audit
from registry.accounts.employer_tables import Employer
from registry.accounts.school_tables import Department, School
from registry.accounts.tables import Staff, StaffCharge
from registry.base.file_tables import StoredFile
from registry.base.moves import move
from registry.breaches.tables import BreachReport
from registry.interface import sync_days
from registry.interface.tables import SourceRecord, SyncDay
from registry.numbers.posting.tables import Posting
from registry.record import list_views
from registry.record.contact_tables import ContactChange
from registry.record.list_tables import ListView, Selection
from registry.record.privacy_tables import PrivacyNotice
from registry.record.province_tables import ProvinceBatch
from registry.record.tables import Graduate
from registry.review.tables import Application, ReviewReason, Season
from registry.roster.tables import ImportChange
from registry.signing.employer_papers import Certification
from registry.signing.employer_states import (
    CERTIFICATION,
    CertificationEvent,
    CertificationState,
)
from registry.signing.tables import Qualification
from registry.tasks.earlier_tables import OfficeTask, RosterImport
from registry.tasks.tables import Task
from registry.upkeep import merge_conflicts

Column = InstrumentedAttribute[int] | InstrumentedAttribute[int | None]

SCHOOL_COLUMNS: tuple[Column, ...] = (
    *(Department.school_id, Graduate.school_id, Application.school_id, Season.school_id),
    *(ReviewReason.school_id, ProvinceBatch.school_id, Staff.school_id, Task.school_id),
    *(StoredFile.school_id, PrivacyNotice.school_id, ContactChange.school_id),
    *(RosterImport.school_id, OfficeTask.school_id),
    *(Employer.school_id, Qualification.school_id, Certification.school_id),
    *(BreachReport.school_id, SourceRecord.school_id, SyncDay.school_id),
    *(Posting.school_id, Selection.school_id, ListView.school_id),
)
"""Every column of the record that names a school; a test compares them with all tables."""
DEPARTMENT_COLUMNS: tuple[Column, ...] = (
    *(Graduate.department_id, Application.department_id, Staff.department_id),
    *(StaffCharge.department_id, Task.department_id, OfficeTask.department_id),
    ImportChange.department_id,
)
"""Every column of the record that names a department, as above."""


def lock_schools(session: Session, *ids: int) -> None:
    """Lock schools, so that nothing is added to them until the transaction ends."""
    for ident in sorted(ids):
        session.get_one(School, ident, with_for_update=True, populate_existing=True)


def same_named(session: Session, source: int, target: int) -> list[tuple[Department, Department]]:
    """Return the departments of one name in both schools: the first school's and the other's."""
    other = aliased(Department)
    wanted = (
        select(Department, other)
        .join(other, other.name == Department.name)
        .where(Department.school_id == source, other.school_id == target)
        .order_by(Department.name)
    )
    return [(mine, theirs) for mine, theirs in session.execute(wanted)]


def merge_departments(
    session: Session, source: int, target: int, more: Iterable[Column] = ()
) -> None:
    """Move every row of a department to another, and delete it; `more` columns, too."""
    _move(session, (*DEPARTMENT_COLUMNS, *more), source, target)
    _delete(session, Department, source)


def merge_schools(session: Session, source: int, target: int, more: Iterable[Column] = ()) -> None:
    """Move every row of a school to another, and delete it; `more` columns, too.

    The doors have merged the departments of one name before, and found no conflict.
    """
    _settle_seasons(session, source, target)
    _settle_reasons(session, source, target)
    _settle_qualifications(session, source, target)
    _settle_papers(session, source, target)
    _settle_notices(session, source, target)
    sync_days.settle(session, source, target)
    list_views.make_room(session, source, target)
    _move(session, (*SCHOOL_COLUMNS, *more), source, target)
    audit.keep_merged(session, source, target)
    _delete(session, School, source)


def _move(session: Session, columns: Sequence[Column], source: int, target: int) -> None:
    session.flush()
    for column in columns:
        session.execute(
            update(column.class_.__table__)
            .where(column == source)
            .values({column.key: target})
            .execution_options(synchronize_session=False)
        )
    session.expire_all()


def _delete(session: Session, table: type[Department | School], ident: int) -> None:
    session.execute(
        delete(table).where(table.id == ident).execution_options(synchronize_session=False)
    )
    session.expire_all()


def _settle_seasons(session: Session, source: int, target: int) -> None:
    """Forget the rules of years that the other school's rules hold for from now on."""
    overruled = merge_conflicts.overruled_years(session, source, target)
    session.execute(delete(Season).where(Season.school_id == source, Season.year.in_(overruled)))


def _settle_reasons(session: Session, source: int, target: int) -> None:
    """Forget kept reasons that the other school has word for word."""
    theirs = select(ReviewReason.text).where(ReviewReason.school_id == target)
    session.execute(
        delete(ReviewReason)
        .where(ReviewReason.school_id == source, ReviewReason.text.in_(theirs.scalar_subquery()))
        .execution_options(synchronize_session=False)
    )


def _settle_qualifications(session: Session, source: int, target: int) -> None:
    """Forget what is said of employers that the other school has qualified or suspended itself."""
    theirs = select(Qualification.employer_id).where(Qualification.school_id == target)
    session.execute(
        delete(Qualification)
        .where(
            Qualification.school_id == source,
            Qualification.employer_id.in_(theirs.scalar_subquery()),
        )
        .execution_options(synchronize_session=False)
    )


def _settle_papers(session: Session, source: int, target: int) -> None:
    """Have the papers decided that the other school was handed, where both wait for the same."""
    theirs = aliased(Certification)
    waiting = theirs.state == CertificationState.WAITING
    both = select(theirs.employer_id).where(theirs.school_id == target, waiting)
    mine = (Certification.school_id == source, Certification.employer_id.in_(both))
    move(session, CERTIFICATION, Certification.state, CertificationEvent.REPLACE, *mine)


def _settle_notices(session: Session, source: int, target: int) -> None:
    """Have the other school's text on personal data hold, be it the default."""
    newest = select(func.max(PrivacyNotice.version)).where
    if session.scalar(newest(PrivacyNotice.school_id == target)) is not None:
        session.execute(delete(PrivacyNotice).where(PrivacyNotice.school_id == source))
        return
    last = session.scalar(
        select(PrivacyNotice)
        .where(PrivacyNotice.school_id == source)
        .order_by(PrivacyNotice.version.desc())
        .limit(1)
    )
    if last is not None:
        values = {"published_at": last.published_at, "published_by": "system"}
        row = PrivacyNotice(school_id=source, version=last.version + 1, text="", **values)
        session.add(row)
        session.flush()
