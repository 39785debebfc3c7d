"""What the rates are counted from: graduates by the category of the version in force."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.accounts.school_tables import School
from registry.record.scope import Scope, within
from registry.record.tables import Graduate, Registration


@dataclass(frozen=True)
class GraduateCounts:
    """The graduates of a year."""

    graduates: int
    by_category: dict[str, int]
    """Of those with a registration in force."""


def counted(session: Session, scope: Scope, year: int) -> GraduateCounts:
    """Count the graduates of a scope."""
    rows = session.execute(
        select(Registration.category, func.count())
        .select_from(Graduate)
        .outerjoin(Registration, Registration.id == Graduate.registration_id)
        .where(within(scope), Graduate.year == year)
        .group_by(Registration.category)
    )
    return _counted(dict(rows.all()))


def counted_by_school(session: Session, province: str, year: int) -> dict[int, GraduateCounts]:
    """Count the graduates of each school of a province, by the school's number."""
    rows = session.execute(
        select(Graduate.school_id, Registration.category, func.count())
        .select_from(Graduate)
        .join(School, School.id == Graduate.school_id)
        .outerjoin(Registration, Registration.id == Graduate.registration_id)
        .where(School.province == province, Graduate.year == year)
        .group_by(Graduate.school_id, Registration.category)
    )
    found: dict[int, dict[str | None, int]] = {}
    for school, code, number in rows:
        found.setdefault(school, {})[code] = number
    return {school: _counted(numbers) for school, numbers in found.items()}


def _counted(numbers: dict[str | None, int]) -> GraduateCounts:
    placed = {code: number for code, number in numbers.items() if code is not None}
    return GraduateCounts(sum(numbers.values()), placed)
