"""The first page: how far the year is, what waits for me, what changed, and what comes next."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from flask import redirect, render_template, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from notifier.campaigns import campaigns, effect
from notifier.campaigns.effect import Effect
from notifier.ledger import binding_counts
from notifier.ledger.tables import Campaign
from registry.accounts import reveals
from registry.accounts.reveals import RevealAlarm
from registry.accounts.tables import Role
from registry.base import countdown
from registry.base.clock import SHANGHAI
from registry.record import graduates
from registry.record.confirmation.states import ConfirmationState
from registry.record.graduate_filter import Days, GraduateFilter
from wxapp.core.db import reading, writing
from wxapp.core.resources import now, resources
from wxapp.school.calendar import coming
from wxapp.school.door import blueprint, school_only, shown_season, staff_context
from wxapp.school.first_run import steps
from wxapp.school.waiting import slow_departments, waiting_lines

DEPARTMENTS = 10
"""How many are named; the statistics have them all."""
_ANSWERS = {
    ConfirmationState.CONFIRMED: "确认无误",
    ConfirmationState.DISPUTED: "确认有误",
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
        counts = graduates.counts(session, context.scope, GraduateFilter(context.year))
        slow = list(slow_departments(session))
        recent = campaigns.recent(session, context.scope, limit=LOOKED_BACK)
        return render_template(
            "school/home.html",
            waiting=waiting_lines(session, counts, recent),
            slow=slow[:DEPARTMENTS],
            more_slow=len(slow[DEPARTMENTS:]),
            counts=counts,
            total=sum(counts.values()),
            deadline=_deadline(session),
            changes=_changes(session),
            reminder=_last_reminder(recent),
            coming=coming(session),
            steps=steps(session, counts),
            alarms=_alarms(session),
            reveals=resources().settings.reveals,
        )


def _deadline(session: Session) -> Deadline:
    season = shown_season(session)
    return Deadline(season.closes_on, countdown.days_left(season.closes_on, now()))


def _today() -> date:
    return now().astimezone(SHANGHAI).date()


def _changes(session: Session) -> list[RecentChange]:
    """Return what happened since yesterday began, in Asia/Shanghai."""
    scope, people = staff_context().scope, GraduateFilter(staff_context().year)
    yesterday = _today() - timedelta(days=1)
    days = Days(first=yesterday)
    reported = graduates.counts(session, scope, replace(people, reported=days))
    answered = graduates.counts(session, scope, replace(people, answered=days))
    begun = datetime.combine(yesterday, time.min, SHANGHAI)
    bound = binding_counts.bound_since(session, scope, people, begun)
    return [
        RecentChange("上报去向", sum(reported.values()), _list_of(reported_from=yesterday)),
        *(
            RecentChange(
                words, answered[state], _list_of(state=state.value, answered_from=yesterday)
            )
            for state, words in _ANSWERS.items()
        ),
        RecentChange("绑定微信", bound, _list_of(bound_from=yesterday)),
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
