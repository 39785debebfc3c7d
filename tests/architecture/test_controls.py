"""The page on controls names limits by their constants, with the values they have."""

import re
from datetime import timedelta
from importlib import import_module
from pathlib import Path

import pytest

from registry.accounts.attempts import Limit

PAGE = Path(__file__).parents[2] / "docs" / "controls.md"
ROW = re.compile(r"^\| [^|]+ \| `([a-z_.]+):([A-Z_]+)` \| ([^|]+) \|$", re.MULTILINE)
UNITS = (("day", 86_400), ("hour", 3600), ("minute", 60), ("second", 1))
SIZES = (("MB", 1 << 20), ("KB", 1 << 10))
ROWS = sorted(set(ROW.findall(PAGE.read_text(encoding="utf-8"))))


def test_there_are_such_rows() -> None:
    assert len(ROWS) > 30


@pytest.mark.parametrize(("module", "name", "value"), ROWS)
def test_a_limit_is_what_the_page_says(module: str, name: str, value: str) -> None:
    assert written(getattr(import_module(module), name), name) == value


def written(value: object, name: str) -> str:
    """Return a constant as the page writes it."""
    match value:
        case timedelta():
            return in_units(value)
        case Limit():
            return f"{value.free}, {in_units(value.longest)}"
        case int() if name.endswith("BYTES"):
            unit, size = next(each for each in SIZES if value % each[1] == 0)
            return f"{value // size} {unit}"
        case int():
            return f"{value:,}"
        case _:
            return str(value)


def in_units(length: timedelta) -> str:
    seconds = int(length.total_seconds())
    unit, size = next(each for each in UNITS if seconds % each[1] == 0)
    number = seconds // size
    return f"{number} {unit}{'s' if number > 1 else ''}"
