"""Reading the counts that are kept (`registry.record.count_tables`), where they tell enough apart.

A page asks for counts by a `GraduateFilter`. Where the filter asks for nothing but what the kept
counts tell apart, their sum is the answer; otherwise the people are counted.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from typing import cast as cast_type

from sqlalchemy import BigInteger, ColumnElement, Select, and_, cast, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from registry.accounts.school_tables import Department, School
from registry.record.count_tables import ApplicationCount, GraduateCount, NumberCount
from registry.record.destination_filter import DestinationFilter, says
from registry.record.graduate_filter import GraduateFilter
from registry.record.scope import Scope, of_school

CATEGORY_DIGITS = 2
CountsOfPeople = type[GraduateCount] | type[NumberCount]
Counts = CountsOfPeople | type[ApplicationCount]


def people(counts: Counts = GraduateCount) -> ColumnElement[int]:
    """Return the sum of a kept count."""
    return cast(func.sum(counts.number), BigInteger)


def kept(scope: Scope, wanted: GraduateFilter) -> ColumnElement[bool] | None:
    """Return the condition by which `GraduateCount` holds those of a filter; None: it cannot."""
    told = replace(wanted, state=None, source="", destination=DestinationFilter())
    categories = wanted.destination.categories
    by_category = replace(wanted.destination, categories=()) == DestinationFilter()
    short = all(len(each) <= CATEGORY_DIGITS for each in categories)
    found = of_cohort(GraduateCount, scope, told)
    if found is None or not by_category or not short:
        return None
    plain = ((GraduateCount.confirmation, wanted.state), (GraduateCount.provenance, wanted.source))
    begins = [GraduateCount.category.startswith(each, autoescape=True) for each in categories]
    return and_(
        found,
        *(says(column, value) for column, value in plain if value),
        *([or_(*begins)] if begins else []),
    )


def of_cohort(
    counts: CountsOfPeople, scope: Scope, wanted: GraduateFilter
) -> ColumnElement[bool] | None:
    """Return the condition of either kept count for a cohort, a department, a level; or None."""
    narrowed = replace(wanted, department="", level="")
    if scope.counsellor_id is not None or narrowed != GraduateFilter(wanted.year):
        return None
    parts = [of_school(counts.school_id, scope), counts.year == wanted.year]
    if scope.department_id is not None:
        parts.append(counts.department_id == scope.department_id)
    if wanted.department:
        parts.append(counts.department_id == _department(scope, wanted.department))
    if wanted.level:
        parts.append(says(counts.level, wanted.level))
    return and_(*parts)


def of_all_cohorts(scope: Scope) -> ColumnElement[bool] | None:
    """Return the condition of the kept count of graduates for every cohort of a scope; or None."""
    if scope.counsellor_id is not None:
        return None
    mine = and_(of_school(GraduateCount.school_id, scope), GraduateCount.year > 0)
    if scope.department_id is None:
        return mine
    return mine & (GraduateCount.department_id == scope.department_id)


def _department(scope: Scope, key: str) -> ColumnElement[int]:
    mine = Department.school_id == scope.school_id
    return select(Department.id).where(mine, Department.key == key).scalar_subquery()


def levels(session: Session, condition: ColumnElement[bool]) -> Sequence[str]:
    """Return the codes of the levels that somebody of a kept count has, in order."""
    level = GraduateCount.level
    wanted = select(level).where(condition, level != "").group_by(level)
    return session.scalars(wanted.having(people() > 0).order_by(level)).all()


def in_province(province: str, year: int) -> ColumnElement[bool]:
    """Return the condition of a cohort of all schools of a province."""
    there = select(School.id).where(School.province == province)
    return and_(GraduateCount.school_id.in_(there), GraduateCount.year == year)


def told(
    session: Session,
    condition: ColumnElement[bool],
    *columns: InstrumentedAttribute[str] | InstrumentedAttribute[int],
) -> list[tuple[tuple[Any, ...], int]]:
    """Return what columns of one kept count say, each combination there is, and how often."""
    rows = session.execute(asked(condition, *columns))
    return [(tuple(values), number) for *values, number in rows]


def asked(
    condition: ColumnElement[bool],
    *columns: InstrumentedAttribute[str] | InstrumentedAttribute[int],
) -> Select[*tuple[Any, ...]]:
    """Return the query of `told`: the columns, and how often."""
    number = people(cast_type("Counts", columns[0].class_))
    wanted = select(*columns, number).where(condition).group_by(*columns)
    return wanted.having(number != 0)
