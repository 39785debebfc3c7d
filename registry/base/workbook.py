"""Workbooks of any length: rows go through a file instead of memory, every cell is a text."""

import tempfile
from collections.abc import Iterable, Sequence
from typing import IO, Any

import xlsxwriter

TEXT_FORMAT = 49
"""Spreadsheets' own format @: a number typed there stays as it is typed."""
MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def write(
    file: IO[bytes], lines: Iterable[Sequence[str]], name: str = "名单", width: float = 0
) -> int:
    """Write lines below a heading row, each cell a text, never a formula; return how many.

    `width` in characters is each column's; the program's own where it is nothing.
    """
    number = 0
    # The folder is private, and gone with the block.
    with tempfile.TemporaryDirectory() as folder:
        options: dict[str, Any] = {"constant_memory": True, "tmpdir": folder}
        with xlsxwriter.Workbook(file, options) as book:
            sheet = book.add_worksheet(name)
            sheet.freeze_panes(1, 0)
            for number, line in enumerate(lines):
                if width and not number:
                    sheet.set_column(0, len(line) - 1, width)
                for column, text in enumerate(line):
                    sheet.write_string(number, column, text)
    return number
