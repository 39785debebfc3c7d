"""Which fields matter (重要字段): what a change of each resets, and how values are compared.

The guide for schools, 1.1 and 2.2, says a change of the important fields of destination, file
transfer and household move makes the confirmation 未确认 again; the fields are those that the
confirmation page and the report show. What only the report shows resets nothing, but lapses the
numbers it was printed with (`registry.numbers.lapse`).
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from registry.base.text import compared


class Block(StrEnum):
    """A part of what is registered."""

    BASIC = "basic"
    DESTINATION = "destination"
    FILE = "file"
    HOUSEHOLD = "household"


BLOCK_TITLES = {
    Block.BASIC: "基本信息",
    Block.DESTINATION: "毕业去向",
    Block.FILE: "档案转递",
    Block.HOUSEHOLD: "户口迁移",
}


@dataclass(frozen=True)
class Important:
    """An important field: its block, its title, and what its change does."""

    block: Block
    title: str
    resets: bool = True
    """Whether a change makes the confirmation unconfirmed again."""


FIELDS: dict[str, Important] = {
    "name": Important(Block.BASIC, "姓名"),
    "sex": Important(Block.BASIC, "性别", resets=False),
    "level": Important(Block.BASIC, "学历"),
    "major": Important(Block.BASIC, "专业"),
    "graduation_month": Important(Block.BASIC, "毕业时间"),
    "programme_length": Important(Block.BASIC, "学制", resets=False),
    "origin": Important(Block.BASIC, "生源所在地", resets=False),
    "category": Important(Block.DESTINATION, "毕业去向"),
    "unit_name": Important(Block.DESTINATION, "单位名称"),
    "unit_location": Important(Block.DESTINATION, "单位所在地"),
    "file_type": Important(Block.FILE, "档案转递类型"),
    "file_unit": Important(Block.FILE, "档案转递单位名称"),
    "file_location": Important(Block.FILE, "档案转递单位所在地"),
    "file_postcode": Important(Block.FILE, "档案转递单位邮编", resets=False),
    "file_contact": Important(Block.FILE, "档案转递联系人/联系部门", resets=False),
    "file_phone": Important(Block.FILE, "档案转递联系电话", resets=False),
    "household_type": Important(Block.HOUSEHOLD, "户口迁移类型"),
    "household_location": Important(Block.HOUSEHOLD, "户口迁移所在地"),
}


@dataclass(frozen=True)
class Difference:
    """An important field whose value really changed."""

    field: str
    before: str
    after: str

    @property
    def about(self) -> Important:
        """Return what is known of the field."""
        return FIELDS[self.field]


def snapshot(values: Mapping[str, object]) -> dict[str, str]:
    """Return the important fields of a record as text, in the order of the table."""
    return {
        field: "" if values.get(field) is None else str(values[field]).strip() for field in FIELDS
    }


def snapshot_hash(values: Mapping[str, object]) -> str:
    """Return the SHA-256 (hex) of the compared values: equal for equal records."""
    found = [compared(values.get(field)) for field in FIELDS]
    return hashlib.sha256(json.dumps(found, ensure_ascii=False).encode()).hexdigest()


def differences(before: Mapping[str, object], after: Mapping[str, object]) -> list[Difference]:
    """Return the important fields that differ by value, in the order of the table."""
    return [
        Difference(field, str(before.get(field) or ""), str(after.get(field) or ""))
        for field in FIELDS
        if _differ(before.get(field), after.get(field))
    ]


def _differ(before: object, after: object) -> bool:
    return before != after and compared(before) != compared(after)


def differences_since(taken: Mapping[str, object], now: Mapping[str, object]) -> list[Difference]:
    """Return what differs from a snapshot taken earlier, perhaps before a field mattered."""
    return differences({**now, **taken}, now)


def resets(found: list[Difference]) -> bool:
    """Say whether any of these changes resets the confirmation."""
    return any(difference.about.resets for difference in found)


def changed_blocks(found: Sequence[Difference]) -> tuple[Block, ...]:
    """Return the blocks these changes touch, each once, in the order of the table."""
    return tuple(dict.fromkeys(difference.about.block for difference in found))


def changed_titles(found: Sequence[Difference]) -> tuple[str, ...]:
    """Return the titles of those blocks."""
    return tuple(BLOCK_TITLES[block] for block in changed_blocks(found))
