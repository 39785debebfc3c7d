"""The first page: how far the year is, what waits for me, what changed, and what comes next."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import redirect, render_template, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from notifier.campaigns import campaigns, effect
from notifier.campaigns.effect import Effect
from notifier.ledger.tables import Campaign
from registry.accounts import reveals
from registry.accounts.reveals import RevealAlarm
from registry.accounts.tables import Role
from registry.base import countdown
from registry.record import graduates
from registry.record.confirmation.states import ConfirmationState
from registry.record.graduate_filter import GraduateFilter
from wxapp.core.db import reading, writing
from wxapp.core.resources import now, resources
from wxapp.school.calendar import coming
from wxapp.school.door import blueprint, school_only, shown_season, staff_context
from wxapp.school.first_run import steps
from wxapp.school.home_counts import HomeCounts, Matter, read_home_counts, yesterday
from wxapp.school.waiting import Counts, slow_departments, waiting_lines

DEPARTMENTS = 10
"""How many are named; the statistics have them all."""
_ANSWERS = {
    ConfirmationState.CONFIRMED: ("确认无误", Matter.CONFIRMED_LATELY),
    ConfirmationState.DISPUTED: ("确认有误", Matter.DISPUTED_LATELY),
}
LOOKED_BACK = 20
"""Among so many campaigns the last reminder is looked for, and what is stuck."""


@dataclass(frozen=True)
class Deadline:
    """The last day on which graduates register and change."""

    day: date
    left: int
    """Days: 0 on the last day itself, less than 0 after it."""


@dataclass(frozen=True)
class RecentChange:
    """How many had something happen since yesterday began, and the list of them."""

    words: str
    number: int
    address: str
    """Empty where no list shows exactly them."""


@dataclass(frozen=True)
class LastReminder:
    """The newest reminder to confirm, and what it did."""

    campaign: Campaign
    effect: Effect


@blueprint.get("/")
def home() -> str:
    """Show how far the year has come, and what waits."""
    context = staff_context()
    with reading() as session:
        people = GraduateFilter(context.year)
        by_month = graduates.by_month(session, context.scope, people)
        counts = _summed(by_month.values())
        slow = list(slow_departments(session))
        recent = campaigns.recent(session, context.scope, limit=LOOKED_BACK)
        found = read_home_counts(session)
        return render_template(
            "school/home.html",
            waiting=waiting_lines(session, counts, found, recent),
            slow=slow[:DEPARTMENTS],
            more_slow=len(slow[DEPARTMENTS:]),
            counts=counts,
            total=sum(counts.values()),
            deadline=_deadline(session),
            changes=_changes(found),
            reminder=_last_reminder(recent),
            coming=coming(session, {month: sum(each.values()) for month, each in by_month.items()}),
            steps=steps(counts, found),
            alarms=_alarms(session),
            reveals=resources().settings.reveals,
        )


def _summed(counts: Collection[Counts]) -> Counts:
    return {state: sum(each[state] for each in counts) for state in ConfirmationState}


def _deadline(session: Session) -> Deadline:
    season = shown_season(session)
    return Deadline(season.closes_on, countdown.days_left(season.closes_on, now()))


def _changes(found: HomeCounts) -> list[RecentChange]:
    """Return what happened since yesterday began, in Asia/Shanghai."""
    day = yesterday()
    answered = [
        RecentChange(words, found[matter].number, _list_of(state=state.value, answered_from=day))
        for state, (words, matter) in _ANSWERS.items()
    ]
    reported, bound = found[Matter.REPORTED_LATELY], found[Matter.BOUND_LATELY]
    return [
        RecentChange("上报去向", reported.number, _list_of(reported_from=day)),
        *answered,
        RecentChange("绑定微信", bound.number, _list_of(bound_from=day)),
    ]


def _list_of(**narrowed: str | date) -> str:
    query: dict[str, Any] = {name: str(each) for name, each in narrowed.items()}
    return url_for("school.graduates", **query)


def _last_reminder(recent: Sequence[Campaign]) -> LastReminder | None:
    found = next((each for each in recent if effect.is_measured(each)), None)
    done = effect.effect_of(found) if found else None
    return LastReminder(found, done) if found and done else None


def _alarms(session: Session) -> list[RevealAlarm]:
    if staff_context().staff.role != Role.SCHOOL:
        return []
    return reveals.alarms(session, staff_context().scope.school_id)


@blueprint.post("/alarms")
def acknowledge_alarms() -> Response:
    """Keep that the administrator has seen the alarms; new ones are shown again."""
    school_only()
    with writing() as session:
        reveals.acknowledge(session, staff_context().staff, now())
    return redirect(url_for("school.home"), 303)
