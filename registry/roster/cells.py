"""The cells of one row by field, and the problems found in them on the way."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from registry.base.errors import RuleError
from registry.roster.cell_values import NO_RESULT, ZEROS, is_error, said
from registry.roster.layouts import TITLES, Header
from registry.roster.problems import RowProblem, RowSeverity, refuses
from registry.roster.reading import row_of

Value = TypeVar("Value")

_OF_NO_TABLE = {"unit_code", "major_code", "origin_code", "unit_location_code"}
_ZERO_IS_A_CODE = {name for name in TITLES if name.endswith("_code")} - _OF_NO_TABLE
"""Where a zero is looked up in a table, which may have it (not in hardship)."""
_CANNOT_DO_WITHOUT = ("student_number", "name", "identity", "graduation_month", "cohort")


@dataclass
class Cells:
    """One row while it is being checked."""

    header: Header
    row: int
    texts: dict[str, str]
    """The cells that are not empty, cleaned, by field."""
    problems: list[RowProblem] = field(default_factory=list)
    told: set[str] = field(default_factory=set)
    """The fields of which something is said already."""
    broken: set[str] = field(default_factory=set)
    """The fields whose cell is the error of a formula: the row says nothing of them."""

    def get(self, name: str) -> str:
        """Return the text of a field, empty where it is empty or the file has no such column."""
        return self.texts.get(name, "")

    def error(self, name: str, code: str, sentence: str) -> None:
        """Refuse the row for a field."""
        self._add(name, code, sentence, RowSeverity.ERROR)

    def warn(self, name: str, code: str, sentence: str) -> None:
        """Point at something odd that does not refuse the row."""
        self._add(name, code, sentence, RowSeverity.WARNING)

    def _add(self, name: str, code: str, sentence: str, severity: RowSeverity) -> None:
        self.told.add(name)
        self.problems.append(
            RowProblem(self.row, self.header.title(name), code, sentence, severity)
        )

    def parsed(
        self, name: str, parse: Callable[..., Value], *arguments: object, strict: bool = True
    ) -> Value | None:
        """Return the parsed value, or note why it cannot be; a lenient field only warns."""
        try:
            return parse(*arguments)
        except RuleError as refused:
            complain = self.error if strict else self.warn
            complain(name, refused.code, refused.sentence)
            return None

    @property
    def is_refused(self) -> bool:
        """Say whether anything found so far refuses the row."""
        return refuses(self.problems)


def cut(header: Header, row: int, cells: Sequence[str]) -> Cells:
    """Take a row of the file apart; cells that are errors are told and say nothing."""
    width = len(cells)
    texts = {
        name: text
        for name, position in header.columns.items()
        if position < width and cells[position] and (text := said(cells[position]))
    }
    found = Cells(header, row, texts)
    for name in [name for name, text in texts.items() if text[0] == "#" or text in ZEROS]:
        if is_error(texts[name]):
            _tell_of_error(found, name, texts.pop(name))
        elif texts[name] in ZEROS and name not in _ZERO_IS_A_CODE:
            del texts[name]
    return found


def _tell_of_error(cells: Cells, name: str, text: str) -> None:
    place = cell_name(cells.header.columns[name], row_of(cells.row))
    what = "公式没有算出结果" if text == NO_RESULT else f"单元格是错误值 {text}"
    cells.broken.add(name)
    if name in _CANNOT_DO_WITHOUT:
        cells.error(name, "error_cell", f"{what}（{place}），请改正后再导入。")
    else:
        cells.warn(name, "error_cell", f"{what}（{place}），没有采用，原有内容不变。")


def cell_name(position: int, row: int) -> str:
    """Return a cell's name as spreadsheets have it: the 28th column of row 3 is AB3."""
    return f"{column_name(position)}{row}"


def column_name(position: int) -> str:
    """Return a column's letters, from position 0: A … Z, AA, AB …."""
    letters, rest = "", position + 1
    while rest:
        rest, letter = divmod(rest - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return letters
