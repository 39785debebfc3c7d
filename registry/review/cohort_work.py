"""What waits in each cohort (届) of a school or department, so that no other cohort hides it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session

from registry.accounts.school_tables import School
from registry.record import counts
from registry.record.confirmation.states import ConfirmationState
from registry.record.count_tables import ApplicationCount, GraduateCount
from registry.record.scope import MADE, Scope, made_for, not_ended, of_school, within
from registry.record.tables import Graduate
from registry.review import seasons
from registry.review.states import WAITING, ApplicationState, Level, waiting_for
from registry.review.tables import Application, Season


@dataclass(frozen=True)
class CohortWork:
    """What waits in one cohort."""

    reviews: int = 0
    """Applications that wait for the reader's level, to register and to void."""
    unconfirmed: int = 0


def by_cohort(session: Session, scope: Scope, level: Level | None) -> dict[int, CohortWork]:
    """Return what waits in each cohort that has anything, for a reader of this level or none."""
    reviews = _reviews(session, scope, level) if level else Counter[int]()
    unconfirmed = _unconfirmed(session, scope)
    return {year: CohortWork(reviews[year], unconfirmed[year]) for year in {*reviews, *unconfirmed}}


def of_province(session: Session, province: str) -> dict[int, CohortWork]:
    """Return how many applications wait for the province in each cohort of its schools."""
    kept = ApplicationCount
    rows = session.execute(
        select(kept.year, Season.levels, counts.people(kept))
        .join(School, School.id == kept.school_id)
        .join(Season, (Season.school_id == kept.school_id) & (Season.year == kept.year))
        .where(
            School.province == province,
            kept.state.in_(waiting_for(Level.PROVINCE, tuple(Level))),
        )
        .group_by(kept.year, kept.school_id, Season.id)
    )
    found: Counter[int] = Counter()
    for year, levels, number in rows:
        found[year] += number if Level.PROVINCE in levels else 0
    return {year: CohortWork(number) for year, number in found.items() if number}


def _reviews(session: Session, scope: Scope, level: Level) -> Counter[int]:
    waiting = _waiting(session, scope)
    rules = seasons.seasons(session, scope.school_id, {year for (year, _), _ in waiting})
    found: Counter[int] = Counter()
    for (year, state), number in waiting:
        levels = rules[year].levels
        if level in levels and ApplicationState(state) in waiting_for(level, levels):
            found[year] += number
    return found


def _waiting(session: Session, scope: Scope) -> Sequence[tuple[tuple[int, str], int]]:
    """Return how many wait, by cohort and state: of a whole school they are kept."""
    if scope.whole_school:
        kept = ApplicationCount
        mine = (of_school(kept.school_id, scope), kept.year > 0, kept.state.in_(sorted(WAITING)))
        return counts.told(session, and_(*mine), kept.year, kept.state)
    made, values = made_for(scope)
    rows = session.execute(_waiting_rows(made), values)
    return [((year, state), number) for year, state, number in rows]


@lru_cache(MADE)
def _waiting_rows(scope: Scope) -> Select[*tuple[int, str, int]]:
    """Return the query of what waits: school, department and cohort follow the graduate's."""
    wanted = (
        select(Application.year, Application.state, func.count())
        .where(
            of_school(Application.school_id, scope),
            Application.year > 0,
            Application.state.in_(sorted(WAITING)),
        )
        .group_by(Application.year, Application.state)
    )
    if scope.department_id is not None:
        wanted = wanted.where(Application.department_id == scope.department_id)
    if scope.counsellor_id is None:
        return wanted
    return wanted.join(Graduate, Graduate.id == Application.graduate_id).where(within(scope))


def _unconfirmed(session: Session, scope: Scope) -> Counter[int]:
    unconfirmed = ConfirmationState.UNCONFIRMED
    if (mine := counts.of_all_cohorts(scope)) is not None:
        stands = mine & (GraduateCount.confirmation == unconfirmed)
        return Counter(
            {year: number for (year,), number in counts.told(session, stands, GraduateCount.year)}
        )
    rows = session.execute(
        select(Graduate.year, func.count())
        .where(within(scope), not_ended(), Graduate.confirmation == unconfirmed)
        .group_by(Graduate.year)
    )
    return Counter(dict(rows.all()))
