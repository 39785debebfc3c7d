"""How far the schools of a province have come: counts per school, nobody's own data."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from registry.accounts.school_tables import School
from registry.province import states as batch_states
from registry.record import counts
from registry.record.confirmation.states import ConfirmationState
from registry.record.count_tables import ApplicationCount, GraduateCount
from registry.record.province_tables import ProvinceBatch, ProvinceEntry
from registry.review import states as review
from registry.review.states import Level, Purpose
from registry.review.tables import Season


@dataclass
class SchoolProgress:
    """One school's year in numbers."""

    key: str
    name: str
    states: dict[ConfirmationState, int] = field(
        default_factory=lambda: dict.fromkeys(ConfirmationState, 0)
    )
    waiting: int = 0
    """Reported in a batch that the province has not decided on."""
    filed: int = 0

    @property
    def graduates(self) -> int:
        """Return how many there are."""
        return sum(self.states.values())

    @property
    def registered(self) -> int:
        """Return how many have a destination in force."""
        return self.graduates - self.states[ConfirmationState.NOT_REPORTED]

    @property
    def confirmed_share(self) -> float:
        """Return which share has confirmed that all is right, 0 to 1."""
        confirmed = self.states[ConfirmationState.CONFIRMED]
        return confirmed / self.graduates if self.graduates else 0.0

    @property
    def registered_share(self) -> float:
        """Return which share has a destination in force, 0 to 1."""
        return self.registered / self.graduates if self.graduates else 0.0

    @property
    def not_confirmed(self) -> int:
        """Return how many have not confirmed that all is right."""
        return self.graduates - self.states[ConfirmationState.CONFIRMED]


@dataclass(frozen=True)
class SchoolReviews:
    """What of one school's year waits for the province's review."""

    key: str
    name: str
    waiting: dict[Purpose, int]


def schools(session: Session, province: str) -> Mapping[int, str]:
    """Return the names of the schools of a province by their number, by code."""
    wanted = select(School.id, School.name).where(School.province == province)
    return dict(session.execute(wanted.order_by(School.code)).all())


def school_choices(session: Session, province: str) -> list[tuple[str, str]]:
    """Return the keys and names of the schools of a province, by code."""
    wanted = select(School.key, School.name).where(School.province == province)
    return [(key, name) for key, name in session.execute(wanted.order_by(School.code))]


def progress(session: Session, province: str, year: int) -> Mapping[int, SchoolProgress]:
    """Return the progress of every school of the province, by its number, by code."""
    table = confirmations(session, province, year)
    _add_entries(session, table, year)
    return table


def confirmations(session: Session, province: str, year: int) -> Mapping[int, SchoolProgress]:
    """Return the progress as `progress` does, without what is reported."""
    names = select(School.id, School.key, School.name).where(School.province == province)
    rows = session.execute(names.order_by(School.code))
    table = {ident: SchoolProgress(key, name) for ident, key, name in rows}
    columns = (GraduateCount.school_id, GraduateCount.confirmation)
    stands = counts.in_province(province, year)
    for (school, state), number in counts.told(session, stands, *columns):
        table[school].states[ConfirmationState(state)] = number
    return table


def added_up(schools: Iterable[SchoolProgress]) -> dict[ConfirmationState, int]:
    """Return how many graduates of these schools together stand in each state."""
    found = dict.fromkeys(ConfirmationState, 0)
    for each in schools:
        for state, number in each.states.items():
            found[state] += number
    return found


def levels(session: Session, province: str, year: int) -> Sequence[str]:
    """Return the codes of the levels that graduates of the province have in a year."""
    return counts.levels(session, counts.in_province(province, year))


def _add_entries(session: Session, table: Mapping[int, SchoolProgress], year: int) -> None:
    rows = session.execute(
        select(ProvinceBatch.school_id, ProvinceEntry.locked, func.count())
        .join(ProvinceEntry, ProvinceEntry.batch_id == ProvinceBatch.id)
        .where(ProvinceBatch.school_id.in_(table), ProvinceBatch.year == year)
        .where(ProvinceBatch.state != batch_states.BatchState.RETURNED, ProvinceEntry.standing)
        .group_by(ProvinceBatch.school_id, ProvinceEntry.locked)
    )
    for school, locked, number in rows:
        if locked:
            table[school].filed = number
        else:
            table[school].waiting = number


def reviews(session: Session, province: str, year: int) -> list[SchoolReviews]:
    """Return the schools whose applications of a year the province reviews, by code."""
    wanted = (
        select(School.id, School.key, School.name, Season.levels)
        .join(Season, Season.school_id == School.id)
        .where(School.province == province, Season.year == year)
        .order_by(School.code)
    )
    found = [row for row in session.execute(wanted) if Level.PROVINCE in row.levels]
    waiting = _waiting(session, [row.id for row in found], year)
    return [
        SchoolReviews(row.key, row.name, {each: waiting.get((row.id, each), 0) for each in Purpose})
        for row in found
    ]


def _waiting(
    session: Session, school_ids: Sequence[int], year: int
) -> Mapping[tuple[int, str], int]:
    kept = ApplicationCount
    waiting = (
        kept.school_id.in_(school_ids),
        kept.year == year,
        kept.state.in_(review.waiting_for(Level.PROVINCE, tuple(Level))),
    )
    return dict(counts.told(session, and_(*waiting), kept.school_id, kept.purpose))
