"""The review list's filters as its address holds them, and back."""

from collections.abc import Mapping
from typing import Any

from flask import request
from sqlalchemy.orm import Session

from registry.base.errors import RuleError
from registry.base.paging import Place
from registry.base.text import clean
from registry.record import selections
from registry.record.graduate_filter import GraduateFilter, Trait
from registry.review import lists
from registry.review.decisions import reviewer
from registry.review.lists import ApplicationFilter
from registry.review.stages import Stage, stages
from registry.review.states import Level, Purpose
from wxapp.core.lists import read_days
from wxapp.core.staff_context import shown_season, staff_context

PLAIN = {
    "department": "department",
    "level": "level",
    "major": "major",
    "class": "class_name",
    "q": "words",
}
"""Name in the address, name in the filter of people."""


def own_level() -> Level:
    """Return at which level the reader decides."""
    return reviewer(staff_context().staff).level


def own_stage(levels: tuple[Level, ...]) -> Stage:
    """Return what waits for the reader, or for the school where the reader's level is no part."""
    level = own_level()
    return Stage(level if level in levels else Level.SCHOOL)


def read_review_filter(session: Session, given: Mapping[str, str]) -> ApplicationFilter:
    """Read a filter; raise RuleError `stage_unknown`, `purpose_unknown` or `day_unreadable`."""
    year = staff_context().year
    levels = shown_season(session).levels
    return ApplicationFilter(
        people=_people(given, year),
        stage=_stage(given.get("stage", ""), levels),
        levels=levels,
        purpose=_purpose(given.get("purpose", "")),
        category=given.get("category", "").strip()[:4],
        submitted=read_days(given, "submitted"),
    )


def _people(given: Mapping[str, str], year: int) -> GraduateFilter:
    said = {field: clean(given.get(name, ""))[:80] for name, field in PLAIN.items()}
    return GraduateFilter(
        year,
        department=said["department"],
        level=said["level"],
        major=said["major"],
        class_name=said["class_name"],
        words=said["words"],
        traits=_chosen(given.get(selections.PARAMETER, "")),
    )


def _chosen(key: str) -> tuple[Trait, ...]:
    """Return that only those are meant whom the reader chose from a list, where an address says."""
    context = staff_context()
    return (selections.chosen(context.scope, context.staff.id, key),) if key else ()


def _stage(given: str, levels: tuple[Level, ...]) -> Stage:
    if not given:
        return own_stage(levels)
    if given not in set(stages(levels)):
        raise RuleError("stage_unknown", "本届没有这一步审核，请从列表上方重新选择。", "stage")
    return Stage(given)


def _purpose(given: str) -> Purpose:
    if given and given not in set(Purpose):
        raise RuleError("purpose_unknown", "没有这种申请，请从列表上方重新选择。", "purpose")
    return Purpose(given or Purpose.REGISTER)


def review_parameters(wanted: ApplicationFilter) -> dict[str, str]:
    """Return the address's parameters for a filter, without the year and what is empty."""
    found = {name: str(getattr(wanted.people, field)) for name, field in PLAIN.items()}
    found |= {each.name: each.value for each in wanted.people.traits}
    found["category"] = wanted.category
    found["stage"] = "" if wanted.stage is own_stage(wanted.levels) else wanted.stage
    found["purpose"] = "" if wanted.purpose is Purpose.REGISTER else wanted.purpose
    days = wanted.submitted
    found["submitted_from"] = days.first.isoformat() if days.first else ""
    found["submitted_to"] = days.last.isoformat() if days.last else ""
    return {name: value for name, value in found.items() if value}


def next_key(session: Session, key: str) -> str | None:
    """Return which application stands after this one in the list the address tells of."""
    return _neighbour(session, key, Place(after=key))


def previous_key(session: Session, key: str) -> str | None:
    """Return which application stands before this one in that list."""
    return _neighbour(session, key, Place(before=key))


def _neighbour(session: Session, key: str, place: Place) -> str | None:
    wanted = read_review_filter(session, request.args)
    found = lists.neighbour(session, staff_context().scope, wanted, place)
    return None if found == key else found


def kept_query() -> dict[str, Any]:
    """Return the address's parameters that name the list, to come back to it."""
    names = {
        *PLAIN,
        selections.PARAMETER,
        "category",
        "stage",
        "purpose",
        "submitted_from",
        "submitted_to",
    }
    return {name: text for name, text in request.args.items() if name in names}
