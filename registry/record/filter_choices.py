"""What the filters of a list offer: years, departments, levels, majors, classes of a scope."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import Session

from registry.accounts.school_tables import Department
from registry.accounts.tables import Role, Staff, StaffCharge
from registry.base.database import BigId
from registry.base.detached import read_rows
from registry.codes.code_tables import LEVEL
from registry.record.scope import MADE, Scope, made_for, not_ended, within
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
    """Return the years the scope has graduates of, newest first: a look at the index for each."""
    made, values = made_for(scope)
    return [year for (year,) in read_rows(session, _years(made), values) if year is not None]


@lru_cache(MADE)
def _years(scope: Scope) -> Select[int | None]:
    newest = select(func.max(Graduate.year).label("year")).where(within(scope), not_ended())
    found = newest.cte("found", recursive=True)
    before = newest.where(Graduate.year < found.c.year).scalar_subquery()
    found = found.union_all(select(before).where(found.c.year.is_not(None)))
    return select(found.c.year)


MOST_OFFERED = 20
"""Values that are offered for what was typed."""
SEARCHED = {"major": Graduate.major, "class": Graduate.class_name}
"""What a list is narrowed by that a school has hundreds of, by the name in an address."""


def containing(session: Session, scope: Scope, year: int, name: str, words: str) -> list[str]:
    """Return the majors or classes of a year whose name contains words, some of them, in order."""
    column = SEARCHED[name]
    wanted = select(column).where(
        within(scope),
        Graduate.year == year,
        column != "",
        column.contains(words.strip(), autoescape=True),
    )
    return list(session.scalars(wanted.distinct().order_by(column).limit(MOST_OFFERED)))


def levels() -> list[str]:
    """Return the codes of all levels (学历): a list offers them without reading a year."""
    return list(LEVEL.codes)


def counsellors(session: Session, scope: Scope) -> list[tuple[str, str]]:
    """Return key and name of the counsellors of the school, by name."""
    return [
        (key, name) for key, name in read_rows(session, _COUNSELLORS, {"school": scope.school_id})
    ]


_COUNSELLORS = (
    select(Staff.key, Staff.name)
    .where(Staff.school_id == bindparam("school", type_=BigId), Staff.role == Role.COUNSELLOR)
    .order_by(Staff.name, Staff.id)
)


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
    made, values = made_for(scope)
    return [(key, name) for key, name in read_rows(session, _departments(made), values)]


@lru_cache(MADE)
def _departments(scope: Scope) -> Select[str, str]:
    statement = select(Department.key, Department.name).where(
        Department.school_id == scope.school_id
    )
    if scope.department_id is not None:
        statement = statement.where(Department.id == scope.department_id)
    if scope.counsellor_id is not None:
        hers = select(StaffCharge.department_id).where(StaffCharge.staff_id == scope.counsellor_id)
        statement = statement.where(Department.id.in_(hers))
    return statement.order_by(Department.name)
