"""The workbooks of transfers: all about a transfer in one table, and the list files go by.

Sources: the guide for schools, 2.2 (what the download holds); the posting list's twelve columns are
those a school's staff put together by hand from two exports in 2025.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from typing import IO

from registry.base import workbook
from registry.base.clock import SHANGHAI
from registry.codes import identity
from registry.numbers.shape import Kind
from registry.numbers.transfer import states as transfer
from registry.record import official_titles
from registry.record.field_values import said
from registry.record.fields import ALL, FILE_BLOCK, HOUSEHOLD_BLOCK, PLACES
from registry.tasks.people import Building, GraduateWithNumber, made_here, number_of

STEP = 1000
"""Rows between two marks of progress."""
_WIDTH = 16

Cell = Callable[[Building, GraduateWithNumber], str]


def _plain(name: str) -> Cell:
    return lambda _building, person: getattr(person.about, name) or ""


def _opened(purpose: str, name: str) -> Cell:
    def cell(building: Building, person: GraduateWithNumber) -> str:
        sealed = getattr(person.about, name)
        return building.vault.open(purpose, person.about.id, sealed) if sealed else ""

    return cell


def _said(*names: str) -> dict[str, Cell]:
    """Return the columns of fields, under the titles of the catalogue."""
    return {ALL[name].title: _cell(name) for name in names}


def _cell(name: str) -> Cell:
    return lambda _building, person: said(name, getattr(person.about, name))


def _posted(name: str) -> dict[str, Cell]:
    """Return the column of a field, under the title it has in the posting list."""
    return {official_titles.POSTING_LIST.get(name) or ALL[name].title: _cell(name)}


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def _minute(moment: datetime | None) -> str:
    return moment.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M") if moment else ""


def _number(building: Building, person: GraduateWithNumber) -> str:
    return number_of(building.vault, person)


_BASIC: dict[str, Cell] = {
    "学号": _plain("student_number"),
    **_said("name", "sex"),
    "院系": _plain("department"),
    **_said("level", "major"),
    "班级": _plain("class_name"),
    ALL["programme_length"].title: _plain("programme_length"),  # a number, as rosters have it
    **_said("graduation_month", "origin", "category", "unit_name", "unit_location"),
}
_NUMBER: dict[str, Cell] = {
    "转递编号": _number,
    "编号状态": lambda _, person: transfer.TITLES[person.state],
    "本次变化": lambda building, person: made_here(building.task, person),
    "编号更新时间": lambda _, person: _minute(person.number.issued_at if person.number else None),
    "编号有效期至": lambda _, person: _day(person.number.ends_on if person.number else None),
}
_FILE = _said(*(name for name in FILE_BLOCK if name not in PLACES))
_HOUSEHOLD = _said(*(name for name in HOUSEHOLD_BLOCK if name not in PLACES))
TABLES: dict[Kind, dict[str, Cell]] = {
    Kind.FILE: {**_BASIC, **_FILE, **_NUMBER},
    Kind.HOUSEHOLD: {**_BASIC, **_HOUSEHOLD, **_NUMBER},
}
POSTING_LIST: dict[str, Cell] = {
    **_posted("name"),
    **_posted("origin"),
    **_posted("file_type"),
    "身份证号": _opened(identity.IDENTITY, "identity_sealed"),
    "手机号码": _opened(identity.PHONE, "phone_sealed"),
    **_posted("unit_name"),
    **_posted("file_unit"),
    **_posted("file_address"),
    **_posted("file_contact"),
    **_posted("file_phone"),
    "班级": _plain("class_name"),
    "转递编号": _number,
}


def write_table(building: Building, file: IO[bytes]) -> None:
    """Write basic information, destination, file or household, and number of everybody."""
    _write(building, file, TABLES[building.kind])


def write_posting_list(building: Building, file: IO[bytes]) -> None:
    """Write the list that files are posted by; the one with identity numbers and phones."""
    _write(building, file, POSTING_LIST)


def _write(building: Building, file: IO[bytes], columns: dict[str, Cell]) -> None:
    workbook.write(file, _lines(building, columns), width=_WIDTH, stamp=building.stamp)


def _lines(building: Building, columns: dict[str, Cell]) -> Iterator[Sequence[str]]:
    yield list(columns)
    cells = list(columns.values())
    for person in building.everyone(STEP):
        yield [cell(building, person) for cell in cells]
