"""Statistics (统计): rates, structure, the season day by day, bindings and numbers."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from flask import render_template, request, url_for
from sqlalchemy.orm import Session

from notifier.ledger import traits
from notifier.ledger.binding_counts import binding_counts
from registry.base.clock import SHANGHAI
from registry.province.rates import formula
from registry.record import filter_choices
from registry.record.confirmation.states import TITLES as TITLES_OF_STATES
from registry.record.confirmation.states import ConfirmationState
from registry.record.graduate_filter import GraduateFilter
from registry.record.scope import school_of
from registry.statistics import season_days as seasons
from registry.statistics.coverage import coverage
from registry.statistics.groups import NOT_REGISTERED
from registry.statistics.rate_table import TITLES, rate_table
from registry.statistics.season_days import SeasonCurve, SeasonDay, same_day_before
from registry.statistics.structure import structure
from registry.statistics.tally import By, levels
from wxapp.core.db import reading
from wxapp.core.incoming import whole
from wxapp.core.lists import level_offers
from wxapp.core.resources import now
from wxapp.core.rights import may
from wxapp.school.door import blueprint, staff_context
from wxapp.school.filters import parameters, read_filter

PER_PAGE = 50
"""Lines of a table; there may be hundreds of classes."""
EACH_DAY = timedelta(days=31)
"""How far back every day is a line; before that, the Sundays."""
SUNDAY = 6
STATES = {state: TITLES_OF_STATES[state] for state in ConfirmationState}
STATES[ConfirmationState.NOT_REPORTED] = NOT_REGISTERED
_NARROWS = ("department", "level")


def narrowed() -> GraduateFilter:
    """Return whom the address asks for: a cohort, or those of a department or level of it."""
    given = {name: request.args.get(name, "") for name in _NARROWS}
    return read_filter(given, staff_context().year)


def chosen_by() -> By:
    """Return what the lines are to be; departments where the address names nothing known."""
    given = request.args.get("by", "")
    return By(given) if given in set(By) else By.DEPARTMENT


def lister() -> Callable[[GraduateFilter], str]:
    """Return what writes the address of the list of those whom a figure counts."""
    address = url_for("school.graduates")
    joint = "&" if "?" in address else "?"
    return lambda wanted: f"{address}{joint}{urlencode(parameters(wanted))}"


def _page(session: Session, name: str, wanted: GraduateFilter, **shown: object) -> str:
    """Return one of the pages: what all of them show, and what this one does."""
    context = staff_context()
    codes = levels(session, context.scope, context.year)
    return render_template(
        f"school/statistics/{name}.html",
        wanted=wanted,
        narrows=parameters(wanted),
        departments=filter_choices.departments(session, context.scope),
        levels=level_offers(codes),
        list_of=lister(),
        **shown,
    )


@blueprint.get("/statistics", endpoint="statistics")
def show_rates() -> str:
    """Show the rate and the confirmations line by line."""
    wanted, by = narrowed(), chosen_by()
    page = max(request.args.get("page", 1, type=whole) or 1, 1)
    with reading() as session:
        table = rate_table(session, staff_context().scope, wanted, by)
        first = (page - 1) * PER_PAGE
        return _page(
            session,
            "rates",
            wanted,
            table=table,
            by=by,
            lines=table.lines[first : first + PER_PAGE],
            page=page,
            pages=-(-len(table.lines) // PER_PAGE),
            titles=TITLES,
            states=STATES,
        )


@blueprint.get("/statistics/destinations", endpoint="destinations")
def show_structure() -> str:
    """Show how destinations are spread over categories, units, industries, places and posts."""
    wanted, scope = narrowed(), staff_context().scope
    with reading() as session:
        school = school_of(session, scope)
        found = structure(session, scope, wanted, school.province)
        return _page(session, "destinations", wanted, found=found)


@blueprint.get("/statistics/days", endpoint="season_days")
def show_days() -> str:
    """Show the season day by day beside that of the cohort before."""
    wanted, today = narrowed(), now().astimezone(SHANGHAI).date()
    with reading() as session:
        ours, theirs = both_seasons(session, wanted, today)
        every = "all" in request.args
        days = [
            (each, theirs.on(same_day_before(each.day)))
            for each in reversed(ours.days)
            if every or _is_shown(each, ours.days[-1].day)
        ]
        sources = [formula(each.year).source for each in (ours, theirs)]
        shown = {"days": days, "ours": ours, "theirs": theirs, "every": every}
        shown["list_by"] = _list_by
        return _page(session, "days", wanted, **shown, sources=sources)


def both_seasons(
    session: Session, wanted: GraduateFilter, today: date
) -> tuple[SeasonCurve, SeasonCurve]:
    """Return the days of a cohort and of the one before."""
    scope, before = staff_context().scope, replace(wanted, year=wanted.year - 1)
    ours = seasons.season_days(session, scope, wanted, today)
    return ours, seasons.season_days(session, scope, before, today)


def _list_by(wanted: GraduateFilter, year: int, figure: str, day: date) -> str:
    """Return the list of those of a cohort whom a figure counts when a day ended."""
    query: dict[str, Any] = {**parameters(wanted), f"{figure}_by": day.isoformat()}
    return url_for("school.graduates", year=year, **query)


def _is_shown(each: SeasonDay, last: date) -> bool:
    return last - each.day < EACH_DAY or each.day.weekday() == SUNDAY


@blueprint.get("/statistics/coverage", endpoint="coverage")
def show_coverage() -> str:
    """Show who is bound, who may be verified, and whose transfer numbers are good."""
    wanted, scope = narrowed(), staff_context().scope
    with reading() as session:
        bindings = [
            (traits.WECHAT[value], replace(wanted, traits=(traits.wechat(value),)), number)
            for value, number in binding_counts(session, scope, wanted).items()
        ]
        numbers = coverage(session, scope, wanted, now())
        opens = {each: may(f"school.{each}s") for each in ("verification", "transfer")}
        return _page(session, "coverage", wanted, bindings=bindings, numbers=numbers, opens=opens)
