"""Goes through a whole file once: what each row says, which are refused, and why."""

import pickle
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from registry.base.errors import RuleError
from registry.roster.cell_values import said
from registry.roster.checking import Checker, Record
from registry.roster.layouts import Header
from registry.roster.matching import Duplicates
from registry.roster.notes import (
    about_shared_phones,
    about_the_header,
    about_the_rest,
    about_untitled,
)
from registry.roster.opened import OpenRoster, Row, opened
from registry.roster.problems import RowProblem, RowSeverity, refuses
from registry.roster.reading import row_of, sheet_of

CHUNK = 1000
LISTED = 100
"""Problems kept for the page, of each severity."""

Chunk = list[Record]


@dataclass
class Assessment:
    """What is known of a file after going through it."""

    header: Header
    notes: list[RowProblem]
    rows: int = 0
    refused: dict[int, list[RowProblem]] = field(default_factory=dict)
    """All problems of the refused rows, by row number."""
    warned: Counter[str] = field(default_factory=Counter)
    years: Counter[int] = field(default_factory=Counter)
    listed: dict[RowSeverity, list[RowProblem]] = field(default_factory=dict)
    sheets: list[str] = field(default_factory=list)
    """The names of the file's sheets."""
    refused_numbers: set[str] = field(default_factory=set)
    """Student numbers of the rows refused by themselves: who has them is not absent."""
    skipped: list[int] = field(default_factory=list)
    """Rows about nobody: they hold only what is the same for all."""
    untitled: Counter[int] = field(default_factory=Counter)
    """In how many rows columns without a title say something, by position."""
    destinations: int = 0
    """How many rows register where somebody goes."""
    is_text: bool = False
    """Of a csv file, where a comma without quotes shifts the cells behind it."""
    _packed: list[bytes] = field(default_factory=list)

    def keep(self, good: Chunk) -> None:
        """Keep the good rows of a chunk, packed: a row takes some 150 bytes until it is written."""
        self._packed.append(zlib.compress(pickle.dumps(good), level=1))

    def good(self) -> Iterator[Chunk]:
        """Return the good rows again, without those refused since they were kept."""
        for packed in self._packed:
            chunk: Chunk = pickle.loads(zlib.decompress(packed))  # noqa: S301 - packed by `keep`
            if good := [each for each in chunk if each.row not in self.refused]:
                yield good

    def take(self, problem: RowProblem) -> None:
        """Keep a problem, and refuse its row where it is an error."""
        listed = self.listed.setdefault(problem.severity, [])
        if len(listed) < LISTED:
            listed.append(problem)
        if problem.severity is RowSeverity.WARNING:
            self.warned[problem.code] += 1
        else:
            self.refused.setdefault(problem.row, []).append(problem)

    @property
    def problems(self) -> list[RowProblem]:
        """Return what the page lists: notes, then the first errors, then the first warnings."""
        errors = self.listed.get(RowSeverity.ERROR, [])
        warnings = self.listed.get(RowSeverity.WARNING, [])
        return [
            *self.notes,
            *sorted(errors, key=lambda each: each.row),
            *sorted(warnings, key=lambda each: each.row),
        ]

    def as_json(self) -> list[dict[str, Any]]:
        """Return the problems as they are stored: rows as their sheets count, with its name."""
        several = len(self.sheets) > 1
        return [
            {
                **each.as_json(),
                "row": row_of(each.row),
                "sheet": self.sheets[sheet_of(each.row)] if several and each.row else "",
            }
            for each in self.problems
        ]

    @property
    def year(self) -> int | None:
        """Return the graduation year most rows are of."""
        return self.years.most_common(1)[0][0] if self.years else None


def assess(
    content: bytes,
    school_code: str,
    at: datetime,
    look: Callable[[Assessment, Chunk, int], None],
) -> Assessment:
    """Check every row; hand the good ones to `look` by the chunk, with the file's height.

    What `look` adds to them is kept.

    Raises RuleError where the file is no roster or holds nobody, or `rows_lost` where the rows that
    were dealt with are not those of the file.
    """
    duplicates = Duplicates()
    with opened(content) as roster:
        found = Assessment(roster.header, about_the_header(roster), sheets=roster.file.sheets)
        found.is_text = roster.file.is_text
        checker = Checker(roster.header, school_code, at)
        while part := list(islice(roster.rows, CHUNK)):
            good = _checked(found, checker, duplicates, part)
            look(found, good, roster.height)
            found.keep(good)
        refuse_lost_rows(found, roster)
        found.notes += [*about_the_rest(roster, found.skipped), *about_untitled(found.untitled)]
        shared = about_shared_phones(duplicates.shared_phones())
        found.notes += shared
        found.warned.update(each.code for each in shared)
    if not found.rows:
        raise RuleError("no_rows", "表头下面没有数据行。", "file")
    return found


def _checked(found: Assessment, checker: Checker, duplicates: Duplicates, part: list[Row]) -> Chunk:
    """Check some rows; return the good ones and keep what is said of the others."""
    good: Chunk = []
    for number, cells in part:
        found.rows += 1
        if untitled := _untitled(found.header, cells):
            found.untitled.update(untitled)
        record, problems = checker.check(number, cells)
        if record is None:
            found.skipped.append(number)
            continue
        found.destinations += bool(record.registration)
        complaints = problems + duplicates.see(record) + _shifted(found, number, cells)
        for problem in complaints:
            found.take(problem)
        if not refuses(complaints):
            good.append(record)
            found.years[record.year] += 1
        else:
            found.refused_numbers.add(record.student_number)
    return good


def _untitled(header: Header, cells: list[str]) -> list[int]:
    """Return the columns without a title in which a row says something."""
    width = len(cells)
    if width <= len(header.titles) and not header.untitled:
        return []
    beyond = range(len(header.titles), width)
    return [each for each in (*header.untitled, *beyond) if each < width and said(cells[each])]


def _shifted(found: Assessment, row: int, cells: list[str]) -> list[RowProblem]:
    """Return the problem of a row of a csv file that has more cells than the header."""
    more = len(cells) - len(found.header.titles)
    if not found.is_text or more <= 0:
        return []
    sentence = (
        f"这一行比表头多 {more} 格。若某格内容里有逗号等分隔符，请给这一格加上英文双引号；"
        "若是没有列名的列，请补上列名或删除。"
    )
    return [RowProblem(row, "", "cells_shifted", sentence)]


def refuse_lost_rows(found: Assessment, roster: OpenRoster) -> None:
    """Hold the rows that were dealt with against those the parser counted in the file.

    Raises RuleError `rows_lost`.
    """
    dealt_with = found.rows + roster.above + sum(roster.left_out.values())
    if dealt_with != roster.file.content_rows:
        raise lost_rows(roster.file.content_rows, dealt_with)


def lost_rows(expected: int, found: int) -> RuleError:
    """Return the refusal of an import whose rows do not add up."""
    sentence = (
        f"文件有 {expected} 行，核对的结果却是 {found} 行，没有导入任何内容，请联系平台运营人员。"
    )
    return RuleError("rows_lost", sentence, "file")
