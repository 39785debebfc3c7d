"""The rates of all provinces, a line each, and how far each has come: counts alone."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.accounts.school_tables import School
from registry.codes.regions import region_name
from registry.province import states as batch_states
from registry.province.rates import formula
from registry.record import counts
from registry.record.confirmation.states import ConfirmationState
from registry.record.count_tables import GraduateCount
from registry.record.graduate_filter import GraduateFilter
from registry.record.province_tables import ProvinceBatch, ProvinceEntry
from registry.statistics.rate_table import Numbers, RateLine, RateTable
from registry.statistics.tally import Cell


@dataclass(frozen=True)
class ProvinceLine:
    """A province that has schools here."""

    code: str
    """GB/T 2260, six digits."""
    name: str
    schools: int
    filed: int
    """Graduates of the cohort whom it has filed."""


def provinces(session: Session, year: int) -> list[ProvinceLine]:
    """Return the provinces that have schools here, by code."""
    filed = _filed(session, year)
    rows = session.execute(
        select(School.province, func.count())
        .where(School.province != "")
        .group_by(School.province)
        .order_by(School.province)
    )
    return [ProvinceLine(code, region_name(code), n, filed.get(code, 0)) for code, n in rows]


def _filed(session: Session, year: int) -> Mapping[str, int]:
    rows = session.execute(
        select(School.province, func.count())
        .select_from(ProvinceEntry)
        .join(ProvinceBatch, ProvinceBatch.id == ProvinceEntry.batch_id)
        .join(School, School.id == ProvinceBatch.school_id)
        .where(
            ProvinceBatch.year == year,
            ProvinceBatch.state == batch_states.BatchState.FILED,
            ProvinceEntry.locked,
        )
        .group_by(School.province)
    )
    return dict(rows.all())


def country_table(session: Session, year: int) -> RateTable:
    """Return the rates of the provinces that have graduates of a cohort, by code."""
    everybody = GraduateFilter(year)
    whole = RateLine("全国", everybody, Numbers())
    where = dict(session.execute(select(School.id, School.province)).all())
    columns = (GraduateCount.school_id, GraduateCount.category, GraduateCount.confirmation)
    lines: dict[str, RateLine] = {}
    for (school, code, state), number in counts.told(session, GraduateCount.year == year, *columns):
        province = where[school]
        line = lines.setdefault(province, RateLine(_named(province), everybody, Numbers()))
        for each in (line, whole):
            each.numbers.add(Cell((), code, ConfirmationState(state), number))
    ordered = [lines[each] for each in sorted(lines)]
    return RateTable("省份", ordered, whole, formula(year))


def _named(province: str) -> str:
    return region_name(province) if province else "未登记省份"
