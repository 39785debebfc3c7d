"""What a report shows (全国普通高等学校毕业生去向登记信息): exactly these fields, nothing else.

Source: the sample reports in the guides (figures 6 and 8): no identity number, no student number,
no contact at the employer, no street address. A block that was not registered is left out.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import InstrumentedAttribute

from registry.codes import categories
from registry.codes.code_tables import SEX
from registry.numbers.shape import Kind
from registry.record.important_fields import BLOCK_TITLES, Block
from registry.record.tables import Graduate, Registration

TITLES: dict[Block, dict[str, str]] = {
    Block.BASIC: {
        "name": "姓名",
        "sex": "性别",
        "school": "毕业院校",
        "graduation_month": "毕业时间",
        "programme_length": "学制",
        "major": "专业",
        "level": "学历",
        "origin": "生源所在地",
    },
    Block.DESTINATION: {
        "category": "毕业去向",
        "unit_name": "单位名称",
        "unit_location": "单位所在地",
    },
    Block.FILE: {
        "file_type": "档案转递类型",
        "file_unit": "单位名称",
        "file_location": "单位所在地",
        "file_postcode": "单位邮编",
        "file_contact": "联系人/联系部门",
        "file_phone": "联系电话",
    },
    Block.HOUSEHOLD: {
        "household_type": "户口迁移类型",
        "household_location": "户口迁移所在地",
    },
}

BLOCKS: dict[Kind, tuple[Block, ...]] = {
    Kind.FILE: (Block.BASIC, Block.DESTINATION, Block.FILE),
    Kind.HOUSEHOLD: (Block.BASIC, Block.DESTINATION, Block.HOUSEHOLD),
}
"""The blocks each kind of report has."""

_OWN: dict[Kind, str] = {Kind.FILE: "file_type", Kind.HOUSEHOLD: "household_type"}


@dataclass(frozen=True)
class ReportValue:
    """A value with its title, as people read it."""

    title: str
    value: str


@dataclass(frozen=True)
class Shown:
    """A block of the report."""

    block: Block
    title: str
    lines: list[ReportValue]


Held = Row[*tuple[Any, ...]]


def selected(kind: Kind) -> list[InstrumentedAttribute[Any]]:
    """Return the columns a snapshot is taken of, for many at once."""
    return [
        getattr(Graduate if block is Block.BASIC else Registration, name)
        for block in BLOCKS[kind]
        for name in TITLES[block]
        if name != "school"
    ]


def snapshot(
    school_name: str, graduate: Graduate | Held, registration: Registration | Held, kind: Kind
) -> dict[str, str]:
    """Return the fields a report of this kind shows, codes; empty ones are left out.

    A row with the columns of `selected` stands for both.
    """
    found: dict[str, Any] = {"school": school_name}
    for block in BLOCKS[kind]:
        source = graduate if block is Block.BASIC else registration
        found |= {name: getattr(source, name) for name in TITLES[block] if name != "school"}
    return {name: str(value).strip() for name, value in found.items() if value}


def lacks_own_block(values: Mapping[str, Any], kind: Kind) -> bool:
    """Say whether the block the report is for, file or household, is not registered yet."""
    return not values.get(_OWN[kind])


def blocks(values: Mapping[str, str], kind: Kind) -> list[Shown]:
    """Return the blocks of a report, read out; a block that says nothing is left out."""
    found = [
        Shown(block, BLOCK_TITLES[block], _lines(values, TITLES[block])) for block in BLOCKS[kind]
    ]
    return [each for each in found if each.lines]


def columns(kind: Kind) -> list[tuple[Block, str]]:
    """Return every field a report of this kind may show beside the name, for a table of many."""
    return [
        (block, title)
        for block in BLOCKS[kind]
        for name, title in TITLES[block].items()
        if name != "name"
    ]


def _lines(values: Mapping[str, str], titles: Mapping[str, str]) -> list[ReportValue]:
    return [
        ReportValue(title, _read_out(name, values[name]))
        for name, title in titles.items()
        if name in values
    ]


_READINGS: dict[str, Callable[[str], str]] = {
    "sex": lambda code: SEX.title_of(code) or code,
    "category": categories.category_title,
    "level": categories.level_title,
    "programme_length": categories.programme_length_title,
    "graduation_month": lambda month: f"{month[:4]}年{int(month[4:6])}月",
}


def _read_out(name: str, value: str) -> str:
    return _READINGS.get(name, str)(value)
