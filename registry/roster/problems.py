"""What can be wrong with a row, said so that the school's clerk can mend it, and what then."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class RowSeverity(StrEnum):
    """Whether a row is refused for it."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Policy(StrEnum):
    """What becomes of a file some of whose rows are refused."""

    VALID_ROWS = "valid_rows"
    ALL_OR_NOTHING = "all_or_nothing"


POLICY_TITLES = {
    Policy.VALID_ROWS: "只导入核对通过的行",
    Policy.ALL_OR_NOTHING: "全部通过才导入",
}


@dataclass(frozen=True)
class RowProblem:
    """One thing about one cell. The sentence is Chinese and carries no personal number."""

    row: int
    """As the spreadsheet counts; 0 where it is about the whole file."""
    column: str
    code: str
    sentence: str
    severity: RowSeverity = RowSeverity.ERROR

    def as_json(self) -> dict[str, Any]:
        """Return it as it is stored and printed."""
        return asdict(self)


def refuses(problems: Iterable[RowProblem]) -> bool:
    """Say whether a row with these problems is refused."""
    return any(problem.severity is RowSeverity.ERROR for problem in problems)
