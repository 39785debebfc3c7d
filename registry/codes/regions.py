"""Regions by GB/T 2260 code, the abolished ones too: old codes live on in identity numbers."""

import re
from functools import lru_cache

from stdnum import numdb

_ERA = re.compile(r"^\[(?P<start>\d*)-(?P<end>\d*)\](?P<name>.*)$")
_NO_NAME_OF_ITS_OWN = {
    "市辖区",
    "县",
    "省直辖县级行政单位",
    "自治区直辖县级行政单位",
}
_SIMPLIFIED = {"81": "香港特别行政区", "82": "澳门特别行政区"}


@lru_cache(maxsize=16384)
def _entry(code: str) -> tuple[str, str]:
    """Return the province and the newest name of the code itself, each empty where unknown."""
    found: dict[str, str] = {}
    for _, facts in numdb.get("cn/loc").info(code):
        found.update(facts)
    province = _SIMPLIFIED.get(code[:2], found.get("province", ""))
    eras = found.get("county", "").split(",")
    matched = _ERA.match(eras[-1])
    return province, matched["name"] if matched else eras[-1]


@lru_cache(maxsize=16384)
def region_name(code: str) -> str:
    """Return the full name of a six-digit code (山东省济南市历下区), or nothing where unknown."""
    if not re.fullmatch(r"[0-9]{6}", code):
        return ""
    province, own = _entry(code)
    if not province or (not own and not code.endswith("0000")):
        return ""
    parts = [province]
    if not code.endswith("0000"):
        parts += [_entry(code[:4] + "00")[1], own]  # the same for a prefecture itself
    return "".join(dict.fromkeys(part for part in parts if part not in _NO_NAME_OF_ITS_OWN))


def province_of(code: str) -> str:
    """Return the province a code lies in, or nothing where there is none of that number."""
    return _entry(code[:2] + "0000")[0]


@lru_cache(maxsize=1)
def provinces() -> dict[str, str]:
    """Return the two-digit codes of all provinces with their names."""
    names = ((f"{number:02}", province_of(f"{number:02}")) for number in range(11, 83))
    return {code: name for code, name in names if name}


def is_province(code: str) -> bool:
    """Say whether six digits are a province's, as 370000."""
    return code[:2] in provinces() and code[2:] == "0000"


@lru_cache(maxsize=1)
def _in_force() -> frozenset[str]:
    """Return every code that stands for a region today."""
    found: set[str] = set()
    for _length, start, _last, _facts, inner in numdb.get("cn/loc").prefixes:
        for _short, rest, _end, facts, _more in inner:
            era = _ERA.match(facts.get("county", "").split(",")[-1])
            if era is None or not era["end"]:
                found.add(start + rest)
    return frozenset(found)


@lru_cache(maxsize=1)
def _children() -> dict[str, list[str]]:
    """Return the codes one step below each code; provinces are below the empty one."""
    below: dict[str, list[str]] = {"": [f"{code}0000" for code in provinces()]}
    for code in sorted(_in_force()):
        if code.endswith("0000") or (not code.endswith("00") and _entry(code)[1] == "市辖区"):
            continue
        parent = f"{code[:2]}0000" if code.endswith("00") else f"{code[:4]}00"
        below.setdefault(parent, []).append(code)
    return below


def below(code: str = "") -> list[tuple[str, str]]:
    """Return code and own name of the regions one step below: what a three-level picker shows.

    Provinces are below the empty code; nothing is below a county, or what has no counties.
    """
    return [(each, _own_name(each)) for each in _children().get(code, ())]


def is_whole(code: str) -> bool:
    """Say whether a code in force goes all the way down: to a county, or to what has none."""
    known = code in _in_force() or (code.endswith("0000") and code[:2] in provinces())
    return known and code not in _children()


def _own_name(code: str) -> str:
    province, own = _entry(code)
    return province if code.endswith("0000") else own
