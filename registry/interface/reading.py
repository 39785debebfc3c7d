"""What a pushed record says, read as a row of a roster is: by the same catalogue, rules and words.

A record says everything each time, so that versions which never arrive leave nothing out.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from registry.base.text import folded_number
from registry.interface.national_names import FIELDS, HEADER
from registry.record import validation
from registry.record.validation import GraduateFacts
from registry.roster.cell_values import said
from registry.roster.cells import Cells
from registry.roster.destinations import Destinations
from registry.roster.problems import RowProblem, RowSeverity

AHEAD = timedelta(minutes=5)
"""How far a source's clock may be ahead of ours."""
_READER = Destinations(HEADER)


@dataclass(frozen=True)
class RowFault:
    """One thing wrong, or odd, with a row; the sentence is Chinese and repeats no value of it."""

    name: str
    """Of the row's JSON object; empty where it is about the row."""
    code: str
    sentence: str


@dataclass(frozen=True)
class PushedRow:
    """One row of a batch, whose shape is right."""

    index: int
    source_id: str
    version: int
    void: bool
    values: Mapping[str, str]
    """Texts by name, those of a void row left out."""
    reported_at: datetime | None

    @cached_property
    def digest(self) -> str:
        """Return SHA-256 (64 hex digits) of what it says, without the version."""
        at = self.reported_at.isoformat() if self.reported_at else ""
        whole = [self.void, at, sorted(self.values.items())]
        return hashlib.sha256(json.dumps(whole, ensure_ascii=False).encode()).hexdigest()

    def get(self, name: str) -> str:
        """Return a text, empty where the row says none."""
        return self.values.get(name, "")

    def number(self, name: str) -> str:
        """Return a number as it is stored and looked for."""
        return folded_number(self.get(name))


@dataclass(frozen=True)
class Reading:
    """What a row registers, and what is wrong or odd about it."""

    registration: dict[str, Any] = field(default_factory=dict)
    """Columns of Registration, all of them."""
    errors: list[RowFault] = field(default_factory=list)
    warnings: list[RowFault] = field(default_factory=list)


def read(row: PushedRow, person: GraduateFacts, at: datetime) -> Reading:
    """Read what a row says of a graduate; errors refuse it, warnings are listed."""
    texts = {each: text for name, each in FIELDS.items() if (text := said(row.get(name)))}
    cells = Cells(HEADER, row.index, texts)
    registration = _READER.read(cells)
    if not registration and "category_code" not in cells.told:
        cells.error("category_code", "category_missing", "请填写毕业去向代码。")
    validation.name_unit_abroad(registration)
    if registration:
        _READER.point_out(cells, registration, person)
    errors = _of(cells.problems, RowSeverity.ERROR) + _clock(row, at)
    return Reading(registration, errors, _of(cells.problems, RowSeverity.WARNING))


def _of(problems: list[RowProblem], severity: RowSeverity) -> list[RowFault]:
    return [
        RowFault(each.column, each.code, each.sentence)
        for each in problems
        if each.severity is severity
    ]


def _clock(row: PushedRow, at: datetime) -> list[RowFault]:
    if row.reported_at is None or row.reported_at <= at + AHEAD:
        return []
    return [RowFault("sbsj", "reported_in_future", "上报时间晚于当前时间，请核对系统时钟。")]
