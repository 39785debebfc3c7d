"""The student numbers of an uploaded table: the column titled so, whatever else stands in it."""

from collections.abc import Iterable
from itertools import chain, groupby, islice

from registry.base.errors import RuleError
from registry.roster.cell_values import said
from registry.roster.layouts import HEADER_WITHIN, field_of
from registry.roster.reading import reading, refuse_hostile, sheet_of

FIELD = "student_number"
Row = tuple[int, list[str]]


def student_numbers(content: bytes) -> tuple[str, ...]:
    """Return the student numbers of a workbook or csv file, each once, as they stand there.

    Every sheet that has the column is read. Raises RuleError `no_number_column`, `no_numbers`, or
    what is said of a file nobody can read.
    """
    refuse_hostile(content)
    with reading(content) as file:
        sheets = groupby(file.rows, key=lambda row: sheet_of(row[0]))
        columns = [column for _, rows in sheets if (column := _column(rows)) is not None]
    if not columns:
        raise RuleError(
            "no_number_column", "没有找到“学号”这一列。请把那一列的列名写成“学号”再上传。", "file"
        )
    found = tuple(dict.fromkeys(number for column in columns for number in column))
    if not found:
        raise RuleError("no_numbers", "“学号”这一列里没有学号，请核对文件。", "file")
    return found


def _column(rows: Iterable[Row]) -> list[str] | None:
    """Return what stands in a sheet below the title; None where there is none."""
    lines = iter(rows)
    head = list(islice(lines, HEADER_WITHIN))
    places = (
        (at, place)
        for at, (_, cells) in enumerate(head)
        for place, cell in enumerate(cells)
        if field_of(cell) == FIELD
    )
    at, place = next(places, (-1, -1))
    if place < 0:
        return None
    cells_below = (cells for _, cells in chain(head[at + 1 :], lines))
    return [
        number for cells in cells_below if place < len(cells) and (number := said(cells[place]))
    ]
