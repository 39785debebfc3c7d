"""What the filters of a list offer: years, departments, levels, majors, classes of a scope."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.accounts.school_tables import Department
from registry.accounts.tables import StaffCharge
from registry.record.scope import Scope, not_ended, within
from registry.record.tables import Graduate


@dataclass(frozen=True)
class Choices:
    """What the filters of a list offer."""

    departments: list[tuple[str, str]]
    """Key and name."""
    levels: list[str]
    majors: list[str]
    class_names: list[str]


def years(session: Session, scope: Scope) -> list[int]:
    """Return the years the scope has graduates of, newest first."""
    found = session.scalars(select(Graduate.year).where(within(scope), not_ended()).distinct())
    return sorted(found, reverse=True)


def choices(session: Session, scope: Scope, year: int) -> Choices:
    """Return what there is to choose from in one year."""
    statement = select(Graduate.level, Graduate.major, Graduate.class_name)
    statement = statement.where(within(scope), Graduate.year == year).distinct()
    found = session.execute(statement).all()  # one pass over the year, not one for each column
    return Choices(
        departments=departments(session, scope),
        levels=_offered(row.level for row in found),
        majors=_offered(row.major for row in found),
        class_names=_offered(row.class_name for row in found),
    )


def _offered(values: Iterable[str]) -> list[str]:
    return sorted({*values} - {""})


def departments(session: Session, scope: Scope) -> list[tuple[str, str]]:
    """Return key and name of the departments in scope, by name."""
    statement = select(Department.key, Department.name).where(
        Department.school_id == scope.school_id
    )
    if scope.department_id is not None:
        statement = statement.where(Department.id == scope.department_id)
    if scope.counsellor_id is not None:
        hers = select(StaffCharge.department_id).where(StaffCharge.staff_id == scope.counsellor_id)
        statement = statement.where(Department.id.in_(hers))
    return list(session.execute(statement.order_by(Department.name)))
