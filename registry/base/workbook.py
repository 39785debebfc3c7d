"""Workbooks of any length: rows go through a file instead of memory; texts are never formulas."""

import tempfile
from collections.abc import Iterable, Sequence
from typing import IO, Any

import xlsxwriter

from registry.base import stamp as stamps
from registry.base.stamp import Stamp

TEXT_FORMAT = 49
"""Spreadsheets' own format @: a number typed there stays as it is typed."""
MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


Cell = str | int
"""What stands in a cell: a text, or a number that is reckoned with."""


def write(
    file: IO[bytes],
    lines: Iterable[Sequence[str]],
    *,
    stamp: Stamp | None,
    name: str = "名单",
    width: float = 0,
    headings: int = 1,
) -> int:
    """Write lines below heading rows, each cell a text, never a formula; return how many.

    `width` in characters is each column's; the program's own where it is nothing. None as `stamp`
    is for what is no export (tests/architecture/test_downloads.py names all of it).
    """
    sheets = [(name, lines)]
    return write_sheets(file, sheets, stamp=stamp, width=width, headings=headings)


def write_sheets(
    file: IO[bytes],
    sheets: Iterable[tuple[str, Iterable[Sequence[Cell]]]],
    *,
    stamp: Stamp | None,
    width: float = 0,
    headings: int = 1,
) -> int:
    """Write a sheet for each name and its lines, as `write` does; return how many lines."""
    # The folder is private, and gone with the block.
    with tempfile.TemporaryDirectory() as folder:
        options: dict[str, Any] = {"constant_memory": True, "tmpdir": folder}
        with xlsxwriter.Workbook(file, options) as book:
            number = sum(_write_sheet(book, *each, width, headings) for each in sheets)
            if stamp is not None:
                put_stamp(book, stamp, number)
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


def put_stamp(book: xlsxwriter.Workbook, stamp: Stamp, rows: int) -> None:
    """Put the stamp on a workbook whose sheets are written; `rows` are those below the headings."""
    said = dict(stamp.lines(rows))
    names = f"{said['导出人']} {said['导出时间']}".replace("&", "&&")
    for sheet in book.worksheets():
        sheet.set_footer(f"&L{names}&R&P / &N")
    about = book.add_worksheet(stamps.SHEET)
    about.set_column(0, 1, 24)
    for row, line in enumerate(said.items()):
        for column, text in enumerate(line):
            about.write_string(row, column, text)
