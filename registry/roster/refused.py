"""The file of the refused rows: as they came, with the reasons in a last column."""

import tempfile
from collections.abc import Mapping, Sequence
from io import BytesIO
from itertools import chain
from typing import Protocol

import xlsxwriter

from registry.base.stamp import Stamp
from registry.base.workbook import TEXT_FORMAT, put_stamp
from registry.roster.layouts import REASONS_TITLE, Header
from registry.roster.problems import RowProblem, RowSeverity
from registry.roster.reading import reading, row_words

_WIDTH = 16
_REASONS_WIDTH = 80


class _Sheet(Protocol):
    def write_string(self, row: int, column: int, text: str, form: object) -> int:
        """Write a text cell: never a formula, never a number."""
        ...

    def set_column(self, first: int, last: int, width: float, form: object) -> int:
        """Set the width and the format of columns."""
        ...


def workbook(
    content: bytes, header: Header, refused: Mapping[int, Sequence[RowProblem]], stamp: Stamp
) -> bytes:
    """Read the file again and return a workbook of its header and its refused rows."""
    result = BytesIO()
    # Rows go through a file in a private folder instead of memory; it is gone with the block.
    with tempfile.TemporaryDirectory() as folder:
        book = xlsxwriter.Workbook(result, {"constant_memory": True, "tmpdir": folder})
        as_text = book.add_format({"num_format": TEXT_FORMAT})
        _write(book.add_worksheet("未导入的行"), as_text, content, header, refused)
        put_stamp(book, stamp, len(refused))
        book.close()
    return result.getvalue()


def _write(
    sheet: _Sheet,
    as_text: object,
    content: bytes,
    header: Header,
    refused: Mapping[int, Sequence[RowProblem]],
) -> None:
    last = len(header.titles)
    sheet.set_column(0, last - 1, _WIDTH, as_text)
    sheet.set_column(last, last, _REASONS_WIDTH, as_text)
    written = 0
    with reading(content) as file:
        for number, cells in file.rows:
            if number not in refused and not header.covers(number):
                continue
            for position, text in enumerate(cells[:last]):
                if text:
                    sheet.write_string(written, position, text, as_text)
            if number == header.first_row - 1:
                sheet.write_string(written, last, REASONS_TITLE, as_text)
            elif number in refused:
                sheet.write_string(written, last, reasons(number, refused[number]), as_text)
            written += 1


def reasons(row: int, problems: Sequence[RowProblem]) -> str:
    """Return why a row was refused, in one cell."""
    errors = (each for each in problems if each.severity is RowSeverity.ERROR)
    said = (f"{each.column}：{each.sentence}" for each in errors)
    return "".join(chain((f"（原{row_words(row)}）",), dict.fromkeys(said)))
