"""The same table for a province, a line each school: counts alone, small groups to be hidden."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.accounts.school_tables import School
from registry.codes.categories import level_and_ending
from registry.province.rates import formula
from registry.record import counts
from registry.record.confirmation.states import ConfirmationState
from registry.record.count_tables import GraduateCount
from registry.record.destination_filter import UNFILLED
from registry.record.graduate_filter import GraduateFilter
from registry.statistics.rate_table import Numbers, RateLine, RateTable
from registry.statistics.tally import Cell


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


def province_levels(session: Session, province: str, year: int) -> RateTable:
    """Return the rates of the levels that graduates of a province have in a cohort, by code."""
    everybody = GraduateFilter(year)
    whole = RateLine("全省", everybody, Numbers())
    lines: dict[str, RateLine] = {}
    columns = (GraduateCount.level, GraduateCount.category, GraduateCount.confirmation)
    told = counts.told(session, counts.in_province(province, year), *columns)
    for (level, code, state), number in told:
        line = lines.setdefault(level, RateLine(_level(level), everybody, Numbers()))
        for each in (line, whole):
            each.numbers.add(Cell((), code, ConfirmationState(state), number))
    return RateTable("学历", [lines[each] for each in sorted(lines)], whole, formula(year))


def _level(code: str) -> str:
    return f"{level_and_ending(code)}（{code}）" if code else UNFILLED


def _cells(session: Session, province: str, year: int) -> list[tuple[int, str, Cell]]:
    stands = counts.in_province(province, year)
    columns = (GraduateCount.school_id, GraduateCount.category, GraduateCount.confirmation)
    found: dict[int, list[Cell]] = {}
    for (school, code, state), number in counts.told(session, stands, *columns):
        cell = Cell((), code, ConfirmationState(state), number)
        found.setdefault(school, []).append(cell)
    names = select(School.id, School.name).where(School.province == province)
    rows = session.execute(names.order_by(School.code))
    return [(ident, name, cell) for ident, name in rows for cell in found.get(ident, [])]
