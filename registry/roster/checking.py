"""Checks one row of a roster and says what it means for the record; knows no database.

An error refuses the row, a warning is listed. What a row says is handed on in the names of the
tables, only for the columns the file has.
"""

import math
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import String, inspect

from registry.base.clock import SHANGHAI
from registry.base.errors import RuleError
from registry.base.text import folded_number
from registry.codes import identity, parsing
from registry.codes.code_tables import (
    ETHNICITY,
    HARDSHIP,
    LEVEL,
    POLITICAL_STATUS,
    SEX,
    TEACHER_TRAINEE,
    TRAINING_MODE,
    CodeTable,
)
from registry.record import cohort
from registry.record.fields import REGISTRATION
from registry.record.tables import Graduate
from registry.record.validation import GraduateFacts
from registry.roster import oddities
from registry.roster.cells import Cells, cut
from registry.roster.destinations import Destinations, coded, region
from registry.roster.layouts import Header
from registry.roster.problems import RowProblem

FIRST_YEAR = 2000
_COHORT_SIGNS = re.compile(r"年?届?$")
MAX_PARTICULAR = 200

_THE_SAME_FOR_ALL = frozenset({
    "school_code", "school", "branch", "year", "cohort", "graduation_month", "enrolled",
    "level_code", "level", "training_code", "training", "programme_length", "study_mode",
    "department", "major_code", "major",
})  # fmt: skip
"""What schools fill in beforehand for more rows than there are people."""
LEFT = frozenset({"退学", "自动退学", "取消学籍", "开除学籍", "开除", "转学", "转出", "死亡"})
"""What a column of standings (学籍状态) says of who left; whatever else it says changes nothing."""
_OF_ONE_PERSON = ("student_number", "candidate_number", "name", "identity", "phone")
_NUMBERS = ("student_number", "candidate_number", "identity", "phone", "unit_code", "major_code")
_BASIC_CODES: dict[str, CodeTable] = {
    "sex": SEX,
    "level": LEVEL,
    "training": TRAINING_MODE,
}
_BASIC_COLUMN = {"training": "training_mode"}
_BASIC_TEXTS = ("major", "class_name", "training_unit", "programme_length")
_PARTICULAR_CODES: dict[str, CodeTable] = {
    "ethnicity": ETHNICITY,
    "political": POLITICAL_STATUS,
    "teacher": TEACHER_TRAINEE,
    "hardship": HARDSHIP,
}
_PARTICULAR_TEXTS = (
    "branch", "direction", "urban", "prior_file_unit", "prior_police", "household_moved",
    "file_moved", "email", "home_address", "home_phone", "home_postcode", "study_mode",
    "unit_email",
)  # fmt: skip
_FITS_ANYWHERE = 8
"""Characters that every text has room for; what is kept in less is a code, which has its form."""
_LIMITS = {
    column.key: column.type.length
    for column in inspect(Graduate).columns
    if isinstance(column.type, String) and column.type.length
} | {name: each.limit for name, each in REGISTRATION.items() if each.limit}


@dataclass
class Record:
    """What an accepted row says, in the names of the tables."""

    row: int
    year: int
    student_number: str
    candidate_number: str
    identity: str
    phone: str
    department: str
    basics: dict[str, Any] = field(default_factory=dict)
    """Columns of Graduate; an empty cell says nothing and is left out."""
    particulars: dict[str, str] = field(default_factory=dict)
    left: str = ""
    """How the student left, in the file's word; empty for who did not."""
    has_empty_phone: bool = False
    """Whether the file has a column for phones and says none here."""
    registration: dict[str, Any] = field(default_factory=dict)
    """Columns of Registration, empty ones too; nothing at all where there is no category."""
    identity_indexes: Sequence[str] = ()
    """What the identity number may be kept under, once `matching.identity_indexes` was asked."""


class Checker:
    """Checks the rows of one file of one school."""

    def __init__(self, header: Header, school_code: str, at: datetime) -> None:
        """Keep what every row is checked against."""
        self.header = header
        self._school_code = school_code
        self._destinations = Destinations(header)
        self._last_year = at.astimezone(SHANGHAI).year + 2

    def check(self, row: int, texts: Sequence[str]) -> tuple[Record | None, list[RowProblem]]:
        """Return what the row says, or None where it is about nobody, and its problems."""
        cells = cut(self.header, row, texts)
        if cells.texts.keys() <= _THE_SAME_FOR_ALL and cells.broken.isdisjoint(_OF_ONE_PERSON):
            return None, []
        for name in _NUMBERS:
            if parsing.is_damaged(cells.get(name)):
                refusal = parsing.damaged(self.header.title(name))
                cells.error(name, refusal.code, refusal.sentence)
                del cells.texts[name]
        record = self._record(cells)
        oddities.point_out(cells, record.basics, has_category=bool(record.registration))
        if record.registration:
            self._destinations.point_out(cells, record.registration, _facts(record))
        _refuse_too_long(cells, record)
        return record, cells.problems

    def _record(self, cells: Cells) -> Record:
        month = self._graduation(cells)
        number = self._identity(cells)
        return Record(
            row=cells.row,
            year=self._cohort(cells, month) if month else 0,
            student_number=self._wanted(cells, "student_number"),
            candidate_number=folded_number(cells.get("candidate_number")),
            identity=number,
            phone=self._phone(cells),
            department=cells.get("department"),
            basics=self._basics(cells, month),
            particulars=self._particulars(cells),
            left=cells.get("standing") if cells.get("standing") in LEFT else "",
            has_empty_phone="phone" in self.header.columns and "phone" not in cells.texts,
            registration=self._destinations.read(cells),
        )

    def _wanted(self, cells: Cells, name: str) -> str:
        if not cells.get(name) and not any(
            problem.column == self.header.title(name) for problem in cells.problems
        ):
            cells.error(name, "missing", f"“{self.header.title(name)}”没有填写。")
        return folded_number(cells.get(name)) if name != "name" else cells.get(name)

    def _graduation(self, cells: Cells) -> str:
        self._wanted(cells, "graduation_month")
        text = cells.get("graduation_month")
        month = cells.parsed("graduation_month", parsing.month, text) if text else None
        if month is None:
            return ""
        if not FIRST_YEAR <= int(month[:4]) <= self._last_year:
            cells.error("graduation_month", "year_out_of_range", f"毕业年份 {month[:4]} 不合理。")
        year = cells.get("year")
        if year and year not in {month[:4], str(cohort.cohort_of(month))}:
            cells.error("year", "year_disagrees", f"毕业年份与毕业时间 {month} 不一致，请核对。")
        code = cells.get("school_code")
        if code and code.zfill(5) != self._school_code:
            sentence = f"院校代码与本校（{self._school_code}）不符，这一行可能属于别的学校。"
            cells.error("school_code", "other_school", sentence)
        return month

    def _cohort(self, cells: Cells, month: str) -> int:
        """Return the cohort the file says, or the one of the month where it says none."""
        said = cells.get("cohort")
        if not said:
            return cohort.cohort_of(month)
        possible = {str(each): each for each in cohort.cohorts_possible(month)}
        found = possible.get(_COHORT_SIGNS.sub("", folded_number(said)))
        if found is None:
            allowed = "或".join(possible)
            sentence = f"届次与毕业时间 {month} 不符，应为 {allowed}；不填按毕业时间确定。"
            cells.error("cohort", "cohort_disagrees", sentence)
        return found or cohort.cohort_of(month)

    def _identity(self, cells: Cells) -> str:
        if "identity" not in cells.header.columns:
            return ""
        number = identity.normalised(self._wanted(cells, "identity"))
        if number:
            cells.parsed("identity", identity.check, number)
        return number

    def _phone(self, cells: Cells) -> str:
        phone = identity.normalised_phone(cells.get("phone"))
        if phone:
            cells.parsed("phone", identity.check_phone, phone)
        return phone

    def _basics(self, cells: Cells, month: str) -> dict[str, Any]:
        name = self._wanted(cells, "name")
        found: dict[str, Any] = {
            "name": cells.parsed("name", parsing.person_name, name) if name else None,
            "graduation_month": month,
            **{text: cells.get(text) for text in _BASIC_TEXTS},
            "major_code": parsing.major_code(cells.get("major_code")),
        }
        for each, table in _BASIC_CODES.items():
            found[_BASIC_COLUMN.get(each, each)] = coded(cells, each, table)
        found["origin_code"], found["origin"] = region(cells, "origin")
        return {column: value for column, value in found.items() if value}

    def _particulars(self, cells: Cells) -> dict[str, str]:
        texts = cells.texts
        found = {name: texts[name][:MAX_PARTICULAR] for name in _PARTICULAR_TEXTS if name in texts}
        for name, table in _PARTICULAR_CODES.items():
            found[name] = table.title_of(coded(cells, name, table))
        with suppress(RuleError):  # told by `oddities`
            found["enrolled"] = parsing.month(texts["enrolled"]) if "enrolled" in texts else ""
        return {name: value for name, value in found.items() if value}


def _facts(record: Record) -> GraduateFacts:
    basics = record.basics
    mode, unit = basics.get("training_mode", ""), basics.get("training_unit", "")
    return GraduateFacts(basics.get("name", ""), record.year, mode, unit, record.phone)


def _refuse_too_long(cells: Cells, record: Record) -> None:
    numbers = {
        "student_number": record.student_number,
        "candidate_number": record.candidate_number,
    }
    for part in (record.basics, record.registration, numbers):
        for name, value in part.items():
            if value.__class__ is not str or len(value) <= _FITS_ANYWHERE:
                continue
            if len(value) > _LIMITS.get(name, math.inf):
                cells.error(name, "too_long", f"超过 {_LIMITS[name]} 个字，请缩短。")
    if len(record.department) > 80:
        cells.error("department", "too_long", "超过 80 个字，请缩短。")
