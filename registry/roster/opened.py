"""A file opened as a roster: which of its sheets hold people, under which header, in which rows."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain, groupby, islice

from registry.base.errors import RuleError
from registry.roster.layouts import HEADER_WITHIN, NO_HEADER, Header, header_of, refuse_unfit
from registry.roster.reading import OpenFile, reading, sheet_of

Row = tuple[int, list[str]]
MOST_NAMED = 6
"""Sheets named in one sentence, each of up to 31 characters: a task keeps 300."""


@dataclass
class OpenRoster:
    """A roster being read: its header, its rows, and what of the file is no row of people."""

    file: OpenFile
    found: Header | None = None
    rows: Iterator[Row] = field(default_factory=lambda: iter(()))
    """The rows below the headers that have content."""
    above: int = 0
    """How many rows with content are headers or stand above them."""
    left_out: dict[int, int] = field(default_factory=dict)
    """How many rows the sheets have that are no roster, by sheet from 0."""

    @property
    def header(self) -> Header:
        """Return the header of the first sheet with people; others have the same columns."""
        assert self.found is not None
        return self.found

    @property
    def height(self) -> int:
        """Return about how many rows of people there are."""
        return max(self.file.height - self.above, 0)

    @property
    def is_one_sheet(self) -> bool:
        """Say whether the file has a single sheet."""
        return len(self.file.sheets) == 1

    def name(self, sheet: int) -> str:
        """Return how a sheet is called."""
        return self.file.sheets[sheet]


@contextmanager
def opened(content: bytes) -> Iterator[OpenRoster]:
    """Open a file as a roster: the sheets with people, which must have the same columns.

    Raises RuleError `no_header`, `column_twice`, `columns_missing` or `sheets_differ`, or what is
    said of a file nobody can read, here or between two rows.
    """
    with reading(content) as file:
        roster = OpenRoster(file)
        rows = _rows(roster)
        first = list(islice(rows, 1))  # by then the header is known
        roster.rows = chain(first, rows)
        yield roster


def _rows(roster: OpenRoster) -> Iterator[Row]:
    """Pass on the rows of people, sheet by sheet, and count the others."""
    nearly: list[tuple[int, Header]] = []
    for sheet, rows in groupby(roster.file.rows, key=lambda row: sheet_of(row[0])):
        head = list(islice(rows, HEADER_WITHIN))
        header = header_of([cells for _, cells in head], [number for number, _ in head])
        if header is None or not (header.is_of_people or roster.is_one_sheet):
            nearly += [(sheet, header)] if header else []
            roster.left_out[sheet] = len(head) + sum(1 for _ in rows)
            continue
        _take(roster, sheet, header)
        for row in chain(head, rows):
            if row[0] >= header.first_row:
                yield row
            else:
                roster.above += 1
    if roster.found is None:
        _refuse_all(roster, nearly)


def _take(roster: OpenRoster, sheet: int, header: Header) -> None:
    _refuse_unfit(roster, sheet, header)
    if roster.found is None:
        roster.found = header
    elif header.columns != roster.found.columns:
        first, other = roster.name(sheet_of(roster.found.first_row)), roster.name(sheet)
        sentence = (
            f"工作表“{first}”和“{other}”的列不一样，不能一起导入。"
            "请分成两个文件，或删除、隐藏不需要的工作表。"
        )
        raise RuleError("sheets_differ", sentence, "file")


def _refuse_unfit(roster: OpenRoster, sheet: int, header: Header) -> None:
    try:
        refuse_unfit(header)
    except RuleError as refusal:
        if roster.is_one_sheet:
            raise
        sentence = f"工作表“{roster.name(sheet)}”：{refusal.sentence}不需要的工作表请删除或隐藏。"
        raise RuleError(refusal.code, sentence, "file") from None


def _refuse_all(roster: OpenRoster, nearly: list[tuple[int, Header]]) -> None:
    """Refuse a file none of whose sheets is a roster, by the one that is nearest to one."""
    for sheet, header in nearly:
        _refuse_unfit(roster, sheet, header)
    sentence = NO_HEADER
    if not roster.is_one_sheet:
        sentence += f"看过的工作表：{'、'.join(roster.file.sheets[:MOST_NAMED])}。"
    raise RuleError("no_header", sentence, "file")
