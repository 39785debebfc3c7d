"""Small groups in several tables of the same people, where one line is the sum of others.

A department is the sum of its classes, and a counsellor may have one class: what one table hides,
another would tell by a difference. So no sum of lines is left with one hidden alone
(docs/decisions/0117-tables-of-the-same-people.md).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from registry.statistics.suppression import (
    Grid,
    LineFigures,
    hidden_figures,
    hidden_lines,
    never_alone,
    with_smallest,
)
from registry.statistics.tally import Atom

Members = frozenset[Atom]
"""Of whom a line is, by the smallest groups that the tables tell apart."""
Place = tuple[int, int]
"""Which table, and which line of it."""


@dataclass(frozen=True)
class LineSum:
    """A line that has the people of some lines of another table, each once."""

    whole: Place | None
    """None for the sum below all tables."""
    parts: tuple[Place, ...]


def line_sums(tables: Sequence[Sequence[Members]], everybody: Members) -> list[LineSum]:
    """Return which lines, and the sum of all, are the sums of lines of another table."""
    wholes = [
        ((table, line), members)
        for table, lines in enumerate(tables)
        for line, members in enumerate(lines)
    ]
    return [
        found
        for at, lines in enumerate(tables)
        if (line_of := _partition(lines, everybody)) is not None
        for place, members in [(None, everybody), *wholes]
        if place is None or place[0] != at
        for found in _as_sum(place, members, at, line_of)
    ]


@dataclass(frozen=True)
class _Partition:
    line_of: Mapping[Atom, int]
    lines: Sequence[Members]


def _partition(lines: Sequence[Members], everybody: Members) -> _Partition | None:
    """Return in which line each is; None for a table that has somebody twice, or not."""
    line_of = {atom: place for place, members in enumerate(lines) for atom in members}
    whole = sum(map(len, lines)) == len(everybody) == len(line_of)
    return _Partition(line_of, lines) if whole and everybody else None


def _as_sum(place: Place | None, members: Members, table: int, of: _Partition) -> Iterator[LineSum]:
    parts = sorted({of.line_of[atom] for atom in members})
    if members and sum(len(of.lines[part]) for part in parts) == len(members):
        yield LineSum(place, tuple((table, part) for part in parts))


def hidden_together(
    tables: Sequence[Sequence[LineFigures]], sums: Sequence[LineSum], below: Sequence[bool]
) -> list[Grid]:
    """Say of each table what is hidden: of a line whether anything is shown, then each figure.

    `below` says the same of the sum below all tables, of which no more is hidden for their sake.
    """
    grids = [_completed(table, _nothing(table)) for table in tables]
    numbers = [[line.numbers for line in table] for table in tables]
    while True:
        hidden = _HiddenTogether(numbers, grids, below)
        settled = [hidden.settle(each, at) for each in sums for at in range(len(below))]
        if not any(settled):
            return grids
        grids = [_completed(*each) for each in zip(tables, grids, strict=True)]


@dataclass(frozen=True)
class _HiddenTogether:
    """What is hidden of all tables, by table, line and column."""

    numbers: Sequence[Sequence[Sequence[int]]]
    grids: Sequence[Grid]
    below: Sequence[bool]

    def settle(self, each: LineSum, column: int) -> bool:
        """Hide more of a sum's column, so that it tells nothing; say whether that was wanted."""
        hidden = [self.grids[table][line][column] for table, line in each.parts]
        numbers = [self.numbers[table][line][column] for table, line in each.parts]
        if self._is_whole_hidden(each, column):
            found = hidden if any(hidden) else with_smallest(hidden, numbers)
        elif each.whole is None:
            return False  # each table sees to it by itself
        else:
            found = never_alone(hidden, numbers)
            if len(hidden) == 1 and hidden[0]:
                self._hide(each.whole, column)
                return True
        new = [p for p, was, now in zip(each.parts, hidden, found, strict=True) if was < now]
        for place in new:
            self._hide(place, column)
        return bool(new)

    def _is_whole_hidden(self, each: LineSum, column: int) -> bool:
        if each.whole is None:
            return self.below[column]
        table, line = each.whole
        return self.grids[table][line][column]

    def _hide(self, place: Place, column: int) -> None:
        table, line = place
        self.grids[table][line][column] = True


def _nothing(table: Sequence[LineFigures]) -> Grid:
    return [[False] * len(line.numbers) for line in table]


def _completed(table: Sequence[LineFigures], grid: Grid) -> Grid:
    """Return what a table hides by its own rules, where so much of it is hidden for others'."""
    gone = hidden_lines(table, [line[0] for line in grid])
    found = [[each] for each in gone]
    start = 1
    for which, figures in enumerate(table[0].blocks if table else ()):
        end = start + len(figures)
        block, also = [line.blocks[which] for line in table], [line[start:end] for line in grid]
        cells = hidden_figures(block, gone, also)
        found = [[*before, *more] for before, more in zip(found, cells, strict=True)]
        start = end
    return found
