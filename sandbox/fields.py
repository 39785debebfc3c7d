"""The rules a template's fields must keep, by the type named in their key.

Source: the parameter table of the template and subscription message pages. Old `first`, `remark`
and `keywordN` keys have no rules.
"""

import re
import unicodedata
from collections.abc import Callable

from sandbox.errors import Refusal

KEY = re.compile(r"\{\{(\w+)\.DATA\}\}")
KIND = re.compile(r"([a-z_]+?)\d*\Z")

HAN = r"\u4e00-\u9fff\u3400-\u4dbf"
CLOCK = r"([01]?\d|2[0-3]):[0-5]\d(:[0-5]\d)?"
DAY = (
    r"\d{4}(年\d{1,2}月\d{1,2}日|-\d{1,2}-\d{1,2}|/\d{1,2}/\d{1,2}|\.\d{1,2}\.\d{1,2}|年\d{1,2}月)"
)
TIME = rf"(?:{DAY}[ T]?)?{CLOCK}"
DATE = rf"{DAY}(?:[ T]?{CLOCK})?"

PATTERNS: dict[str, re.Pattern[str]] = {
    "thing": re.compile(r"[^\n\r]{1,20}"),
    "short_thing": re.compile(r"[^\n\r]{1,5}"),
    "character_string": re.compile(r"[\x20-\x7e]{1,32}"),
    "number": re.compile(r"(?=.{1,32}\Z)-?\d+(\.\d+)?"),
    "letter": re.compile(r"[A-Za-z]{1,32}"),
    "symbol": re.compile(r"[^\w\s]{1,5}"),
    "phrase": re.compile(rf"[{HAN}]{{1,5}}"),
    "time": re.compile(rf"{TIME}(?:\s*~\s*{TIME})?"),
    "date": re.compile(rf"{DATE}(?:\s*~\s*{DATE})?"),
    "amount": re.compile(r"[¥￥$€£]?\d{1,10}(\.\d+)?元?"),
    "phone_number": re.compile(r"[\d+\-() ]{1,17}"),
    "car_number": re.compile(rf"[{HAN}]?[A-Za-z0-9]{{1,6}}[{HAN}A-Za-z0-9]?"),
    "const": re.compile(r"[^\n\r]{1,20}"),
    "enum": re.compile(r"[^\n\r]{1,20}"),
}


def _name_fits(value: str) -> bool:
    """Allow ten characters with a Han among them, twenty without."""
    limit = 10 if re.search(rf"[{HAN}]", value) else 20
    return len(value) <= limit and not re.search(r"[\d\n\r]", value)


SPECIAL: dict[str, Callable[[str], bool]] = {"name": _name_fits}


def keys_of(content: str) -> list[str]:
    """Return the keys of a template's content in their order."""
    return KEY.findall(content)


def kind_of(key: str) -> str:
    """Return the type in a key: `thing` of `thing12`."""
    found = KIND.fullmatch(key)
    return found[1] if found else key


def fits(key: str, value: str) -> bool:
    """Say whether the value keeps the rule of its key's type."""
    kind = kind_of(key)
    if any(unicodedata.category(letter) in ("Cc", "So", "Cs") for letter in value):
        return kind not in PATTERNS and kind not in SPECIAL
    if kind in SPECIAL:
        return SPECIAL[kind](value)
    return kind not in PATTERNS or PATTERNS[kind].fullmatch(value) is not None


def check_data(content: str, data: object) -> dict[str, str]:
    """Return the values by key; raise Refusal 47001 or 47003 naming the first wrong field."""
    if not isinstance(data, dict):
        raise Refusal(47001)
    values: dict[str, str] = {}
    for key in keys_of(content):
        field = data.get(key)
        value = field.get("value") if isinstance(field, dict) else None
        text = "" if value is None else str(value)
        if not text.strip():
            raise Refusal(47003, f"argument invalid! data.{key}.value is empty")
        if not fits(key, text):
            raise Refusal(47003, f"argument invalid! data.{key}.value invalid")
        values[key] = text
    return values
