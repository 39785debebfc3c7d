"""The student numbers of an uploaded table: the column titled so, whatever else stands in it."""

from collections.abc import Iterable, Sequence

from registry.base.errors import RuleError
from registry.roster.cell_values import said
from registry.roster.layouts import HEADER_WITHIN, field_of
from registry.roster.reading import reading, refuse_hostile

FIELD = "student_number"


def student_numbers(content: bytes) -> tuple[str, ...]:
    """Return the student numbers of a workbook or csv file, each once, as they stand there.

    Raises RuleError `no_number_column`, `no_numbers`, or what is said of a file nobody can read.
    """
    refuse_hostile(content)
    with reading(content) as file:
        found = tuple(_column(cells for _, cells in file.rows))
    if not found:
        raise RuleError("no_numbers", "“学号”这一列里没有学号，请核对文件。", "file")
    return found


def _column(rows: Iterable[Sequence[str]]) -> dict[str, None]:
    """Return the column's cells as the keys of a dictionary, which keeps their order."""
    numbers: dict[str, None] = {}
    place: int | None = None
    for row, cells in enumerate(rows, 1):
        if place is None:
            place = _place(cells)
            if place is None and row >= HEADER_WITHIN:
                break
        elif place < len(cells) and (number := said(cells[place])):
            numbers[number] = None
    if place is None:
        raise RuleError(
            "no_number_column", "没有找到“学号”这一列。请把那一列的列名写成“学号”再上传。", "file"
        )
    return numbers


def _place(cells: Sequence[str]) -> int | None:
    return next((place for place, cell in enumerate(cells) if field_of(cell) == FIELD), None)
