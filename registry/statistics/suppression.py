"""Small groups are not shown in what leaves the house (docs/decisions/0063-small-groups.md).

A figure of one to four people could name somebody, and what is left of a published sum when the
other figures are taken off would give it away. So nothing is hidden alone.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

Value = TypeVar("Value")
SMALLEST = 5
"""Fewer people than this are not shown."""
Grid = list[list[bool]]
"""By line and figure, whether it is hidden."""


@dataclass(frozen=True)
class LineFigures:
    """The figures of one line of a table: all its people, and blocks that add up to a sum."""

    people: int
    blocks: Sequence[Sequence[int]]
    """Each block's sum is published with the line, as the people are."""

    @property
    def numbers(self) -> list[int]:
        """Return the people, then the figures of all blocks."""
        return [self.people, *(number for block in self.blocks for number in block)]


def is_small(number: int) -> bool:
    """Say whether so many are too few to be shown; nobody is nobody's name."""
    return 0 < number < SMALLEST


def hidden_lines(lines: Sequence[LineFigures], also: Iterable[bool] = ()) -> list[bool]:
    """Say of which lines of a table nothing is shown, whose sum is published: those of few people.

    Where that is one alone, or all of them have few people together, the next smallest is hidden;
    `also` says which are hidden anyway.
    """
    people = [line.people for line in lines]
    anyway = list(also) or [False] * len(people)
    hidden = [is_small(number) or each for number, each in zip(people, anyway, strict=True)]
    return never_alone(hidden, people)


def hidden_figures(
    block: Sequence[Sequence[int]], lines_gone: Sequence[bool], also: Grid | None = None
) -> Grid:
    """Say which figures of a block are hidden, a line each; sums of lines and columns are known.

    Hidden are all small ones, and as many others that no sum tells one of them: in a line or column
    never one alone, nor several that are few together, nor any that follows from all sums at once.
    The sum of a column that is itself small is public, and hides nothing more. `also` says which
    are hidden anyway.
    """
    anyway = [[False] * len(figures) for figures in block] if also is None else also
    grid = [
        [gone or each or is_small(number) for number, each in zip(figures, cells, strict=True)]
        for figures, gone, cells in zip(block, lines_gone, anyway, strict=True)
    ]
    while True:
        settled = _settled(block, grid)
        if (link := _link(block, settled)) is None:
            return settled
        line, figure = link
        settled[line][figure] = True
        grid = settled


def hidden_parts(numbers: Sequence[int], also: Iterable[bool] = ()) -> list[bool]:
    """Say which parts of one published total are not told by themselves, but at most together.

    Those of few people are, and the next smallest where one is alone or they are few together;
    `also` says which are not anyway.
    """
    anyway = list(also) or [False] * len(numbers)
    hidden = [is_small(number) or each for number, each in zip(numbers, anyway, strict=True)]
    return never_alone(hidden, numbers)


def _settled(block: Sequence[Sequence[int]], grid: Grid) -> Grid:
    """Hide more, until no line and no column has one hidden alone."""
    while True:
        lines = [never_alone(*each) for each in zip(grid, block, strict=True)]
        columns = [
            _in_column(list(hidden), numbers)
            for hidden, numbers in zip(_turned(lines), _turned(block), strict=True)
        ]
        if (found := [list(each) for each in _turned(columns)]) == grid:
            return found
        grid = found


def _turned(grid: Sequence[Sequence[Value]]) -> Iterator[Sequence[Value]]:
    return zip(*grid, strict=True)


def _in_column(hidden: list[bool], numbers: Sequence[int]) -> list[bool]:
    return hidden if is_small(sum(numbers)) else never_alone(hidden, numbers)


def never_alone(hidden: Sequence[bool], numbers: Sequence[int]) -> list[bool]:
    """Hide the next smallest as well while one alone is hidden, or all hidden are few."""
    found = list(hidden)
    while any(found) and not all(found) and _gives_away(found, numbers):
        found = with_smallest(found, numbers)
    return found


def with_smallest(hidden: Sequence[bool], numbers: Sequence[int]) -> list[bool]:
    """Hide the smallest that is shown as well, nobody (0) last."""
    others = [place for place, each in enumerate(hidden) if not each]
    smallest = min(others, key=lambda place: (numbers[place] == 0, numbers[place]))
    return [each or place == smallest for place, each in enumerate(hidden)]


def _gives_away(hidden: Sequence[bool], numbers: Sequence[int]) -> bool:
    those = [number for number, each in zip(numbers, hidden, strict=True) if each]
    return len(those) == 1 or is_small(sum(those))


def _link(block: Sequence[Sequence[int]], grid: Grid) -> tuple[int, int] | None:
    """Return what to hide besides, where a hidden small figure follows from all sums at once.

    Lines and columns are points, hidden figures join them: what is on no circle is told by the
    sums. The smallest figure that closes a circle over it is hidden as well.
    """
    bits = [_bits(figures) for figures in grid]
    kinds = Counter(bits)
    for line, figures in enumerate(grid):
        for figure, hidden in enumerate(figures):
            if not hidden or not is_small(block[line][figure]):
                continue
            columns = _reached(kinds, bits[line], figure)
            if columns >> figure & 1:
                continue
            lines = {at for at, each in enumerate(bits) if each & columns} | {line}
            if (over := _crossing(block, grid, lines, columns)) is not None:
                return over
    return None


def _bits(figures: Sequence[bool]) -> int:
    """Return which figures of a line are hidden: a bit for each column."""
    return sum(hidden << figure for figure, hidden in enumerate(figures))


def _reached(kinds: Mapping[int, int], line: int, figure: int) -> int:
    """Return the columns that hidden figures join to a line, one of its figures left out.

    `kinds` says how many lines hide the same figures, for a table has many lines and few columns.
    """
    reached = line & ~(1 << figure)
    others = [each for each, number in kinds.items() if number > (each == line)]
    while more := [each for each in others if each & reached and each & ~reached]:
        for each in more:
            reached |= each
    return reached


def _crossing(
    block: Sequence[Sequence[int]], grid: Grid, lines: set[int], columns: int
) -> tuple[int, int] | None:
    """Return the smallest figure shown between what was reached and the rest."""
    found = [
        (numbers[figure] == 0, numbers[figure], line, figure)
        for line, numbers in enumerate(block)
        for figure in range(len(numbers))
        if not grid[line][figure] and (line in lines) != bool(columns >> figure & 1)
    ]
    return min(found)[2:] if found else None
