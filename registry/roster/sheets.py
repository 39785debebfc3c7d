"""Reads one uploaded spreadsheet in a process of its own, under limits; knows nothing of rosters.

The file comes on standard input, what is read leaves on standard output as JSON, a line each:
first `{"sheets": [{"name": …, "height": …, "hidden_columns": [from 0]}, …], "hidden": [names of
hidden sheets]}`, then for
each sheet its number from 0 and a line for each row down to the last that says anything
(`[]` where it says nothing), at the end `{"rows": rows with content, "concealed": {sheet: rows}}`.
Instead of any line `{"refused": code, "place": …}` may come, and is the last. A parser that breaks
takes only this process.
"""

import csv
import datetime as dt
import io
import json
import resource
import signal
import sys
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from xml.parsers import expat

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from registry.base import stamp
from registry.roster.sheet_xml import Findings, Package
from registry.roster.text_table import MAX_CELL, text_rows
from registry.roster.unreadable import UnreadableFile

MEMORY_BYTES = 1 << 30
CPU_SECONDS = 60
PATIENCE_SECONDS = 600
MAX_COLUMNS = 200
MAX_ROWS = 60_000
MAX_CELLS = 12_000_000
"""Cells of a sheet, empty ones too: one that stands far away takes memory for all before it."""
MAX_MERGED = 200_000
EXACT_BELOW = 10**15  # spreadsheets keep 15 digits of a number; more were lost on typing

Row = list[str]
_encoded = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_OF_A_PARSER = (CalamineError, csv.Error, expat.ExpatError, zipfile.BadZipFile)


@dataclass
class Table:
    """One sheet, or the one table that a csv file is."""

    name: str
    height: int
    rows: Iterable[Row]
    concealed: frozenset[int] = field(default_factory=frozenset)
    """Rows that a filter or a person has hidden, from 0."""
    hidden_columns: list[int] = field(default_factory=list)
    """From 0."""


def limit_this_process() -> None:
    """Bound memory, processor time and life, and forbid writing files."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    signal.alarm(PATIENCE_SECONDS)


def cell_text(value: object) -> str:
    """Return a cell as a person reads it; a number too long to be exact shows its exponent."""
    match value:
        case str():
            text = value[:MAX_CELL]
        case bool():
            text = "是" if value else "否"
        case float() | int():
            text = _number_text(value)
        case dt.datetime():
            text = value.date().isoformat()
        case _:
            text = str(value)
    return text


def _number_text(value: float) -> str:
    if abs(value) >= EXACT_BELOW:
        return f"{value:.14E}"
    return str(int(value)) if value == int(value) else str(value)


def workbook_tables(content: bytes) -> tuple[list[Table], list[str]]:
    """Return the visible sheets that hold anything, and the names of the hidden ones that do.

    The stamp of an export that comes back corrected is none of them.
    """
    workbook, package = CalamineWorkbook.from_filelike(io.BytesIO(content)), Package(content)
    sheets = [each for each in workbook.sheets_metadata if each.typ == SheetTypeEnum.WorkSheet]
    visible = [each.name for each in sheets if each.visible == SheetVisibleEnum.Visible]
    hidden = [each.name for each in sheets if each.name not in visible]
    tables = [_table(workbook, package, name) for name in visible if not _is_stamp(workbook, name)]
    if not tables:
        raise UnreadableFile("no_sheet")
    return tables, hidden


def _is_stamp(workbook: CalamineWorkbook, name: str) -> bool:
    if name != stamp.SHEET:
        return False
    lines = islice(workbook.get_sheet_by_name(name).iter_rows(), stamp.ROWS)
    return stamp.is_stamp([str(line[0]) for line in lines if line])


def _table(workbook: CalamineWorkbook, package: Package, name: str) -> Table:
    found = package.findings(name, MAX_ROWS)
    if found.width * found.height > MAX_CELLS:
        raise UnreadableFile("far_cell", found.height)
    sheet = workbook.get_sheet_by_name(name)
    if sheet.total_width > MAX_COLUMNS:
        raise UnreadableFile("too_many_columns")
    rows, hidden = _sheet_rows(sheet, found), frozenset(found.hidden)
    columns = [each for each in found.hidden_columns if each < MAX_COLUMNS]
    return Table(name, sheet.total_height, rows, hidden, columns)


def _sheet_rows(sheet: CalamineSheet, found: Findings) -> Iterator[Row]:
    """Return the rows, a cell merged downwards in each of them, errors as they are shown."""
    left = sheet.start[1] if sheet.start else 0
    merged = _merged_downwards(sheet)
    above: dict[int, str] = {}
    for number, cells in enumerate(sheet.iter_rows()):
        row = [  # most cells are texts
            cell[:MAX_CELL] if isinstance(cell, str) else cell_text(cell) for cell in cells
        ]
        if left:
            row = [""] * left + row
        for column, text in found.errors.get(number, {}).items():
            row += [""] * (column + 1 - len(row))
            row[column] = text
        for column, is_first in merged.get(number, ()):
            if is_first:
                above[column] = row[column] if column < len(row) else ""
            elif column < len(row):
                row[column] = row[column] or above[column]
        yield row


def _merged_downwards(sheet: CalamineSheet) -> dict[int, list[tuple[int, bool]]]:
    """Return by row which columns are merged there, and whether it is the first of the rows."""
    found: dict[int, list[tuple[int, bool]]] = {}
    taken = 0
    for (top, left), (bottom, _) in sheet.merged_cell_ranges or ():
        taken += bottom - top
        if top < bottom and taken <= MAX_MERGED:
            for row in range(top, bottom + 1):
                found.setdefault(row, []).append((left, row == top))
    return found


def tables_of(content: bytes) -> tuple[list[Table], list[str]]:
    """Return the tables of a file, and the names of what is hidden in it."""
    if content.startswith(b"PK"):
        return workbook_tables(content)
    height, rows = text_rows(content)
    return [Table("", height, rows)], []


@dataclass
class Sender:
    """Writes tables on standard output, within what a roster may hold."""

    sent: int = 0
    concealed: dict[int, int] = field(default_factory=dict)
    """How many rows with content are hidden, by the number of the table."""

    def send(self, number: int, table: Table) -> None:
        """Write one table; empty rows at its end are none."""
        _say(number)
        empty = 0
        for place, cells in enumerate(table.rows):
            row = _without_empty_end(cells)
            if not row:
                empty += 1
                continue
            self._refuse_too_much(row)
            sys.stdout.write("[]\n" * empty)
            empty = 0
            _say(row)
            if place in table.concealed:
                self.concealed[number] = self.concealed.get(number, 0) + 1

    def _refuse_too_much(self, row: Row) -> None:
        self.sent += 1
        if self.sent > MAX_ROWS:
            raise UnreadableFile("too_many_rows")
        if len(row) > MAX_COLUMNS:
            raise UnreadableFile("too_many_columns")


def _without_empty_end(cells: Row) -> Row:
    end = len(cells)
    while end and not cells[end - 1].strip():
        end -= 1
    return cells[:end]


def _say(what: object) -> None:
    sys.stdout.write(_encoded(what) + "\n")


def send(content: bytes) -> None:
    """Write the rows of the file on standard output."""
    tables, hidden = tables_of(content)
    sheets = [
        {"name": each.name, "height": each.height, "hidden_columns": each.hidden_columns}
        for each in tables
    ]
    _say({"sheets": sheets, "hidden": hidden})
    sender = Sender()
    for number, table in enumerate(tables):
        sender.send(number, table)
    _say({"rows": sender.sent, "concealed": sender.concealed})


def main() -> None:
    """Read standard input; what the parser cannot read becomes a code, not a traceback."""
    limit_this_process()
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]  # it is a text file here
    try:
        send(sys.stdin.buffer.read())
    except UnreadableFile as refused:
        _say({"refused": refused.code, "place": refused.place})
    except (*_OF_A_PARSER, ValueError, KeyError, MemoryError):
        _say({"refused": "unreadable"})


if __name__ == "__main__":
    main()
