"""Workbooks of any length: rows go through a file instead of memory; texts are never formulas."""

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any

import xlsxwriter

from registry.base.clock import SHANGHAI

TEXT_FORMAT = 49
"""Spreadsheets' own format @: a number typed there stays as it is typed."""
STAMP = "导出信息"
"""The name of the sheet that says who took a list along."""
MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


Cell = str | int
"""What stands in a cell: a text, or a number that is reckoned with."""


@dataclass(frozen=True)
class Stamp:
    """Who took a list along, and when: on a sheet of its own, and at the foot of each page."""

    by: str
    """As people read it."""
    at: datetime
    place: str
    """School or platform."""

    def lines(self, rows: int) -> Iterator[tuple[str, str]]:
        """Yield title and words of each line of the sheet."""
        yield "导出人", self.by
        yield "所属", self.place
        yield "导出时间", f"{self.at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"
        yield "行数", str(rows)
        yield "使用要求", "含个人信息，仅限工作使用，用后及时删除，不得转发。"


def write(
    file: IO[bytes],
    lines: Iterable[Sequence[str]],
    name: str = "名单",
    width: float = 0,
    stamp: Stamp | None = None,
    headings: int = 1,
) -> int:
    """Write lines below heading rows, each cell a text, never a formula; return how many.

    `width` in characters is each column's; the program's own where it is nothing.
    """
    return write_sheets(file, [(name, lines)], width, stamp, headings)


def write_sheets(
    file: IO[bytes],
    sheets: Iterable[tuple[str, Iterable[Sequence[Cell]]]],
    width: float = 0,
    stamp: Stamp | None = None,
    headings: int = 1,
) -> int:
    """Write a sheet for each name and its lines, as `write` does; return how many lines."""
    # The folder is private, and gone with the block.
    with tempfile.TemporaryDirectory() as folder:
        options: dict[str, Any] = {"constant_memory": True, "tmpdir": folder}
        with xlsxwriter.Workbook(file, options) as book:
            number = sum(_write_sheet(book, *each, width, headings) for each in sheets)
            if stamp is not None:
                _stamp(book, stamp, number)
    return number


def _write_sheet(
    book: xlsxwriter.Workbook,
    name: str,
    lines: Iterable[Sequence[Cell]],
    width: float,
    headings: int,
) -> int:
    number = 0
    sheet = book.add_worksheet(name)
    sheet.freeze_panes(headings, 0)
    for number, line in enumerate(lines):
        if width and not number:
            sheet.set_column(0, len(line) - 1, width)
        for column, said in enumerate(line):
            write_cell = sheet.write_string if isinstance(said, str) else sheet.write_number
            write_cell(number, column, said)
    return max(number + 1 - headings, 0)


def _stamp(book: xlsxwriter.Workbook, stamp: Stamp, rows: int) -> None:
    said = dict(stamp.lines(rows))
    names = f"{said['导出人']} {said['导出时间']}".replace("&", "&&")
    for sheet in book.worksheets():
        sheet.set_footer(f"&L{names}&R&P / &N")
    about = book.add_worksheet(STAMP)
    about.set_column(0, 1, 24)
    for row, line in enumerate(said.items()):
        for column, text in enumerate(line):
            about.write_string(row, column, text)
