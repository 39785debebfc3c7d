"""The same table for a province, a line each school: counts alone, small groups to be hidden."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.accounts.school_tables import School
from registry.province.rates import formula
from registry.record.confirmation.states import ConfirmationState
from registry.record.graduate_filter import GraduateFilter
from registry.record.tables import Graduate, Registration
from registry.statistics.rate_table import Numbers, RateLine, RateTable
from registry.statistics.tally import Cell, category_digits


def province_table(session: Session, province: str, year: int) -> RateTable:
    """Return the rates of the schools of a province that have graduates of a cohort, by code."""
    everybody = GraduateFilter(year)
    whole = RateLine("全省", everybody, Numbers())
    lines: dict[int, RateLine] = {}
    for school, name, cell in _cells(session, province, year):
        line = lines.setdefault(school, RateLine(name, everybody, Numbers()))
        for each in (line, whole):
            each.numbers.add(cell)
    return RateTable("学校", list(lines.values()), whole, formula(year))


def _cells(session: Session, province: str, year: int) -> list[tuple[int, str, Cell]]:
    counted = (Graduate.school_id, category_digits().label("category"), Graduate.confirmation)
    numbers = (
        select(*counted, func.count().label("number"))
        .select_from(Graduate)
        .outerjoin(Registration, Registration.id == Graduate.registration_id)
        .join(School, School.id == Graduate.school_id)
        .where(School.province == province, Graduate.year == year)
        .group_by(*counted)
        .subquery()
    )
    rows = session.execute(
        select(School.id, School.name, numbers)
        .join(numbers, numbers.c.school_id == School.id)
        .order_by(School.code)
    )
    return [
        (ident, name, Cell((), code, ConfirmationState(state), number))
        for ident, name, _school, code, state, number in rows
    ]
