"""What a counsellor (辅导员) looks after: classes and majors, and how many people."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Select, and_, delete, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from registry.accounts.school_tables import Department
from registry.accounts.tables import Role, Staff, StaffCharge
from registry.base.errors import RuleError
from registry.record.cohort import cohort_in_season
from registry.record.scope import Scope, not_ended, within
from registry.record.tables import Graduate

MOST = 200
"""Classes and majors of one counsellor."""


class Charge(NamedTuple):
    """A class or a major in a counsellor's charge."""

    department: str
    """Its name."""
    class_name: str
    major: str
    people: int
    """Of all cohorts, without ended records."""


class Offered(NamedTuple):
    """What of a department a counsellor may be given, and what she has of it."""

    classes: list[str]
    majors: list[str]
    chosen_classes: set[str]
    chosen_majors: set[str]


def of_counsellor(session: Session, staff_id: int) -> list[Charge]:
    """Return what a counsellor looks after, by department."""
    mine = or_(
        and_(StaffCharge.class_name != "", Graduate.class_name == StaffCharge.class_name),
        and_(StaffCharge.major != "", Graduate.major == StaffCharge.major),
    )
    people = select(func.count()).where(
        Graduate.department_id == StaffCharge.department_id, not_ended(), mine
    )
    wanted = (
        select(
            *(Department.name, StaffCharge.class_name, StaffCharge.major),
            people.scalar_subquery(),
        )
        .join(Department, Department.id == StaffCharge.department_id)
        .where(StaffCharge.staff_id == staff_id)
        .order_by(Department.name, StaffCharge.major, StaffCharge.class_name)
    )
    return [Charge(*row) for row in session.execute(wanted)]


def offered(session: Session, staff_id: int, department: Department, at: datetime) -> Offered:
    """Return the classes and majors of a department, of the cohort in season and the years around.

    What the counsellor has is among them, whichever cohort it is of.
    """
    rows = session.execute(
        select(Graduate.class_name, Graduate.major)
        .where(Graduate.department_id == department.id, Graduate.year >= cohort_in_season(at) - 1)
        .distinct()
    ).all()
    held = session.scalars(
        select(StaffCharge).where(
            StaffCharge.staff_id == staff_id, StaffCharge.department_id == department.id
        )
    ).all()
    classes, majors = ({getattr(each, name) for each in held} - {""} for name in _COLUMNS)
    return Offered(
        sorted({*classes, *(row.class_name for row in rows)} - {""}),
        sorted({*majors, *(row.major for row in rows)} - {""}),
        classes,
        majors,
    )


def of_department(session: Session, staff_id: int, department_id: int) -> dict[str, list[str]]:
    """Return the classes and majors of a department that a counsellor has, by column, in order."""
    held = session.scalars(
        select(StaffCharge).where(
            StaffCharge.staff_id == staff_id, StaffCharge.department_id == department_id
        )
    ).all()
    return {name: sorted({getattr(each, name) for each in held} - {""}) for name in _COLUMNS}


_COLUMNS = ("class_name", "major")


def charge_with(
    session: Session,
    counsellor: Staff,
    department: Department,
    classes: Collection[str],
    majors: Collection[str],
) -> None:
    """Have a counsellor look after these classes and majors of a department, and no others of it.

    Raises RuleError `charge_unknown` for one that nobody of the department is of, or
    `too_many_charges`.
    """
    _lock(session, counsellor)
    _check(session, department, Graduate.class_name, classes)
    _check(session, department, Graduate.major, majors)
    session.execute(
        delete(StaffCharge).where(
            StaffCharge.staff_id == counsellor.id, StaffCharge.department_id == department.id
        )
    )
    about = {"staff_id": counsellor.id, "department_id": department.id}
    session.add_all(StaffCharge(**about, class_name=each) for each in sorted(set(classes)))
    session.add_all(StaffCharge(**about, major=each) for each in sorted(set(majors)))
    session.flush()
    _refuse_too_many(session, counsellor)


class ClassChosen(NamedTuple):
    """A class that people of a selection are of."""

    department_id: int
    department: str
    class_name: str
    """Empty for those who are of none."""
    chosen: int


def classes_of(session: Session, scope: Scope, people: Select[int]) -> list[ClassChosen]:
    """Return the classes of graduates of the scope, by department, and how many are of each."""
    columns = (Graduate.department_id, Department.name, Graduate.class_name)
    wanted = (
        select(*columns, func.count())
        .join(Department, Department.id == Graduate.department_id)
        .where(within(scope), Graduate.id.in_(people))
        .group_by(*columns)
        .order_by(Department.name, Graduate.class_name)
    )
    return [ClassChosen(*row) for row in session.execute(wanted)]


def add_classes(
    session: Session, counsellor: Staff, classes: Collection[ClassChosen]
) -> list[ClassChosen]:
    """Have a counsellor look after more classes; return those she did not have.

    Raises RuleError `too_many_charges`.
    """
    _lock(session, counsellor)
    mine = select(StaffCharge.department_id, StaffCharge.class_name).where(
        StaffCharge.staff_id == counsellor.id
    )
    held = {(row.department_id, row.class_name) for row in session.execute(mine)}
    new = [
        each
        for each in classes
        if each.class_name and (each.department_id, each.class_name) not in held
    ]
    session.add_all(
        StaffCharge(
            staff_id=counsellor.id, department_id=each.department_id, class_name=each.class_name
        )
        for each in new
    )
    session.flush()
    _refuse_too_many(session, counsellor)
    return new


def _lock(session: Session, counsellor: Staff) -> None:
    """Have who changes a counsellor's classes at the same time come one after the other."""
    session.execute(select(Staff.id).where(Staff.id == counsellor.id).with_for_update())


def _refuse_too_many(session: Session, counsellor: Staff) -> None:
    held = select(func.count()).where(StaffCharge.staff_id == counsellor.id)
    if session.scalars(held).one() > MOST:
        raise RuleError("too_many_charges", f"一位辅导员最多分管 {MOST} 个班级和专业。")


def find_counsellor(session: Session, school_id: int, key: str) -> Staff:
    """Return a counsellor of a school; raise RuleError `counsellor_unknown`."""
    found = session.scalar(
        select(Staff).where(
            Staff.key == key, Staff.school_id == school_id, Staff.role == Role.COUNSELLOR
        )
    )
    if found is None:
        raise RuleError("counsellor_unknown", "请选择辅导员。", "counsellor")
    return found


def _check(
    session: Session,
    department: Department,
    column: InstrumentedAttribute[str],
    wanted: Collection[str],
) -> None:
    known = select(column).where(Graduate.department_id == department.id, column.in_(wanted))
    missing = set(wanted) - set(session.scalars(known.distinct()))
    if missing:
        raise RuleError("charge_unknown", f"{department.name}没有“{min(missing)}”，请重新选择。")
