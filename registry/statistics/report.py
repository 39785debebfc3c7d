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
from registry.statistics.groups import NOT_REGISTERED, SEEKING, DestinationGroup
from registry.statistics.linked_tables import hidden_together, line_sums
from registry.statistics.rate_table import RateLine, RateTable
from registry.statistics.structure import CATEGORY, Share, StructurePart
from registry.statistics.suppression import (
    SMALLEST,
    Grid,
    LineFigures,
    hidden_parts,
    is_small,
)

TEMPLATE = "statistics"
HIDDEN = "*"
HIDDEN_WORDS = f"“{HIDDEN}”表示人数少于 {SMALLEST} 人或可据此推算，不予显示。"
MERGED = f"其他（不足 {SMALLEST} 人的合并）"
CONFIRMED = ConfirmationState.CONFIRMED
Row = list[str | int]
Sheets = Iterator[tuple[str, list[Row]]]
"""Name and lines of each sheet of a workbook."""


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


@dataclass(frozen=True)
class HiddenRows:
    """What is not shown of tables of the same people."""

    lines: list[Grid]
    """By table and line: whether anything is shown of it, then each figure."""
    whole: list[bool]
    """The same of the sum below them."""


def hidden(tables: Sequence[RateTable], *, whole_is_public: bool) -> HiddenRows:
    """Say what is hidden of tables of the same people, none of which may tell what another hides.

    The sum of a whole school is its own published figure and shown as it is; that of a part of it
    hides what is small and what gives it away. Lines that may hold a graduate twice (counsellors')
    are hidden alike.
    """
    whole = _hidden_of_whole(tables[0], whole_is_public=whole_is_public)
    members = [[frozenset(line.numbers.atoms) for line in table.lines] for table in tables]
    sums = line_sums(members, frozenset(tables[0].whole.numbers.atoms))
    figures = [[_figures(table, line) for line in table.lines] for table in tables]
    return HiddenRows(hidden_together(figures, sums, whole), whole)


def _hidden_of_whole(table: RateTable, *, whole_is_public: bool) -> list[bool]:
    whole = _figures(table, table.whole)
    if whole_is_public:
        return [False] * len(whole.numbers)
    cells = [cell for block in whole.blocks for cell in hidden_parts(block)]
    few = is_small(whole.people)
    return [few, *(cell or few for cell in cells)]


def rows(table: RateTable, *, whole_is_public: bool) -> list[Row]:
    """Return the lines of one table and their sum, what is hidden as an asterisk."""
    found = hidden([table], whole_is_public=whole_is_public)
    return rows_of(table, found.lines[0], found.whole)


def rows_of(table: RateTable, lines: Grid, whole: Sequence[bool]) -> list[Row]:
    """Return the lines of a table and their sum, of which so much is hidden."""
    told = zip([*table.lines, table.whole], [*lines, whole], strict=True)
    return [_row(table, line, cells) for line, cells in told]


def _figures(table: RateTable, line: RateLine) -> LineFigures:
    """Return the figures in blocks: of the placed, of the others, and who has confirmed or not."""
    numbers = line.numbers
    placed = [numbers.of(each.categories) for each in table.groups if each.placed]
    rest = [numbers.of(each.categories) for each in table.groups if not each.placed]
    confirmed = numbers.states[CONFIRMED]
    answered = [confirmed, numbers.graduates - confirmed]
    return LineFigures(numbers.graduates, [placed, [*rest, numbers.categories[""]], answered])


def _row(table: RateTable, line: RateLine, hides: Sequence[bool]) -> Row:
    """Return a line's cells; `hides` begins with whether anything is shown of it."""
    gone, *cells = hides
    figures = _figures(table, line)
    numbers = [number for block in figures.blocks for number in block]
    said: Row = [HIDDEN if each else number for number, each in zip(numbers, cells, strict=True)]
    head: Row = [HIDDEN, HIDDEN] if gone else [figures.people, line.rate(table.placed).percent]
    return [line.title, *head, *said[:-1]]  # how many have not confirmed is what is left


def part_rows(
    part: StructurePart, of: Sequence[DestinationGroup], whole: Sequence[bool] = ()
) -> list[Row]:
    """Return the rows of a part beside the sum of a table that has these groups as its columns.

    `whole` says what is hidden of that sum.
    """
    return structure_rows(part, _hidden_codes(part, of, whole) if part.name == CATEGORY else ())


def structure_rows(part: StructurePart, also: Sequence[bool] = ()) -> list[Row]:
    """Return title, number and share of each of a part's, those of few people as one.

    `also` says which are not told by themselves anyway.
    """
    if part.total > sum(each.number for each in part.shares):
        # Only the largest are named, so there is no sum from which a small one could be told.
        shares = [each for each in part.shares if not is_small(each.number)]
        return [_share(each.title, each.number, part.total) for each in shares]
    gone = hidden_parts([each.number for each in part.shares], also)
    told = list(zip(part.shares, gone, strict=True))
    found = [_share(each.title, each.number, part.total) for each, is_gone in told if not is_gone]
    rest = sum(each.number for each, is_gone in told if is_gone)
    return (
        [*found, _share(MERGED, HIDDEN if is_small(rest) else rest, part.total)] if rest else found
    )


def _hidden_codes(
    part: StructurePart, of: Sequence[DestinationGroup], whole: Sequence[bool]
) -> list[bool]:
    """Say which codes of 毕业去向 are hidden, so that the number of their group tells none."""
    found = dict.fromkeys(map(_codes, part.shares), False)
    hides = whole[1 : len(of) + 1] or [False] * len(of)
    for group, is_hidden in zip(of, hides, strict=True):
        those = [each for each in part.shares if set(_codes(each)) <= set(group.categories)]
        cells = hidden_parts([each.number for each in those], [is_hidden] * len(those))
        found |= dict(zip(map(_codes, those), cells, strict=True))
    return list(found.values())


def _codes(share: Share) -> tuple[str, ...]:
    return share.meant.destination.categories


def _share(title: str, number: int | str, total: int) -> Row:
    percent = HIDDEN if isinstance(number, str) else Rate(title, number, total).percent
    return [title, number, percent]


def sheets(
    facts: ReportFacts, tables: Sequence[RateTable], parts: Sequence[StructurePart], *, public: bool
) -> Sheets:
    """Yield the name and lines of each sheet of the workbook."""
    found = hidden(tables, whole_is_public=public)
    for table, grid in zip(tables, found.lines, strict=True):
        yield f"按{table.title}", [headings(table), *rows_of(table, grid, found.whole)]
    structure: list[Row] = [["项目", "名称", "人数", "占比"]]
    for part in parts:
        said = part_rows(part, tables[0].groups, found.whole)
        structure += [[f"{part.title}（{part.whose}）", *row] for row in said]
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


def content(
    facts: ReportFacts, table: RateTable, shown: Sequence[Row], earlier: str
) -> dict[str, Any]:
    """Return what the printed page says; `earlier` compares with the cohort before.

    `shown` are the table's lines and their sum as they are told.
    """
    *lines, whole = shown
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
