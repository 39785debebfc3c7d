"""Spreadsheets that are read by the titles of their columns, wherever those stand.

One sheet of a file is read; what is not known is kept, and given back with what became of each row.
Rosters have layouts of their own (`registry.roster.layouts`).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from itertools import groupby

from registry.base import workbook
from registry.base.errors import RuleError
from registry.base.stamp import Stamp
from registry.roster.layouts import ENOUGH, HEADER_WITHIN, bare_title
from registry.roster.reading import OpenFile, reading, refuse_hostile, sheet_of
from registry.roster.template import HELP

MAX_SHEET_BYTES = 5 << 20
_LEEWAY = 1000
"""Rows of other sheets that are looked at besides."""


@dataclass(frozen=True)
class SheetKind:
    """What spreadsheets of one kind are like."""

    titles: Mapping[str, str]
    """Title by column, as the template has it."""
    names: Mapping[str, str]
    """Column by bare title: other names that are met, and those of the template."""
    required: Sequence[str]
    """Columns that every file has."""
    outcome: Sequence[str]
    """Titles behind the last column of a result: they may stand there when the file comes back."""
    most_rows: int
    called: str
    """What a sheet of it is called, in the sentence about several."""
    no_header: str
    no_rows: str


@dataclass(frozen=True)
class SheetHeader:
    """What the columns of a file are."""

    columns: Mapping[str, int]
    """Position by column."""
    titles: Sequence[str]
    """As they stand in the file."""
    below: int
    """How many rows stand above the first one of content, the header with them."""
    unknown: tuple[str, ...]


@dataclass
class TitledSheet:
    """A file that was read."""

    header: SheetHeader
    sheet: int
    """Which sheet of the file it is, from 0."""
    lines: Sequence[tuple[int, Sequence[str]]] = ()
    """Number and cells of each row below the header."""
    notes: list[str] = field(default_factory=list)
    """What is to be said of the file as a whole."""


def names_of(also: str, titles: Mapping[str, str]) -> dict[str, str]:
    """Return the column that each title means; `also` has a column and its other names a line."""
    found = {
        bare_title(name): line.split()[0]
        for line in also.strip().splitlines()
        for name in line.split()[1:]
    }
    return found | {bare_title(title): name for name, title in titles.items()}


def refuse_unfit(content: bytes) -> None:
    """Raise RuleError for what is certainly no such file, by `reading.SENTENCES` or its size."""
    refuse_hostile(content)
    if len(content) > MAX_SHEET_BYTES:
        megabytes = MAX_SHEET_BYTES >> 20
        raise RuleError("too_large", f"文件超过 {megabytes} MB，请分成几个文件。", "file")


def read(content: bytes, kind: SheetKind) -> TitledSheet:
    """Return the rows of a file.

    Raises RuleError `no_header`, `several_sheets`, `columns_missing`, `column_twice`, `no_rows`,
    `too_many_rows`, or as `reading` does.
    """
    with reading(content) as file:
        sheets = {number: list(rows) for number, rows in groupby(_limited(file, kind), key=_sheet)}
        found = _chosen(file, sheets, kind)
        found.lines = sheets[found.sheet][found.header.below :]
        found.notes += _notes(file, sheets, found)
    if not found.lines:
        raise RuleError("no_rows", kind.no_rows, "file")
    if len(found.lines) > kind.most_rows:
        raise _too_many(kind)
    return found


def _sheet(line: tuple[int, Sequence[str]]) -> int:
    return sheet_of(line[0])


def _limited(file: OpenFile, kind: SheetKind) -> Iterator[tuple[int, list[str]]]:
    """Pass the rows on; stop at more than any such file has, its other sheets with it."""
    for place, line in enumerate(file.rows):
        if place >= kind.most_rows + HEADER_WITHIN + _LEEWAY:
            raise _too_many(kind)
        yield line


def _too_many(kind: SheetKind) -> RuleError:
    sentence = f"一次最多 {kind.most_rows:,} 行，请分成几个文件。"
    return RuleError("too_many_rows", sentence, "file")


def _chosen(
    file: OpenFile, sheets: dict[int, list[tuple[int, list[str]]]], kind: SheetKind
) -> TitledSheet:
    """Return the one sheet with a header; raise RuleError for none and for several."""
    headers = {
        number: header_of([cells for _, cells in rows[:HEADER_WITHIN]], kind)
        for number, rows in sheets.items()
        if file.sheets[number] != HELP
    }
    fit = {number: header for number, header in headers.items() if header is not None}
    if not fit:
        raise RuleError("no_header", kind.no_header, "file")
    if len(fit) > 1:
        names = "、".join(f"“{file.sheets[each]}”" for each in fit)
        sentence = f"工作表{names}都是{kind.called}，请只保留一个。"
        raise RuleError("several_sheets", sentence, "file")
    ((number, header),) = fit.items()
    return TitledSheet(header, number)


def _notes(
    file: OpenFile, sheets: dict[int, list[tuple[int, list[str]]]], found: TitledSheet
) -> Iterator[str]:
    others = [file.sheets[each] for each in sheets if each != found.sheet]
    if others := [each for each in others if each != HELP]:
        yield f"没有读取其他工作表：{'、'.join(others)}。"
    if hidden := file.concealed.get(found.sheet):
        yield f"有 {hidden} 行被隐藏或筛选掉，也一并核对。"
    if found.header.unknown:
        yield f"没有认出的列：{'、'.join(found.header.unknown)}。内容会原样保留在结果文件中。"


def header_of(rows: Sequence[Sequence[str]], kind: SheetKind) -> SheetHeader | None:
    """Return the header among the first rows of a sheet, None where there is none.

    Of several rows it is the one that names most columns; groups may stand above their titles.
    Raises RuleError `column_twice` or `columns_missing`.
    """
    read = [_named(rows, at, kind) for at in range(min(len(rows), HEADER_WITHIN))]
    counts = [sum(name is not None for name in names) for names in read]
    if not counts or max(counts) < ENOUGH:
        return None
    at = len(counts) - 1 - counts[::-1].index(max(counts))
    titles, places = rows[at], dict[str, int]()
    for position, name in enumerate(read[at]):
        if name in places:
            first, second = titles[places[name]], titles[position]
            sentence = f"“{first}”和“{second}”两列的含义相同，请只保留一列。"
            raise RuleError("column_twice", sentence, "file")
        if name is not None:
            places[name] = position
    _refuse_missing(places, kind)
    outcome = set(map(bare_title, kind.outcome))
    unknown = tuple(
        title.strip()
        for title, name in zip(titles, read[at], strict=True)
        if title.strip() and name is None and bare_title(title) not in outcome
    )
    return SheetHeader(places, titles, at + 1, unknown)


def _named(rows: Sequence[Sequence[str]], at: int, kind: SheetKind) -> list[str | None]:
    """Return which column each cell of a row names, alone or below the name of a group."""
    found = list[str | None]()
    group = ""
    for position, cell in enumerate(rows[at]):
        above = rows[at - 1][position] if at and position < len(rows[at - 1]) else ""
        group = above.strip() or group
        alone, below = bare_title(cell), bare_title(f"{group}{cell}")
        name = kind.names.get(alone) or kind.names.get(below)
        found.append(name if cell.strip() else None)
    return found


def _refuse_missing(places: Mapping[str, int], kind: SheetKind) -> None:
    missing = [kind.titles[each] for each in kind.required if each not in places]
    if missing:
        raise columns_missing("、".join(missing))


def columns_missing(named: str) -> RuleError:
    """Return the refusal of a file without columns that it needs."""
    sentence = f"缺少必需的列：{named}。请按模板补上后再上传。"
    return RuleError("columns_missing", sentence, "file")


def cell_of(header: SheetHeader, cells: Sequence[str], name: str) -> str:
    """Return what stands in a column of a row; nothing where the file has no such column."""
    position = header.columns.get(name)
    return cells[position] if position is not None and position < len(cells) else ""


Outcome = Callable[[int], Sequence[str]]
"""What the last columns say of a row, by its number."""


def result_workbook(
    sheet: TitledSheet, kind: SheetKind, name: str, outcome: Outcome, stamp: Stamp
) -> bytes:
    """Return the rows of a file as they came, with what became of each behind them."""
    made = BytesIO()
    workbook.write(made, _lines(sheet, kind, outcome), name=name, stamp=stamp)
    return made.getvalue()


def _lines(sheet: TitledSheet, kind: SheetKind, outcome: Outcome) -> Iterator[Sequence[str]]:
    titles = _kept(sheet, kind, sheet.header.titles)
    yield [*titles, *kind.outcome]
    for number, cells in sheet.lines:
        kept = _kept(sheet, kind, cells)
        kept += [""] * (len(titles) - len(kept))
        yield [*kept, *outcome(number)]


def _kept(sheet: TitledSheet, kind: SheetKind, cells: Sequence[str]) -> list[str]:
    """Return the cells of a row without the columns that an earlier result has added."""
    titles = sheet.header.titles
    return [
        cell
        for title, cell in zip(titles, [*cells, *[""] * len(titles)], strict=False)
        if title.strip() not in kind.outcome
    ]
