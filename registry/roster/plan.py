"""What an import would do, person by person: who is new, who changes, who is not in the file.

It is kept sealed while it waits to be approved. Numbers of documents and phones are not in it.
"""

import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from registry.base.text import compared
from registry.codes.code_tables import TRAINING_MODE
from registry.record.field_values import said
from registry.record.fields import ALL, PLACES


class Fate(StrEnum):
    """What would become of a person."""

    NEW = "new"
    CHANGED = "changed"
    ABSENT = "absent"


FATE_TITLES = {Fate.NEW: "新增", Fate.CHANGED: "有变更", Fate.ABSENT: "不在文件中"}

_TITLES = {
    "student_number": "学号",
    "candidate_number": "考生号",
    "department_id": "院系",
    "class_name": "班级",
    "year": "届次",
    "major_code": "专业代码",
    "training_mode": "培养方式",
    "training_unit": "定向或委培单位",
    **{name: each.title for name, each in ALL.items()},
}
_SEALED = {
    "identity_index": "证件号码",
    "phone_index": "手机号码",
    "particulars_sealed": "其他信息",
}
"""Values that are not shown: only that they change."""
_NOT_SHOWN = "（不显示）"


@dataclass
class PersonForeseen:
    """One person, as the check names her."""

    student_number: str
    name: str
    department: str = ""
    row: int = 0
    """0 for who is not in the file."""
    changes: list[tuple[str, str, str]] = field(default_factory=list)
    """Title, before and after, as people read them."""


@dataclass
class Plan:
    """What an import would do to whom."""

    new: list[PersonForeseen] = field(default_factory=list)
    changed: list[PersonForeseen] = field(default_factory=list)
    absent: list[PersonForeseen] = field(default_factory=list)
    departments: dict[str, int] = field(default_factory=dict)
    """Departments that the school has not: how many people are in each."""

    def of(self, fate: Fate) -> list[PersonForeseen]:
        """Return the people of one kind."""
        return {Fate.NEW: self.new, Fate.CHANGED: self.changed, Fate.ABSENT: self.absent}[fate]

    def packed(self) -> bytes:
        """Return it as it is stored."""
        return zlib.compress(json.dumps(self, ensure_ascii=False, default=vars).encode(), level=1)


def unpacked(content: bytes) -> Plan:
    """Return a plan that was stored."""
    told = json.loads(zlib.decompress(content))
    new, changed, absent = (list(map(_person, told[fate])) for fate in Fate)
    return Plan(new, changed, absent, told["departments"])


def _person(told: dict[str, Any]) -> PersonForeseen:
    return PersonForeseen(**{**told, "changes": [(*each,) for each in told["changes"]]})


def changes(
    before: Mapping[str, object], after: Mapping[str, object]
) -> Iterator[tuple[str, str, str]]:
    """Yield title, before and after of every field that really changes."""
    for name, value in after.items():
        if name in _SEALED:
            yield _SEALED[name], _NOT_SHOWN, _NOT_SHOWN
        elif (
            name in _TITLES and name not in PLACES and compared(before.get(name)) != compared(value)
        ):
            yield _TITLES[name], _read(name, before.get(name)), _read(name, value)


def _read(name: str, value: object) -> str:
    if name == "training_mode":
        return TRAINING_MODE.title_of(str(value or ""))
    if name == "year" and isinstance(value, int) and value < 0:
        return "停用"
    if name in ALL:
        return said(name, value)
    return "" if value is None else str(value)
