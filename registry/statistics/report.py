"""What leaves the house of the statistics: the printed page and the workbook, small groups hidden.

Which figures are hidden, and why: `suppression` and docs/decisions/0063-small-groups.md.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from registry.base.clock import SHANGHAI
from registry.province.rates import Rate
from registry.record.confirmation.states import TITLES, ConfirmationState
from registry.statistics.groups import NOT_REGISTERED, SEEKING
from registry.statistics.rate_table import RateLine, RateTable
from registry.statistics.structure import StructurePart
from registry.statistics.suppression import (
    SMALLEST,
    LineFigures,
    hidden_figures,
    hidden_lines,
    hidden_parts,
    is_small,
)

TEMPLATE = "statistics"
HIDDEN = "*"
HIDDEN_WORDS = f"“{HIDDEN}”表示人数少于 {SMALLEST} 人或可据此推算，不予显示。"
MERGED = f"其他（不足 {SMALLEST} 人的合并）"
CONFIRMED = ConfirmationState.CONFIRMED
Row = list[str | int]


@dataclass(frozen=True)
class ReportFacts:
    """Whose statistics they are, and who made them when."""

    school: str
    whose: str
    """The part of the school that is meant; empty for all of it."""
    year: int
    made_by: str
    made_at: datetime

    @property
    def made(self) -> str:
        """Return by whom and when it was made."""
        return f"制表人：{self.made_by}　制表时间：{_moment(self.made_at)}"


def _moment(at: datetime) -> str:
    local = at.astimezone(SHANGHAI)
    return f"{local.year}年{local.month}月{local.day}日 {local:%H:%M}"


def headings(table: RateTable) -> Row:
    """Return the titles of the columns."""
    titles = [each.title for each in table.groups]
    return [table.title, "毕业生", "落实率", *titles, NOT_REGISTERED, TITLES[CONFIRMED]]


def rows(table: RateTable, *, whole_is_public: bool) -> list[Row]:
    """Return the lines and their sum, what is hidden as an asterisk.

    The sum of a whole school is its own published figure and shown as it is; that of a part of it
    hides what is small and what gives it away. Lines that may hold a graduate twice (counsellors')
    are hidden alike.
    """
    figures = [_figures(table, line) for line in table.lines]
    gone = hidden_lines(figures)
    hidden = _hidden(figures, gone)
    told = zip(table.lines, gone, hidden, strict=True)
    lines = [_row(table, line, [is_gone, *cells]) for line, is_gone, cells in told]
    whole = _figures(table, table.whole)
    few = is_small(whole.people) and not whole_is_public
    cells = [cell or few for block in whole.blocks for cell in hidden_parts(block)]
    open_cells = [False] * len(cells) if whole_is_public else cells
    return [*lines, _row(table, table.whole, [few, *open_cells])]


def _hidden(figures: Sequence[LineFigures], gone: Sequence[bool]) -> list[list[bool]]:
    """Return for each line, figure by figure, whether it is hidden."""
    width = len(figures[0].blocks) if figures else 0
    grids = [
        hidden_figures([line.blocks[which] for line in figures], gone) for which in range(width)
    ]
    return [[cell for grid in grids for cell in grid[place]] for place in range(len(figures))]


def _figures(table: RateTable, line: RateLine) -> LineFigures:
    """Return the figures in blocks: of the placed, of the others, and who has confirmed or not."""
    numbers = line.numbers
    placed = [numbers.of(each.categories) for each in table.groups if each.placed]
    rest = [numbers.of(each.categories) for each in table.groups if not each.placed]
    confirmed = numbers.states[CONFIRMED]
    answered = [confirmed, numbers.graduates - confirmed]
    return LineFigures(numbers.graduates, [placed, [*rest, numbers.categories[""]], answered])


def _row(table: RateTable, line: RateLine, hidden: Sequence[bool]) -> Row:
    """Return a line's cells; `hidden` begins with whether anything is shown of it."""
    gone, *cells = hidden
    figures = _figures(table, line)
    numbers = [number for block in figures.blocks for number in block]
    said: Row = [HIDDEN if each else number for number, each in zip(numbers, cells, strict=True)]
    head: Row = [HIDDEN, HIDDEN] if gone else [figures.people, line.rate(table.placed).percent]
    return [line.title, *head, *said[:-1]]  # how many have not confirmed is what is left


def structure_rows(part: StructurePart) -> list[Row]:
    """Return title, number and share of each of a part's, those of few people as one."""
    if part.total > sum(each.number for each in part.shares):
        # Only the largest are named, so there is no sum from which a small one could be told.
        shares = [each for each in part.shares if not is_small(each.number)]
        return [_share(each.title, each.number, part.total) for each in shares]
    hidden = hidden_parts([each.number for each in part.shares])
    told = list(zip(part.shares, hidden, strict=True))
    found = [_share(each.title, each.number, part.total) for each, gone in told if not gone]
    rest = sum(each.number for each, gone in told if gone)
    return (
        [*found, _share(MERGED, HIDDEN if is_small(rest) else rest, part.total)] if rest else found
    )


def _share(title: str, number: int | str, total: int) -> Row:
    percent = HIDDEN if isinstance(number, str) else Rate(title, number, total).percent
    return [title, number, percent]


def sheets(
    facts: ReportFacts, tables: Sequence[RateTable], parts: Sequence[StructurePart], *, public: bool
) -> Iterator[tuple[str, list[Row]]]:
    """Yield the name and lines of each sheet of the workbook."""
    for table in tables:
        lines = rows(table, whole_is_public=public)
        yield f"按{table.title}", [headings(table), *lines]
    structure: list[Row] = [["项目", "名称", "人数", "占比"]]
    for part in parts:
        structure += [[f"{part.title}（{part.whose}）", *row] for row in structure_rows(part)]
    yield "去向结构", structure
    yield "说明", [[each] for each in [title(facts), facts.made, *notes(tables[0])]]


def title(facts: ReportFacts) -> str:
    """Return what the report is called."""
    return f"{facts.school}{facts.whose} {facts.year} 届毕业去向统计"


def notes(table: RateTable) -> list[str]:
    """Return how the figures are reckoned, with the source of the formula."""
    placed = "、".join(each.title for each in table.groups if each.placed)
    return [
        f"毕业去向落实率按{table.used.source}的口径计算：{placed}人数之和除以毕业生人数。",
        "以制表时生效的登记为准，停用的记录不计入。",
        HIDDEN_WORDS,
    ]


def content(facts: ReportFacts, table: RateTable, earlier: str, *, public: bool) -> dict[str, Any]:
    """Return what the printed page says; `earlier` compares with the cohort before."""
    *lines, whole = rows(table, whole_is_public=public)
    rate = whole[2]
    return {
        "title": title(facts),
        "issuer": facts.school,
        "made": facts.made,
        "rate": str(rate),
        "earlier": earlier,
        "missing": _missing(table, whole),
        "figures": _pairs(
            [title for place, title in enumerate(headings(table)) if place not in _IN_HEADLINE],
            [value for place, value in enumerate(whole) if place not in _IN_HEADLINE],
        ),
        "headings": [str(each) for each in headings(table)],
        "lines": [[_written(each) for each in line] for line in [*lines, whole]],
        "notes": notes(table),
    }


def _pairs(titles: Row, values: Row) -> list[dict[str, str]]:
    pairs = zip(titles, values, strict=True)
    return [{"title": str(title), "value": _written(value)} for title, value in pairs]


_IN_HEADLINE = (0, 2)
"""What of the sum is not among the figures: its name, and the rate, which stands above them."""


def _written(value: str | int) -> str:
    return value if isinstance(value, str) else f"{value:,}"


def _missing(table: RateTable, whole: Row) -> str:
    """Return what is still to be done, as far as the sum shows it."""
    people, unregistered, confirmed = whole[1], whole[-2], whole[-1]
    seeking = whole[headings(table).index(SEEKING)]
    told = [f"{NOT_REGISTERED} {_written(unregistered)} 人", f"{SEEKING} {_written(seeking)} 人"]
    if HIDDEN not in (people, unregistered, confirmed):
        answered = int(people) - int(unregistered) - int(confirmed)
        told.append(f"已登记、尚未完成确认 {answered:,} 人")
    return f"待办：{'，'.join(told)}。"
