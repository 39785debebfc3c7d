"""Small groups: nothing of few people is shown, nor what follows from the sums that are."""

from fractions import Fraction

from hypothesis import example, given
from hypothesis import strategies as some

from registry.statistics.suppression import (
    SMALLEST,
    LineFigures,
    hidden_figures,
    hidden_lines,
    hidden_parts,
    is_small,
)

NUMBERS = some.one_of(some.just(0), some.integers(1, 6), some.integers(0, 300))
TABLES = some.integers(2, 5).flatmap(
    lambda width: some.lists(
        some.lists(NUMBERS, min_size=width, max_size=width), min_size=1, max_size=7
    )
)


def told(table: list[list[int]], hidden: list[list[bool]]) -> list[tuple[int, int]]:
    """Return the hidden figures that follow from the sums of all lines and columns."""
    unknown = [(line, at) for line, row in enumerate(hidden) for at, gone in enumerate(row) if gone]
    equations = [[each[0] == line for each in unknown] for line in range(len(table))]
    equations += [[each[1] == at for each in unknown] for at in range(len(table[0]))]
    reduced = echelon([[Fraction(each) for each in row] for row in equations])
    return [unknown[row.index(Fraction(1))] for row in reduced if sum(map(bool, row)) == 1]


def echelon(rows: list[list[Fraction]]) -> list[list[Fraction]]:
    """Reduce the equations, so that one of a single unknown says what it is."""
    done: list[list[Fraction]] = []
    for column in range(len(rows[0]) if rows else 0):
        pivot = next((row for row in rows if row[column]), None)
        if pivot is None:
            continue
        rows.remove(pivot)
        pivot = [each / pivot[column] for each in pivot]
        for group in (rows, done):
            for place, row in enumerate(group):
                group[place] = [a - row[column] * b for a, b in zip(row, pivot, strict=True)]
        done.append(pivot)
    return done


def of_lines(table: list[list[int]]) -> list[bool]:
    return hidden_lines([LineFigures(sum(row), [row]) for row in table])


@given(TABLES)
@example([[2, 0, 5], [0, 2, 4]])  # told by all sums at once, and by none alone
def test_no_small_figure_is_shown_or_follows_from_the_sums(table: list[list[int]]) -> None:
    hidden = hidden_figures(table, of_lines(table))
    small = {
        (line, at)
        for line, row in enumerate(table)
        for at, number in enumerate(row)
        if is_small(number)
    }
    assert all(hidden[line][at] for line, at in small)
    public = {at for at, column in enumerate(zip(*table, strict=True)) if is_small(sum(column))}
    alone = len(table) == 1
    leaked = {each for each in told(table, hidden) if each in small and each[1] not in public}
    assert alone or not leaked


@given(TABLES)
def test_what_is_hidden_of_a_sum_is_not_few_people_unless_all_of_it_are(
    table: list[list[int]],
) -> None:
    hidden = hidden_figures(table, of_lines(table))
    turned = zip(zip(*table, strict=True), zip(*hidden, strict=True), strict=True)
    for numbers, gone in [*zip(table, hidden, strict=True), *turned]:
        together = sum(number for number, each in zip(numbers, gone, strict=True) if each)
        assert not is_small(together) or sum(numbers) == together


def test_one_small_line_takes_the_next_smallest_along() -> None:
    lines = [LineFigures(number, [[number]]) for number in (120, 3, 40, 88)]
    assert hidden_lines(lines) == [False, True, True, False]


def test_two_small_lines_that_are_many_together_take_none_along() -> None:
    lines = [LineFigures(number, [[number]]) for number in (120, 3, 4)]
    assert hidden_lines(lines) == [False, True, True]


def test_nobody_is_shown_and_hides_nothing() -> None:
    assert hidden_figures([[10, 0, 20], [30, 0, 7]], [False, False]) == [[False] * 3] * 2


def test_a_small_figure_goes_with_another_in_its_line_and_its_column() -> None:
    hidden = hidden_figures([[2, 30, 40], [25, 9, 60], [70, 80, 90]], [False] * 3)
    assert hidden == [[True, True, False], [True, True, False], [False] * 3]


def test_parts_of_few_people_become_one_that_is_large_enough() -> None:
    assert hidden_parts([50, 9, 2, 1]) == [False, True, True, True]
    assert hidden_parts([50, 3, 2]) == [False, True, True]
    assert hidden_parts([50, 9, SMALLEST]) == [False] * 3
