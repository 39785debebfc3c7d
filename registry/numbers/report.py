"""What a report shows (全国普通高等学校毕业生去向登记信息): exactly these fields, nothing else.

Source: the sample reports in the guides (figures 6 and 8): no identity number, no student number,
no contact at the employer, no street address. A block that was not registered is left out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import InstrumentedAttribute

from registry.codes.categories import level_title
from registry.numbers.shape import Kind
from registry.record import official_titles
from registry.record.field_values import said
from registry.record.fields import BLOCK_TITLES, IMPORTANT, Block
from registry.record.tables import Graduate, Registration

SCHOOL = "school"

SHOWN: dict[Block, tuple[str, ...]] = {
    block: tuple(name for name, each in IMPORTANT.items() if each.block is block) for block in Block
}
SHOWN[Block.BASIC] = (
    *("name", "sex", SCHOOL, "graduation_month"),
    *("programme_length", "major", "level", "origin"),
)
"""The important fields, and the school; the graduate's in the order of the sample."""

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
        for name in SHOWN[block]
        if name != SCHOOL
    ]


def snapshot(
    school_name: str, graduate: Graduate | Held, registration: Registration | Held, kind: Kind
) -> dict[str, str]:
    """Return the fields a report of this kind shows, codes; empty ones are left out.

    A row with the columns of `selected` stands for both.
    """
    found: dict[str, Any] = {SCHOOL: school_name}
    for block in BLOCKS[kind]:
        source = graduate if block is Block.BASIC else registration
        found |= {name: getattr(source, name) for name in SHOWN[block] if name != SCHOOL}
    return {name: str(value).strip() for name, value in found.items() if value}


def lacks_own_block(values: Mapping[str, Any], kind: Kind) -> bool:
    """Say whether the block the report is for, file or household, is not registered yet."""
    return not values.get(_OWN[kind])


def blocks(values: Mapping[str, str], kind: Kind) -> list[Shown]:
    """Return the blocks of a report, read out; a block that says nothing is left out."""
    found = [
        Shown(block, BLOCK_TITLES[block], _lines(values, SHOWN[block])) for block in BLOCKS[kind]
    ]
    return [each for each in found if each.lines]


def columns(kind: Kind) -> list[tuple[Block, str]]:
    """Return every field a report of this kind may show beside the name, for a table of many."""
    return [
        (block, _title(name)) for block in BLOCKS[kind] for name in SHOWN[block] if name != "name"
    ]


def _lines(values: Mapping[str, str], shown: Sequence[str]) -> list[ReportValue]:
    return [
        ReportValue(_title(name), _printed(name, values[name])) for name in shown if name in values
    ]


def _printed(name: str, value: str) -> str:
    if name == SCHOOL:
        return value
    return level_title(value) if name == "level" else said(name, value)


def _title(name: str) -> str:
    return "毕业院校" if name == SCHOOL else official_titles.of_report(name)
