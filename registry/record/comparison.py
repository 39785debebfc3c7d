"""Two states of a registration side by side: every field, read out as people read it."""

from collections.abc import Mapping
from dataclasses import dataclass

from registry.base.text import compared
from registry.record import fields
from registry.record.field_values import said


@dataclass(frozen=True)
class Compared:
    """One field before and after, as people read it."""

    field: str
    title: str
    before: str
    after: str
    changed: bool


def differing(before: Mapping[str, object], after: Mapping[str, object]) -> list[str]:
    """Return the fields that differ by value, in the order of the form."""
    return [
        name
        for name in fields.REGISTRATION
        if compared(before.get(name)) != compared(after.get(name))
    ]


def codes_that_go(before: Mapping[str, object], told: Mapping[str, object]) -> dict[str, str]:
    """Return, emptied, the codes of places that `told` names anew without one, as a file does."""
    return {
        code: ""
        for code, name in fields.PLACES.items()
        if name in told and code not in told
        if compared(told[name]) != compared(before[name])
    }


def side_by_side(before: Mapping[str, object], after: Mapping[str, object]) -> list[Compared]:
    """Return every field that either side says something in, in the order of the form."""
    changed = set(differing(before, after))
    category = str(after.get("category") or before.get("category") or "")
    return [
        Compared(
            name,
            fields.title(name, category),
            said(name, before.get(name)),
            said(name, after.get(name)),
            name in changed,
        )
        for name in fields.REGISTRATION
        if name not in fields.PLACES  # said by its name
        and (before.get(name) or after.get(name))
    ]


def really_differ(before: object, after: object) -> bool:
    """Say whether a value is another; one in another spelling is not.

    One spelling stands in the record, in every snapshot and on every report made from them.
    """
    return before != after and compared(before) != compared(after)
