"""The season day by day (每日进度): how far the cohort was on each day, by the rows that say so.

Placed on a day is who had, when it ended, a version in force that counts in the rate of the cohort:
versions have the time from which they held. A voided destination keeps no time of its own; it is
taken off on the day the record was last changed, and only while nothing new was registered.
Confirmed is who had answered by then, for the first time, that all is right.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate

from sqlalchemy import ColumnElement, and_, case, exists, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from registry.base.day_sql import shanghai_day
from registry.province.rates import Rate, formula
from registry.record.cohort import first_day, last_day
from registry.record.graduate_filter import GraduateFilter, Trait, matching
from registry.record.scope import Scope
from registry.record.tables import Answer, Confirmation, Graduate, Registration
from registry.statistics.groups import groups, placed_categories


@dataclass(frozen=True)
class SeasonDay:
    """How far a cohort was when a day ended."""

    day: date
    placed: Rate
    confirmed: Rate


@dataclass(frozen=True)
class SeasonCurve:
    """A cohort's days, from the first on which anything happened."""

    year: int
    days: list[SeasonDay]

    def on(self, day: date) -> SeasonDay | None:
        """Return the state when a day ended; None before anything happened or after the last."""
        if not self.days or not self.days[0].day <= day <= self.days[-1].day:
            return None
        return self.days[(day - self.days[0].day).days]


def season_days(session: Session, scope: Scope, wanted: GraduateFilter, today: date) -> SeasonCurve:
    """Return the days of a cohort in Asia/Shanghai up to today or the last day of its season.

    `wanted` names people, and nothing of what they are registered with.
    """
    placed = _placed(session, scope, wanted)
    confirmed = _confirmed(session, scope, wanted)
    end = min(today, last_day(wanted.year))
    start = min((*placed, *confirmed), default=None)
    if start is None or start > end:
        return SeasonCurve(wanted.year, [])
    people = _people(session, scope, wanted)
    first = max(start, first_day(wanted.year))
    days = [first + timedelta(days=number) for number in range((end - first).days + 1)]
    curves = zip(days, _curve(placed, days), _curve(confirmed, days), strict=True)
    return SeasonCurve(
        wanted.year,
        [
            SeasonDay(day, Rate("毕业去向落实率", done, people), Rate("确认率", said, people))
            for day, done, said in curves
        ],
    )


def placed_by(day: date, year: int) -> Trait:
    """Return whom a cohort's figure of the placed counts when a day ended."""
    version, newer = aliased(Registration), aliased(Registration)
    counts = placed_categories(groups(formula(year)))
    outdated = exists().where(
        newer.graduate_id == Graduate.id,
        newer.version > version.version,
        shanghai_day(newer.recorded_at) <= day,
    )
    stood = exists().where(
        version.graduate_id == Graduate.id,
        shanghai_day(version.recorded_at) <= day,
        _counts(version.category, counts) == 1,
        ~outdated.correlate(Graduate, version),
    )
    void = and_(Graduate.registration_id.is_(None), shanghai_day(Graduate.updated_at) <= day)
    return Trait("placed_by", day.isoformat(), and_(stood.correlate(Graduate), ~void))


def confirmed_by(day: date) -> Trait:
    """Return whom the figure of the confirmed counts when a day ended."""
    answered = exists().where(
        Confirmation.graduate_id == Graduate.id,
        Confirmation.answer == Answer.CORRECT,
        shanghai_day(Confirmation.answered_at) <= day,
    )
    return Trait("confirmed_by", day.isoformat(), answered.correlate(Graduate))


def same_day_before(day: date) -> date:
    """Return the same day of the season a year before; of 29 February, the 28th."""
    is_leap_day = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year - 1, day=28 if is_leap_day else day.day)


def _curve(changes: Mapping[date, int], days: list[date]) -> Iterable[int]:
    """Return the sum of changes when each of the days ended; what was before is in the first."""
    before = sum(number for day, number in changes.items() if day < days[0])
    return accumulate(
        (changes.get(day, 0) for day in days[1:]), initial=before + changes.get(days[0], 0)
    )


def _people(session: Session, scope: Scope, wanted: GraduateFilter) -> int:
    counted = select(func.count()).select_from(Graduate).where(matching(scope, wanted))
    return session.scalars(counted).one()


def _placed(session: Session, scope: Scope, wanted: GraduateFilter) -> Counter[date]:
    """Return by how many more (or fewer) are placed at the end of each day than before."""
    counts = placed_categories(groups(formula(wanted.year)))
    of_all = (
        select(
            *(Registration.recorded_at, _counts(Registration.category, counts).label("counts")),
            func.lag(_counts(Registration.category, counts), 1, 0)
            .over(partition_by=Registration.graduate_id, order_by=Registration.version)
            .label("counted"),
        )
        .join(Graduate, Graduate.id == Registration.graduate_id)
        .where(matching(scope, wanted))
        .subquery()
    )
    day = shanghai_day(of_all.c.recorded_at)
    rows = session.execute(
        select(day, func.sum(of_all.c.counts - of_all.c.counted))
        .where(of_all.c.counts != of_all.c.counted)
        .group_by(day)
    )
    changes = Counter({day: int(number) for day, number in rows})
    changes.subtract(_voided(session, scope, wanted, counts))
    return changes


def _counts(category: InstrumentedAttribute[str], placed: Iterable[str]) -> ColumnElement[int]:
    return case((func.substr(category, 1, 2).in_(placed), 1), else_=0)


def _voided(
    session: Session, scope: Scope, wanted: GraduateFilter, placed: Iterable[str]
) -> dict[date, int]:
    """Return on which day how many were last placed whose destination is void."""
    last = select(func.max(Registration.version)).where(Registration.graduate_id == Graduate.id)
    day = shanghai_day(Graduate.updated_at)
    rows = session.execute(
        select(day, func.count())
        .join(
            Registration,
            and_(
                Registration.graduate_id == Graduate.id,
                Registration.version == last.correlate(Graduate).scalar_subquery(),
            ),
        )
        .where(matching(scope, wanted), Graduate.registration_id.is_(None))
        .where(_counts(Registration.category, placed) == 1)
        .group_by(day)
    )
    return {day: int(number) for day, number in rows}


def _confirmed(session: Session, scope: Scope, wanted: GraduateFilter) -> dict[date, int]:
    """Return on which day how many answered for the first time that all is right."""
    first = (
        select(func.min(Confirmation.answered_at).label("at"))
        .join(Graduate, Graduate.id == Confirmation.graduate_id)
        .where(matching(scope, wanted), Confirmation.answer == Answer.CORRECT)
        .group_by(Confirmation.graduate_id)
        .subquery()
    )
    day = shanghai_day(first.c.at)
    return dict(session.execute(select(day, func.count()).group_by(day)).all())
