"""A region chosen step by step: province, prefecture, county, with or without scripts."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import jsonify, request
from flask.typing import ResponseReturnValue

from registry.codes import regions

LEVELS = (("province", "省"), ("prefecture", "市"), ("county", "区县"))


@dataclass(frozen=True)
class Select:
    """One of the three lists."""

    name: str
    label: str
    options: list[tuple[str, str]]
    """Code and name."""
    chosen: str
    stands: str = ""
    """In the first list: a code that is offered no more, and stays until another is chosen."""

    @property
    def stands_name(self) -> str:
        """Return the name that code ended with."""
        return regions.region_name(self.stands)


def choices() -> ResponseReturnValue:
    """Return the regions one step below a code: a view, for doors with pickers to serve."""
    return jsonify(regions.below(request.args.get("below", "")))


def picked(form: Mapping[str, str], field: str) -> str:
    """Return the code as far down as the choices fit each other; empty where nothing does.

    Where nothing is chosen, one that is offered no more stays (`Select.stands`).
    """
    code = ""
    if not form.get(f"{field}-province") and _is_abolished(form.get(f"{field}-stands", "")):
        return form[f"{field}-stands"]
    for level, _ in LEVELS:
        given = form.get(f"{field}-{level}", "")
        if given not in _codes(code):
            break
        code = given
    return only_way_down(code)


def only_way_down(code: str) -> str:
    """Go on below a code as long as there is one choice: a municipality has one prefecture."""
    while code and len(below := regions.below(code)) == 1:
        code = below[0][0]
    return code


def selects(field: str, code: str) -> list[Select]:
    """Return the three lists as they stand for a code; the ones below nothing are empty."""
    stands, code = (code, "") if _is_abolished(code) else ("", code)
    chain = ("", f"{code[:2]}0000", f"{code[:4]}00", code)
    found: list[Select] = []
    above = ""
    for place, (level, label) in enumerate(LEVELS):
        options = regions.below(above) if place == 0 or above else []
        chosen = chain[place + 1] if code and chain[place + 1] in dict(options) else ""
        shown = Select(f"{field}-{level}", label, options, chosen, "" if place else stands)
        found.append(shown)
        above = chosen
    return found


def _is_abolished(code: str) -> bool:
    return bool(regions.region_name(code)) and not regions.in_force(code)


def _codes(code: str) -> set[str]:
    return {each for each, _ in regions.below(code)}
