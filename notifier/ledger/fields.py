"""The typed fields of a template message: what each type admits, and how a value is made to fit.

Source: the platform's table of field types (api_sendnewsubscribemsg). A value that breaks its type
is refused with 47003, so it must fit before it is sent. What the platform does not publish (how
emoji are counted) is kept on the safe side: they are left out, and code points are counted.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache


class ImpossibleValue(Exception):
    """No cut can make the value fit its type; says which type, never the value."""


@dataclass(frozen=True)
class FieldType:
    """What a field of this type admits."""

    limit: int
    pattern: re.Pattern[str] | None = None
    cut: bool = False
    """Whether a value that is too long may be cut and end in …"""


_DAY = r"\d{4}[年/.-]\d{1,2}[月/.-]\d{1,2}日?"
_HOUR = r"\d{1,2}:\d{2}(:\d{2})?"
_TIME = re.compile(rf"({_DAY} ?)?{_HOUR}(~({_DAY} ?)?{_HOUR})?")  # a day alone is refused
_DATE = re.compile(rf"{_DAY}( ?{_HOUR})?(~{_DAY}( ?{_HOUR})?)?")

TYPES: dict[str, FieldType] = {
    "thing": FieldType(20, cut=True),
    "character_string": FieldType(32, re.compile(r"[\x20-\x7e]+")),
    "number": FieldType(32, re.compile(r"\d+(\.\d+)?")),
    "letter": FieldType(32, re.compile(r"[A-Za-z]+")),
    "symbol": FieldType(5, re.compile(r"[^\w\s]+")),
    "phrase": FieldType(5, re.compile(r"[\u4e00-\u9fff]+")),
    "name": FieldType(10, cut=True),
    "time": FieldType(40, _TIME),
    "date": FieldType(40, _DATE),
    "amount": FieldType(20, re.compile(r"[¥￥$]?\d{1,10}(\.\d+)?元?")),
    "phone_number": FieldType(17, re.compile(r"[\d+() -]+")),
    "car_number": FieldType(8),
    "const": FieldType(20),
    "short_thing": FieldType(5, cut=True),
}


def type_of(key: str) -> str:
    """Return the type a template's key names: `character_string12` is a character_string.

    Raises KeyError for a type the platform does not have.
    """
    name = key.rstrip("0123456789")
    if name not in TYPES:
        raise KeyError(name)
    return name


def _plain(value: str) -> str:
    """Return one line of ordinary characters: no controls, no emoji, no double blanks."""
    kept = (
        char if unicodedata.category(char) not in {"Cc", "Cf", "So", "Cs", "Co", "Cn"} else " "
        for char in unicodedata.normalize("NFC", value)
    )
    return " ".join("".join(kept).split())


@lru_cache(maxsize=4096)  # most values of a campaign are the same for everybody
def fit(type_name: str, value: str) -> str:
    """Return the value as it may be sent in a field of this type.

    Too long is cut at a word and ends in …; an empty value, or one the type can never hold, raises
    ImpossibleValue.
    """
    kind = TYPES[type_name]
    plain = _plain(value)
    if len(plain) > kind.limit and kind.cut:
        plain = _cut(plain, kind.limit)
    if not plain or len(plain) > kind.limit:
        raise ImpossibleValue(type_name)
    if kind.pattern and not kind.pattern.fullmatch(plain):
        raise ImpossibleValue(type_name)
    return plain


_BREAKS = re.compile(r"[\s、，。；,;)）/·-]")


def _cut(text: str, limit: int) -> str:
    """Cut to `limit` characters, at a break in the last third if there is one, ending in …."""
    room = text[: limit - 1]
    breaks = [found.start() for found in _BREAKS.finditer(room) if found.start() >= limit * 2 // 3]
    return (room[: breaks[-1]] if breaks else room).rstrip() + "…"
