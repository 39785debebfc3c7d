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
    if not code.endswith("00"):
        parts.append(_entry(code[:4] + "00")[1])
    if not code.endswith("0000"):
        parts.append(own)
    return "".join(dict.fromkeys(part for part in parts if part not in _NO_NAME_OF_ITS_OWN))


def province_of(code: str) -> str:
    """Return the province a code lies in, or nothing where there is none of that number."""
    return _entry(code[:2] + "0000")[0]


@lru_cache(maxsize=1)
def provinces() -> dict[str, str]:
    """Return the two-digit codes of all provinces with their names."""
    names = ((f"{number:02}", province_of(f"{number:02}")) for number in range(11, 83))
    return {code: name for code, name in names if name}
