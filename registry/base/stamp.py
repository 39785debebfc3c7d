"""The stamp of a workbook: who took it along and when, on a sheet of its own that is never read."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from registry.base.clock import SHANGHAI

SHEET = "导出信息"
"""The name of the sheet."""
OF_PEOPLE = "含个人信息，仅限工作使用，用后及时删除，不得转发。"
OF_FIGURES = "仅限工作使用，对外提供或发布前须按规定审批。"
_TITLES = ("导出人", "所属", "导出时间", "行数", "使用要求")
ROWS = len(_TITLES)


@dataclass(frozen=True)
class Stamp:
    """Who took a workbook along, and when: on its own sheet, and at the foot of each page."""

    by: str
    """As people read it."""
    at: datetime
    place: str
    """School, unit, province or platform."""
    use: str = OF_PEOPLE
    """What may be done with the file."""

    def lines(self, rows: int) -> Iterator[tuple[str, str]]:
        """Yield title and words of each line of the sheet."""
        at = f"{self.at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"
        yield from zip(_TITLES, (self.by, self.place, at, str(rows), self.use), strict=True)


def is_stamp(titles: Sequence[str]) -> bool:
    """Say whether a sheet of that name is a stamp, by what its first column begins with.

    Somebody's own sheet may have the name; what it says decides.
    """
    return tuple(titles[:ROWS]) == _TITLES
