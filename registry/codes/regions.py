"""Regions by GB/T 2260 code, the abolished ones too: old codes live on in identity numbers.

The table is regions.txt beside this file. Its head says where it is from, up to which date it
goes and how sure its years are. It is read when the first code is asked for.
"""

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

_TABLE = Path(__file__).with_name("regions.txt")
_WITHOUT_OWN_NAME = frozenset(
    {
        "市辖区",
        "县",
        "市",
        "市区",
        "林区",
        "省直辖县级行政区划",
        "自治区直辖县级行政区划",
        "省直辖行政单位",
    }
)
_NOT_A_COUNTY = "市辖区"
_IN_FORCE = ",,"  # how a line ends that has neither a year until nor a successor


class RegionName(NamedTuple):
    """What a code stood for, and when."""

    name: str
    """Its own name, without those of prefecture and province."""
    since: int | None
    """The first year; None where the table of 1980 already has it."""
    until: int | None
    """The year it was abolished, renumbered or renamed; None while it is in force."""
    successor: str
    """The code its area went to; empty where there is none or it is not known."""


@lru_cache(maxsize=1)
def _table() -> dict[str, list[str]]:
    """Return the lines of each code as they stand, the newest last: few are ever taken apart."""
    found: dict[str, list[str]] = {}
    for line in _TABLE.read_text("utf-8").splitlines():
        if not line.startswith("#"):
            found.setdefault(line[:6], []).append(line)
    return found


def _validity(line: str) -> RegionName:
    _code, name, since, until, successor = line.split(",")
    return RegionName(name, int(since or 0) or None, int(until or 0) or None, successor)


@lru_cache(maxsize=4096)
def validities(code: str) -> tuple[RegionName, ...]:
    """Return everything a code has stood for, the newest last; empty where it is unknown."""
    return tuple(_validity(line) for line in _table().get(code, ()))


def in_force(code: str) -> bool:
    """Say whether a code stands for a region today."""
    return code in _table() and _table()[code][-1].endswith(_IN_FORCE)


@lru_cache(maxsize=16384)
def region_name(code: str) -> str:
    """Return the full name of a six-digit code (山东省济南市历下区), or nothing where unknown.

    An abolished one has the name it ended with, in the prefecture of that time.
    """
    if not validities(code):
        return ""
    own, until = validities(code)[-1].name, validities(code)[-1].until
    names = (*(_name_at(each, until) for each in above(code)), own)
    return "".join(name for name in names if name not in _WITHOUT_OWN_NAME)


def _name_at(code: str, year: int | None) -> str:
    """Return the own name a code had when the year began (None: today), else its newest one."""
    known = validities(code)
    for each in known:
        if year is not None and (each.since or 0) < year <= (each.until or year):
            return each.name
    return known[-1].name if known else ""


def above(code: str) -> tuple[str, ...]:
    """Return the codes a region lies in, the province first, whether the table has them or not."""
    return tuple(each for each in (f"{code[:2]}0000", f"{code[:4]}00") if each != code)


def own_names(code: str) -> tuple[str, ...]:
    """Return every name of its own that a code has had (余杭区), without its prefecture's.

    None for what has no name of its own today: 市辖区 and the like.
    """
    if code not in _table() or _newest_name(code) in _WITHOUT_OWN_NAME:
        return ()
    newest_first = dict.fromkeys(each.name for each in reversed(validities(code)))
    return tuple(reversed(newest_first))


def successors(code: str) -> tuple[str, ...]:
    """Return the codes a code's area went to, one after the other, as far as they are known."""
    found: list[str] = []
    while (known := validities(code)) and (code := known[-1].successor):
        found.append(code)
    return tuple(found)


def predecessors(code: str) -> tuple[str, ...]:
    """Return the abolished codes whose area went to a code, directly or by way of others."""
    found = list(_succeeded().get(code, ()))
    for each in found:
        found += _succeeded().get(each, ())
    return tuple(found)


@lru_cache(maxsize=1)
def _succeeded() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for code, lines in _table().items():
        if successor := lines[-1].rpartition(",")[2]:
            found.setdefault(successor, []).append(code)
    return found


def province_of(code: str) -> str:
    """Return the province a code lies in, or nothing where there is none of that number."""
    return _name_at(f"{code[:2]}0000", None)


@lru_cache(maxsize=1)
def provinces() -> dict[str, str]:
    """Return the two-digit codes of all provinces with their names."""
    return {code[:2]: province_of(code) for code in _table() if code.endswith("0000")}


def is_province(code: str) -> bool:
    """Say whether six digits are a province's, as 370000."""
    return code[:2] in provinces() and code[2:] == "0000"


def codes() -> Iterator[str]:
    """Go through every code the table knows, in force or not."""
    yield from _table()


@lru_cache(maxsize=1)
def _children() -> dict[str, list[str]]:
    """Return the codes in force one step below each code; provinces are below the empty one."""
    found: dict[str, list[str]] = {}
    for code in filter(in_force, sorted(_table())):
        if code.endswith("00") or _newest_name(code) != _NOT_A_COUNTY:
            found.setdefault(_parent(code), []).append(code)
    return found


def below(code: str = "") -> list[tuple[str, str]]:
    """Return code and own name of the regions one step below: what a three-level picker shows.

    Only what is in force is offered. Provinces are below the empty code; nothing is below a
    county, or what has no counties.
    """
    return [(each, _newest_name(each)) for each in _children().get(code, ())]


def is_whole(code: str) -> bool:
    """Say whether a code in force goes all the way down: to a county, or to what has none."""
    if not in_force(code) or code in _children():
        return False
    return code in _children().get(_parent(code), ())


def _parent(code: str) -> str:
    return above(code)[-1] if above(code) else ""


def _newest_name(code: str) -> str:
    return _table()[code][-1].split(",", 2)[1]
