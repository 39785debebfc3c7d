"""Workbooks of any length: rows go through a file instead of memory; texts are never formulas."""

import tempfile
from collections.abc import Iterable, Sequence
from typing import IO, Any

import xlsxwriter

TEXT_FORMAT = 49
"""Spreadsheets' own format @: a number typed there stays as it is typed."""
MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


Cell = str | int
"""What stands in a cell: a text, or a number that is reckoned with."""


def write(
    file: IO[bytes], lines: Iterable[Sequence[str]], name: str = "名单", width: float = 0
) -> int:
    """Write lines below a heading row, each cell a text, never a formula; return how many.

    `width` in characters is each column's; the program's own where it is nothing.
    """
    return write_sheets(file, [(name, lines)], width)


def write_sheets(
    file: IO[bytes],
    sheets: Iterable[tuple[str, Iterable[Sequence[Cell]]]],
    width: float = 0,
) -> int:
    """Write a sheet for each name and its lines, as `write` does; return how many lines."""
    # The folder is private, and gone with the block.
    with tempfile.TemporaryDirectory() as folder:
        options: dict[str, Any] = {"constant_memory": True, "tmpdir": folder}
        with xlsxwriter.Workbook(file, options) as book:
            return sum(_write_sheet(book, *each, width) for each in sheets)


def _write_sheet(
    book: xlsxwriter.Workbook, name: str, lines: Iterable[Sequence[Cell]], width: float
) -> int:
    number = 0
    sheet = book.add_worksheet(name)
    sheet.freeze_panes(1, 0)
    for number, line in enumerate(lines):
        if width and not number:
            sheet.set_column(0, len(line) - 1, width)
        for column, said in enumerate(line):
            write_cell = sheet.write_string if isinstance(said, str) else sheet.write_number
            write_cell(number, column, said)
    return number
