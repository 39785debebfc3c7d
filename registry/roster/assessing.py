"""Goes through a whole file once: what each row says, which are refused, and why."""

import pickle
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain, islice

from registry.base.errors import RuleError
from registry.roster.checking import Checker, Record
from registry.roster.destinations import Destinations
from registry.roster.layouts import HEADER_WITHIN, LAYOUT_TITLES, Header, find_header
from registry.roster.matching import Duplicates
from registry.roster.problems import RowProblem, RowSeverity, refuses
from registry.roster.reading import reading

CHUNK = 500
LISTED = 100
"""Problems kept for the page, of each severity."""

NOTES = {"more_sheets": "工作簿有多个工作表，只读取了第一个。"}

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

    @property
    def year(self) -> int | None:
        """Return the graduation year most rows are of."""
        return self.years.most_common(1)[0][0] if self.years else None


@dataclass(frozen=True)
class OpenRoster:
    """A roster being read: its header and, row by row, what it says."""

    header: Header
    notes: list[RowProblem]
    height: int
    rows: Iterator[tuple[Record, list[RowProblem]]]


@contextmanager
def roster(content: bytes, school_code: str, at: datetime) -> Iterator[OpenRoster]:
    """Open a file as a roster; raise RuleError where it is none, here or between two rows."""
    with reading(content) as file:
        head = list(islice(file.rows, HEADER_WITHIN))
        header = find_header([cells for _, cells in head])
        checker = Checker(header, school_code, at)
        yield OpenRoster(
            header,
            _notes(header, file.notes),
            max(file.height - header.first_row + 1, 0),
            _checked(checker, chain(head, file.rows)),
        )


def _notes(header: Header, codes: list[str]) -> list[RowProblem]:
    notes = [("layout", f"按“{LAYOUT_TITLES[header.layout]}”的列名读取。")]
    if header.unknown:
        names = "、".join(header.unknown[:20])
        notes.append(("unknown_columns", f"这些列没有用到：{names}。"))
    if absent := Destinations(header).absent():
        sentence = f"文件没有这些列，对应的内容不作检查、保持原样：{'、'.join(absent)}。"
        notes.append(("columns_absent", sentence))
    notes += [(code, NOTES[code]) for code in codes]
    return [RowProblem(0, "", code, sentence, RowSeverity.NOTE) for code, sentence in notes]


def _checked(
    checker: Checker, rows: Iterator[tuple[int, list[str]]]
) -> Iterator[tuple[Record, list[RowProblem]]]:
    for number, cells in rows:
        if number < checker.header.first_row:
            continue
        record, problems = checker.check(number, cells)
        if record is not None:
            yield record, problems


def assess(
    content: bytes,
    school_code: str,
    at: datetime,
    look: Callable[[Assessment, Chunk, int], None],
) -> Assessment:
    """Check every row; hand the good ones to `look` by the chunk, with the file's height.

    Raises RuleError where the file is no roster or holds nobody.
    """
    duplicates = Duplicates()
    with roster(content, school_code, at) as opened:
        found = Assessment(opened.header, opened.notes)
        while part := list(islice(opened.rows, CHUNK)):
            good: Chunk = []
            for record, problems in part:
                complaints = problems + duplicates.see(record)
                for problem in complaints:
                    found.take(problem)
                if not refuses(complaints):
                    good.append(record)
                    found.years[record.year] += 1
            found.rows += len(part)
            found.keep(good)
            look(found, good, opened.height)
    if not found.rows:
        raise RuleError("no_rows", "表头下面没有数据行。", "file")
    return found
