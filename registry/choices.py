"""What the filters of a list offer: years, departments, levels, majors, classes of a scope."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from registry.scope import Scope, within
from registry.tables import Department, Graduate

MOST_CHOICES = 500


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
    found = session.scalars(select(Graduate.year).where(within(scope)).distinct())
    return sorted(found, reverse=True)


def choices(session: Session, scope: Scope, year: int) -> Choices:
    """Return what there is to choose from in one year."""
    return Choices(
        departments=departments(session, scope),
        levels=_distinct(session, scope, year, Graduate.level),
        majors=_distinct(session, scope, year, Graduate.major),
        class_names=_distinct(session, scope, year, Graduate.class_name),
    )


def departments(session: Session, scope: Scope) -> list[tuple[str, str]]:
    """Return key and name of the departments in scope, by name."""
    statement = select(Department.key, Department.name).where(
        Department.school_id == scope.school_id
    )
    if scope.department_id is not None:
        statement = statement.where(Department.id == scope.department_id)
    return list(session.execute(statement.order_by(Department.name)))


def _distinct(
    session: Session, scope: Scope, year: int, column: InstrumentedAttribute[str]
) -> list[str]:
    statement = select(column).where(within(scope), Graduate.year == year, column != "")
    return list(session.scalars(statement.distinct().order_by(column).limit(MOST_CHOICES)))
