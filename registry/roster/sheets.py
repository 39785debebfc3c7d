"""Reads one uploaded spreadsheet in a process of its own, under limits; knows nothing of rosters.

Run by its path, so that it imports only the standard library and the parser: the file comes on
standard input, rows leave on standard output as JSON, a line each. The first line is either
`{"rows": …, "notes": […]}` or `{"refused": code}`. A parser that breaks takes only this process.
"""

import csv
import datetime as dt
import io
import json
import resource
import signal
import sys
from collections.abc import Iterable, Iterator

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

MEMORY_BYTES = 1 << 30
CPU_SECONDS = 60
PATIENCE_SECONDS = 600
MAX_COLUMNS = 200
MAX_ROWS = 60_000
EXACT_BELOW = 10**15  # spreadsheets keep 15 digits of a number; more were lost on typing
MAX_CELL = 2000

Row = list[str]


class UnreadableFile(Exception):
    """The file is not read; `code` says why."""

    def __init__(self, code: str) -> None:
        """Keep the code."""
        super().__init__(code)
        self.code = code


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


def workbook_rows(content: bytes) -> tuple[int, list[str], Iterator[Row]]:
    """Return the height of the first visible sheet, notes about the others, and its rows."""
    workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
    sheets = [
        sheet.name
        for sheet in workbook.sheets_metadata
        if sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible
    ]
    if not sheets:
        raise UnreadableFile("no_sheet")
    sheet = workbook.get_sheet_by_name(sheets[0])
    if sheet.total_width > MAX_COLUMNS:
        raise UnreadableFile("too_many_columns")
    rows = ([cell_text(cell) for cell in row] for row in sheet.iter_rows())
    return sheet.total_height, ["more_sheets"] if len(sheets) > 1 else [], rows


def decoded(content: bytes) -> str:
    """Return the text of a csv file: UTF-8, else GB18030, and nothing that is only almost one."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise UnreadableFile("unknown_encoding")


def text_rows(content: bytes) -> tuple[int, list[str], Iterator[Row]]:
    """Return the number of lines of a csv file and its rows."""
    text = decoded(content)
    first = text[: text.find("\n")] if "\n" in text else text
    delimiter = max(",\t;", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows = ([_typed_as_text(cell) for cell in row] for row in reader)
    return text.count("\n") + 1, [], rows


def _typed_as_text(cell: str) -> str:
    r"""Take away what makes Excel keep a csv cell as text: `="0012"`, a leading `'` or tab."""
    if cell.startswith('="') and cell.endswith('"'):
        cell = cell[2:-1]
    return cell.strip().removeprefix("'")[:MAX_CELL]


def within_bounds(rows: Iterable[Row]) -> Iterator[Row]:
    """Pass the rows on, up to what a roster may hold."""
    for number, row in enumerate(rows, 1):
        if number > MAX_ROWS:
            raise UnreadableFile("too_many_rows")
        if len(row) > MAX_COLUMNS:
            raise UnreadableFile("too_many_columns")
        yield row


def send(content: bytes) -> None:
    """Write the rows of the file on standard output."""
    opened = workbook_rows if content.startswith(b"PK") else text_rows
    height, notes, rows = opened(content)
    if height > MAX_ROWS and opened is workbook_rows:
        raise UnreadableFile("too_many_rows")
    print(json.dumps({"rows": height, "notes": notes}))  # noqa: T201 - the protocol of this process
    for row in within_bounds(rows):
        sys.stdout.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n")


def main() -> None:
    """Read standard input; what the parser cannot read becomes a code, not a traceback."""
    limit_this_process()
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]  # it is a text file here
    try:
        send(sys.stdin.buffer.read())
    except UnreadableFile as refused:
        print(json.dumps({"refused": refused.code}))  # noqa: T201 - the protocol of this process
    except (CalamineError, csv.Error, ValueError, MemoryError):
        print(json.dumps({"refused": "unreadable"}))  # noqa: T201 - the protocol of this process


if __name__ == "__main__":
    main()
