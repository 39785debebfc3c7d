"""The workbooks of the office: all about a transfer in one table, and the list files go by.

Sources: the guide for schools, 2.2 (what the download holds); the posting list's twelve columns are
those a school's staff put together by hand from two exports in 2025.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from typing import IO

from registry.base import workbook
from registry.base.clock import SHANGHAI
from registry.codes import categories, identity
from registry.codes.code_tables import SEX
from registry.numbers.shape import Kind
from registry.numbers.transfer import states as transfer
from registry.tasks.people import Building, Person, made_here, number_of

STEP = 1000
"""Rows between two marks of progress."""
_WIDTH = 16

Cell = Callable[[Building, Person], str]


def _plain(name: str) -> Cell:
    return lambda _building, person: getattr(person.about, name) or ""


def _opened(purpose: str, name: str) -> Cell:
    def cell(building: Building, person: Person) -> str:
        sealed = getattr(person.about, name)
        return building.vault.open(purpose, sealed) if sealed else ""

    return cell


def _month(text: str) -> str:
    return f"{text[:4]}年{int(text[4:6])}月"


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def _minute(moment: datetime | None) -> str:
    return moment.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M") if moment else ""


def _number(building: Building, person: Person) -> str:
    return number_of(building.vault, person)


_BASIC: dict[str, Cell] = {
    "学号": _plain("student_number"),
    "姓名": _plain("name"),
    "性别": lambda _, person: SEX.title_of(person.about.sex),
    "院系": _plain("department"),
    "学历": lambda _, person: categories.level_title(person.about.level),
    "专业": _plain("major"),
    "班级": _plain("class_name"),
    "学制": _plain("programme_length"),
    "毕业时间": lambda _, person: _month(person.about.graduation_month),
    "生源所在地": _plain("origin"),
    "毕业去向": lambda _, person: categories.category_title(person.about.category),
    "单位名称": _plain("unit_name"),
    "单位所在地": _plain("unit_location"),
}
_NUMBER: dict[str, Cell] = {
    "转递编号": _number,
    "编号状态": lambda _, person: transfer.TITLES[person.state],
    "本次变化": lambda building, person: made_here(building.task, person),
    "编号更新时间": lambda _, person: _minute(person.number.issued_at if person.number else None),
    "编号有效期至": lambda _, person: _day(person.number.ends_on if person.number else None),
}
_FILE: dict[str, Cell] = {
    "档案转递类型": _plain("file_type"),
    "档案转递单位": _plain("file_unit"),
    "档案转递单位所在地": _plain("file_location"),
    "档案转递单位地址": _plain("file_address"),
    "档案转递单位邮编": _plain("file_postcode"),
    "档案转递联系人/联系部门": _plain("file_contact"),
    "档案转递联系电话": _plain("file_phone"),
}
_HOUSEHOLD: dict[str, Cell] = {
    "户口迁移类型": _plain("household_type"),
    "户口迁移所在地": _plain("household_location"),
}
TABLES: dict[Kind, dict[str, Cell]] = {
    Kind.FILE: {**_BASIC, **_FILE, **_NUMBER},
    Kind.HOUSEHOLD: {**_BASIC, **_HOUSEHOLD, **_NUMBER},
}
POSTING_LIST: dict[str, Cell] = {
    "姓名": _plain("name"),
    "生源地名称": _plain("origin"),
    "档案转寄类型名称": _plain("file_type"),
    "身份证号": _opened(identity.IDENTITY, "identity_sealed"),
    "手机号码": _opened(identity.PHONE, "phone_sealed"),
    "用人单位名称": _plain("unit_name"),
    "档案转寄单位": _plain("file_unit"),
    "档案转递单位地址": _plain("file_address"),
    "档案转寄联系人": _plain("file_contact"),
    "档案转寄联系电话": _plain("file_phone"),
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
    workbook.write(file, _lines(building, columns), width=_WIDTH)


def _lines(building: Building, columns: dict[str, Cell]) -> Iterator[Sequence[str]]:
    yield list(columns)
    cells = list(columns.values())
    for person in building.everyone(STEP):
        yield [cell(building, person) for cell in cells]
