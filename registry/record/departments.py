"""The departments of a school, and how many people and accounts each has."""

from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.accounts.school_tables import Department
from registry.accounts.tables import Staff
from registry.base.errors import NotFound
from registry.record.scope import not_ended
from registry.record.tables import Graduate


class ListedDepartment(NamedTuple):
    """A department in the list."""

    key: str
    name: str
    people: int
    """Of all cohorts, without ended records."""
    staff: int


def of_school(session: Session, school_id: int) -> list[ListedDepartment]:
    """Return all departments of a school, by name."""
    people = (
        select(Graduate.department_id, func.count().label("number"))
        .where(Graduate.school_id == school_id, not_ended())
        .group_by(Graduate.department_id)
        .subquery()
        .c
    )
    staff = (
        select(Staff.department_id, func.count().label("number"))
        .where(Staff.school_id == school_id)
        .group_by(Staff.department_id)
        .subquery()
        .c
    )
    wanted = (
        select(
            *(Department.key, Department.name),
            *(func.coalesce(people.number, 0), func.coalesce(staff.number, 0)),
        )
        .outerjoin(people.number.table, people.department_id == Department.id)
        .outerjoin(staff.number.table, staff.department_id == Department.id)
        .where(Department.school_id == school_id)
        .order_by(Department.name)
    )
    return [ListedDepartment(*row) for row in session.execute(wanted)]


def find(session: Session, school_id: int, key: str) -> Department:
    """Return a department of a school by its key; raise NotFound for others'."""
    found = session.scalar(
        select(Department).where(Department.school_id == school_id, Department.key == key)
    )
    if found is None:
        raise NotFound("院系")
    return found
