"""How many had a WeChat bound when each day of a season ended, by the rows that say so.

Bindings are ended, never deleted, so every day is known; whether somebody followed the account on
a day that is over is not, and is not told.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import accumulate

from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from notifier.ledger.tables import Binding
from registry.base.day_sql import shanghai_day
from registry.record.cohort import first_day, last_day
from registry.record.graduate_filter import GraduateFilter, matching
from registry.record.scope import Scope
from registry.record.tables import Graduate


@dataclass(frozen=True)
class BoundDay:
    """How many of some graduates were bound when a day ended."""

    day: date
    bound: int


def bound_days(
    session: Session, scope: Scope, people: GraduateFilter, today: date
) -> list[BoundDay]:
    """Return the days in Asia/Shanghai from the first binding to today or the season's last day.

    `people` are named without what they are registered with.
    """
    changes = _on_days(session, scope, people, Binding.bound_at)
    changes.subtract(_on_days(session, scope, people, Binding.ended_at))
    end = min(today, last_day(people.year))
    start = min(changes, default=None)
    if start is None or start > end:
        return []
    first = max(start, first_day(people.year))
    days = [first + timedelta(days=number) for number in range((end - first).days + 1)]
    before = sum(number for day, number in changes.items() if day < first)
    counted = accumulate((changes[day] for day in days), initial=before)
    return [BoundDay(day, number) for day, number in zip(days, [*counted][1:], strict=True)]


def _on_days(
    session: Session,
    scope: Scope,
    people: GraduateFilter,
    moment: InstrumentedAttribute[datetime] | InstrumentedAttribute[datetime | None],
) -> Counter[date]:
    day = shanghai_day(moment)
    rows = session.execute(
        select(day, func.count())
        .join(Graduate, Graduate.id == Binding.graduate_id)
        .where(matching(scope, people), moment.is_not(None))
        .group_by(day)
    )
    return Counter(dict(rows.all()))
