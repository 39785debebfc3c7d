"""The cells of one row by field, and the problems found in them on the way."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from registry.base.errors import RuleError
from registry.base.text import clean
from registry.roster.layouts import Header
from registry.roster.problems import RowProblem, RowSeverity, refuses

Value = TypeVar("Value")


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
    """Take a row of the file apart."""
    width = len(cells)
    texts = {
        name: text
        for name, position in header.columns.items()
        if position < width and cells[position] and (text := clean(cells[position]))
    }
    return Cells(header, row, texts)
