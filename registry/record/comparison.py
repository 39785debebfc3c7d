"""Two states of a registration side by side: every field, read out as people read it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from registry.base.text import compared
from registry.codes import categories, regions
from registry.codes.code_tables import JOB_CLASS, UNIT_INDUSTRY, UNIT_NATURE
from registry.record import requirements


@dataclass(frozen=True)
class Compared:
    """One field before and after, as people read it."""

    field: str
    title: str
    before: str
    after: str
    changed: bool


def read_out(field: str, value: object) -> str:
    """Return a value as people read it: codes by their names, days as 2026年6月1日."""
    if value is None or value == "":
        return ""
    if isinstance(value, date):
        return f"{value.year}年{value.month}月{value.day}日"
    return _READINGS.get(field, str)(str(value))


_READINGS: dict[str, Callable[[str], str]] = {
    "category": categories.category_title,
    "unit_nature": lambda code: UNIT_NATURE.title_of(code) or code,
    "unit_industry": lambda code: UNIT_INDUSTRY.title_of(code) or code,
    "job_class": lambda code: JOB_CLASS.title_of(code) or code,
    **dict.fromkeys(requirements.PLACES, lambda code: regions.region_name(code) or code),
}


def differing(before: Mapping[str, object], after: Mapping[str, object]) -> list[str]:
    """Return the fields that differ by value, in the order of the form."""
    return [
        name
        for name in requirements.TITLES
        if compared(before.get(name)) != compared(after.get(name))
    ]


def codes_that_go(before: Mapping[str, object], said: Mapping[str, object]) -> dict[str, str]:
    """Return, emptied, the codes of places that `said` names anew without one, as a file does."""
    return {
        code: ""
        for code, name in requirements.PLACES.items()
        if name in said and code not in said
        if compared(said[name]) != compared(before[name])
    }


def side_by_side(before: Mapping[str, object], after: Mapping[str, object]) -> list[Compared]:
    """Return every field that either side says something in, in the order of the form."""
    changed = set(differing(before, after))
    category = str(after.get("category") or before.get("category") or "")
    return [
        Compared(
            name,
            requirements.title(name, category),
            read_out(name, before.get(name)),
            read_out(name, after.get(name)),
            name in changed,
        )
        for name in requirements.TITLES
        if name not in requirements.PLACES  # said by its name
        and (before.get(name) or after.get(name))
    ]
