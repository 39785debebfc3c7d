"""The file of the refused rows: as they came, with the reasons in a last column."""

import tempfile
from collections.abc import Mapping, Sequence
from io import BytesIO
from itertools import chain
from typing import Protocol

import xlsxwriter

from registry.roster.layouts import REASONS_TITLE, Header
from registry.roster.problems import RowProblem, RowSeverity
from registry.roster.reading import reading

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_WIDTH = 16
_REASONS_WIDTH = 80


class _Sheet(Protocol):
    def write_string(self, row: int, column: int, text: str) -> int:
        """Write a text cell: never a formula, never a number."""
        ...

    def set_column(self, first: int, last: int, width: float) -> int:
        """Set the width of columns."""
        ...


def workbook(content: bytes, header: Header, refused: Mapping[int, Sequence[RowProblem]]) -> bytes:
    """Read the file again and return a workbook of its header and its refused rows."""
    result = BytesIO()
    # Rows go through a file in a private folder instead of memory; it is gone with the block.
    with tempfile.TemporaryDirectory() as folder:
        book = xlsxwriter.Workbook(result, {"constant_memory": True, "tmpdir": folder})
        _write(book.add_worksheet("未导入的行"), content, header, refused)
        book.close()
    return result.getvalue()


def _write(
    sheet: _Sheet, content: bytes, header: Header, refused: Mapping[int, Sequence[RowProblem]]
) -> None:
    last = len(header.titles)
    sheet.set_column(0, last - 1, _WIDTH)
    sheet.set_column(last, last, _REASONS_WIDTH)
    written = 0
    with reading(content) as file:
        for number, cells in file.rows:
            if number >= header.first_row and number not in refused:
                continue
            for position, text in enumerate(cells[:last]):
                if text:
                    sheet.write_string(written, position, text)
            if number == header.first_row - 1:
                sheet.write_string(written, last, REASONS_TITLE)
            elif number in refused:
                sheet.write_string(written, last, reasons(number, refused[number]))
            written += 1


def reasons(row: int, problems: Sequence[RowProblem]) -> str:
    """Return why a row was refused, in one cell."""
    errors = (each for each in problems if each.severity is RowSeverity.ERROR)
    said = (f"{each.column}：{each.sentence}" for each in errors)
    return "".join(chain((f"（原第 {row} 行）",), dict.fromkeys(said)))
