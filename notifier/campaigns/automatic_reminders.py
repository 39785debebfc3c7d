"""Reminders the system sends by itself: of what ends soon, so many days before.

Each becomes an ordinary campaign of the school, once for each end and number of days: whoever comes
first writes it, and it is seen, paused and cancelled like those that staff make. A new one is a row
of REMINDERS.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from notifier.campaigns import campaigns
from notifier.campaigns.audience import Audience
from notifier.campaigns.campaigns import Draft
from notifier.ledger import states
from notifier.ledger.tables import Campaign
from registry.accounts.school_tables import School
from registry.base import countdown
from registry.base.clock import SHANGHAI
from registry.base.database import insert_new
from registry.record.confirmation.states import ConfirmationState
from registry.record.scope import Scope
from registry.record.tables import Graduate
from registry.review import seasons

HOUR = time(10)
"""When a reminder begins, in Asia/Shanghai; quiet hours are kept besides."""
BY = "system"
NOT_DONE = tuple(each for each in ConfirmationState if each is not ConfirmationState.CONFIRMED)


@dataclass(frozen=True)
class End:
    """A day that something of a school's year ends on."""

    school_id: int
    year: int
    day: date


@dataclass(frozen=True)
class Reminder:
    """What is reminded of: when, whom, and in which words."""

    name: str
    """Part of the occasion: it never changes."""
    days: tuple[int, ...]
    """How many days before the end."""
    ends: Callable[[Session, date, date], Sequence[End]]
    """Finds what ends between two days, both included, where somebody is to be reminded."""
    audience: Callable[[End], Audience]
    kind: str
    title: str
    """With {before} and {day}."""
    texts: Mapping[str, str]
    """The kind's inputs but the deadline; `item.disputed` for those in that state."""


def _seasons_to_confirm(session: Session, first: date, last: date) -> list[End]:
    """Return the ends of open seasons that are reminded of and have somebody not confirmed."""
    found = [
        End(school_id, season.year, season.closes_on)
        for school_id, season in seasons.closing(session, first, last)
        if season.reminds and (season.opens_on is None or season.opens_on <= first)
    ]
    waiting = {year: _not_done(session, year) for year in {each.year for each in found}}
    return [each for each in found if each.school_id in waiting[each.year]]


def _not_done(session: Session, year: int) -> set[int]:
    """Return the schools where somebody of the year has not confirmed."""
    somebody = exists().where(
        Graduate.school_id == School.id,
        Graduate.year == year,
        Graduate.confirmation.in_(NOT_DONE),
    )
    return set(session.scalars(select(School.id).where(somebody)))


SEASON = Reminder(
    name="season",
    days=(14, 7, 3, 1),
    ends=_seasons_to_confirm,
    audience=lambda end: Audience(end.year, hers_to_act=True),
    kind="confirmation_reminder",
    title="截止前 {before} 天自动提醒（{day}截止）",
    texts={
        "item": "请核对并确认毕业去向",
        "item.not_reported": "尚未登记去向，请尽快登记",
        "item.disputed": "请更正有误的信息，再重新确认",
    },
)
REMINDERS = (SEASON,)


def plan(session: Session, at: datetime) -> int:
    """Write down the reminders that are due today and are not yet; return how many."""
    rows = [row for reminder in REMINDERS for row in _due(session, reminder, at)]
    if not rows:
        return 0
    made = session.scalars(insert_new(session, Campaign).returning(Campaign.id), rows)
    return len(made.all())


def _due(session: Session, reminder: Reminder, at: datetime) -> Iterator[dict[str, Any]]:
    today = at.astimezone(SHANGHAI).date()
    ends = reminder.ends(session, today, today + timedelta(days=max(reminder.days)))
    for end in ends:
        before = countdown.mark(countdown.days_left(end.day, at), reminder.days)
        if before is not None:
            yield _campaign(reminder, end, before, at)


def _campaign(reminder: Reminder, end: End, before: int, at: datetime) -> dict[str, Any]:
    day = f"{end.day.month}月{end.day.day}日"
    today = at.astimezone(SHANGHAI).date()
    draft = Draft(
        title=reminder.title.format(before=before, day=day),
        kind=reminder.kind,
        audience=reminder.audience(end),
        texts={**reminder.texts, "deadline": end.day.isoformat()},
        start_at=max(at, _hour_of(today)),
        not_after=_over(reminder, end, before),
    )
    return {
        **campaigns.columns(Scope(end.school_id), draft, by=BY, at=at),
        "occasion": f"{reminder.name}:{end.year}:{end.day.isoformat()}:{before}",
        "state": states.CampaignState.SCHEDULED,
        "reason": "scheduled",
        "started_by": BY,
    }


def _over(reminder: Reminder, end: End, before: int) -> datetime:
    """Return when a reminder is overtaken: by the next one, or by the end itself."""
    later = [each for each in reminder.days if each < before]
    if later:
        return _hour_of(end.day - timedelta(days=max(later)))
    return datetime.combine(end.day + timedelta(days=1), time.min, SHANGHAI)


def _hour_of(day: date) -> datetime:
    return datetime.combine(day, HOUR, SHANGHAI)
