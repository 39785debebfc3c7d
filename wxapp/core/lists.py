"""What the lists of the doors have in common: a page's place, days, and what filters offer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Generic, TypeVar

from sqlalchemy.orm import Session

from registry.base.errors import RuleError
from registry.base.iso_dates import day_of
from registry.base.paging import Place
from registry.codes import categories
from registry.record import filter_choices
from registry.record.filter_choices import Choices
from registry.record.graduate_filter import Days
from registry.record.scope import Scope
from wxapp.core.incoming import whole

DAYS = {
    "reported": "上报日期",
    "answered": "确认日期",
    "bound": "绑定日期",
    "graduated": "毕业年月",
    "submitted": "提交日期",
    "updated": "编号更新日期",
    "placed_by": "落实截至日",
    "confirmed_by": "首次确认截至日",
    "bound_by": "绑定截至日",
}

ROWS_OF_A_PAGE = 50
Row = TypeVar("Row")


@dataclass(frozen=True)
class NumberedPage(Generic[Row]):
    """A page of rows that are all at hand and do not come and go: those of a file."""

    number: int
    """From 1."""
    pages: int
    rows: Sequence[Row]

    @property
    def previous(self) -> int | None:
        """Return the number of the page before."""
        return self.number - 1 if self.number > 1 else None

    @property
    def next(self) -> int | None:
        """Return the number of the page after."""
        return self.number + 1 if self.number < self.pages else None


def numbered_page(rows: Sequence[Row], given: Mapping[str, str]) -> NumberedPage[Row]:
    """Return the page of rows that an address asks for, the nearest where it has no such page."""
    pages = max(-(-len(rows) // ROWS_OF_A_PAGE), 1)
    try:
        asked = whole(given.get("page", "1"))
    except ValueError:
        asked = 1
    number = min(max(asked, 1), pages)
    first = (number - 1) * ROWS_OF_A_PAGE
    return NumberedPage(number, pages, rows[first : first + ROWS_OF_A_PAGE])


def read_place(given: Mapping[str, str]) -> Place:
    """Read where a page begins."""
    return Place(after=given.get("after", ""), before=given.get("before", ""))


def read_days(given: Mapping[str, str], name: str) -> Days:
    """Read two days; raise RuleError `day_unreadable`."""
    return Days(_day(given, f"{name}_from", name), _day(given, f"{name}_to", name))


def read_months(given: Mapping[str, str], name: str) -> Days:
    """Read two months as the first day of each; raise RuleError `month_unreadable`."""
    return Days(_month(given, f"{name}_from", name), _month(given, f"{name}_to", name))


def read_day(given: Mapping[str, str], name: str) -> date:
    """Read a day that has to be there; raise RuleError `day_unreadable`."""
    found = _day(given, name, name)
    if found is None:
        raise _unreadable(name, name)
    return found


def _month(given: Mapping[str, str], field: str, name: str) -> date | None:
    text = given.get(field, "").strip()
    if not text:
        return None
    try:
        return day_of(f"{text}-01")
    except ValueError:
        raise RuleError(
            "month_unreadable", f"“{DAYS[name]}”请写成年月，例如 2026-06。", field
        ) from None


def _day(given: Mapping[str, str], field: str, name: str) -> date | None:
    text = given.get(field, "").strip()
    if not text:
        return None
    try:
        return day_of(text)
    except ValueError:
        raise _unreadable(field, name) from None


def _unreadable(field: str, name: str) -> RuleError:
    return RuleError("day_unreadable", f"“{DAYS[name]}”请写成日期，例如 2026-06-30。", field)


def offers(offered: Choices) -> dict[str, list[tuple[str, str]]]:
    """Return value and words of each choice."""
    return {
        "departments": offered.departments,
        "levels": level_offers(offered.levels),
        "majors": [(each, each) for each in offered.majors],
        "class_names": [(each, each) for each in offered.class_names],
    }


def choices_of(session: Session, scope: Scope) -> dict[str, list[tuple[str, str]]]:
    """Return value and words of what a list offers at once; the rest is searched (`choices`)."""
    return {
        "departments": filter_choices.departments(session, scope),
        "levels": _every_level(),
    }


@cache
def _every_level() -> list[tuple[str, str]]:
    """Return value and words of all levels: the official table alone says them."""
    return level_offers(filter_choices.levels())


def level_offers(levels: Sequence[str]) -> list[tuple[str, str]]:
    """Return value and words of levels; those of one name are told apart by their code."""
    titles = [categories.level_and_ending(code) for code in levels]
    return [
        (code, title if titles.count(title) == 1 else f"{title}（{code}）")
        for code, title in zip(levels, titles, strict=True)
    ]
