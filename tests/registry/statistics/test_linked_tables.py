"""Several tables of the same people: none tells what another hides."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as some

from registry.statistics.linked_tables import LineSum, hidden_together, line_sums
from registry.statistics.suppression import LineFigures


class Group(NamedTuple):
    """A smallest group of a made-up school, and how many of it have which destination."""

    department: int
    class_name: int
    major: int
    numbers: tuple[int, int, int]

    @property
    def atom(self) -> tuple[int, ...]:
        """Return what the tables tell it apart by."""
        return self[:3]


SMALL = some.one_of(some.just(0), some.integers(1, 6), some.integers(0, 60))
SCHOOLS = some.lists(
    some.builds(
        Group,
        some.integers(0, 2),
        some.integers(0, 2),
        some.integers(0, 1),
        some.tuples(SMALL, SMALL, SMALL),
    ),
    min_size=1,
    max_size=8,
    unique_by=lambda group: group.atom,
)
BY: list[Callable[[Group], object]] = [
    lambda group: group.department,
    lambda group: (group.department, group.class_name),
    lambda group: group.major,
]
PUBLIC = [False] * 4
Told = list[list[Group]]


def lines_of(school: Sequence[Group], by: Callable[[Group], object]) -> Told:
    keys = sorted({by(group) for group in school}, key=str)
    return [[group for group in school if by(group) == key] for key in keys]


def figures(line: Sequence[Group]) -> LineFigures:
    numbers = [sum(column) for column in zip(*(group.numbers for group in line), strict=True)]
    return LineFigures(sum(numbers), [numbers])


def hidden(tables: Sequence[Told], school: Sequence[Group]) -> list[list[list[bool]]]:
    members = [[frozenset(group.atom for group in line) for line in lines] for lines in tables]
    sums = line_sums(members, frozenset(group.atom for group in school))
    return hidden_together([list(map(figures, lines)) for lines in tables], sums, PUBLIC)


def sums(tables: Sequence[Told]) -> Iterator[list[tuple[int, int]]]:
    """Yield a line and the lines of another table that are its people, by table and place."""
    for table, lines in enumerate(tables):
        for place, line in enumerate(lines):
            for other in {0, 1, 2} - {table}:
                within = [at for at, each in enumerate(tables[other]) if set(each) <= set(line)]
                if sum(len(tables[other][at]) for at in within) == len(line):
                    yield [(table, place), *((other, at) for at in within)]


@given(SCHOOLS)
def test_no_difference_between_tables_tells_what_one_of_them_hides(school: list[Group]) -> None:
    tables = [lines_of(school, by) for by in BY]
    grids = hidden(tables, school)
    for each in sums(tables):
        for column in range(4):
            assert sum(grids[table][place][column] for table, place in each) != 1


def test_a_class_is_not_told_by_its_department() -> None:
    small, large = Group(0, 0, 0, (3, 40, 9)), Group(0, 1, 0, (20, 30, 8))
    # The smaller of these was all that went with the small figure, of another department.
    elsewhere = [Group(1, 0, 0, (5, 60, 9)), Group(1, 1, 0, (70, 60, 9))]
    school = [small, large, *elsewhere]
    departments, classes, _ = hidden([lines_of(school, by) for by in BY], school)
    assert [line[1] for line in classes] == [True] * 4
    assert [line[1] for line in departments] == [False, False]


def test_a_department_is_not_told_by_its_classes() -> None:
    school = [
        *(Group(0, 0, 0, (3, 40, 7)), Group(0, 1, 0, (0, 30, 0))),
        *(Group(1, 0, 0, (20, 9, 0)), Group(1, 1, 0, (30, 0, 8))),
    ]
    departments, classes, _ = hidden([lines_of(school, by) for by in BY], school)
    for column in (1, 2, 3):
        for department in (0, 1):
            parts = [classes[2 * department + at][column] for at in (0, 1)]
            assert departments[department][column] <= any(parts)


def test_who_is_in_two_lines_of_a_table_is_no_part_of_a_sum() -> None:
    one, two = (1,), (2,)
    shared = [frozenset({one, two}), frozenset({two})]
    assert line_sums([shared, [frozenset({one, two})]], frozenset({one, two})) == [
        LineSum(None, ((1, 0),)),
        LineSum((0, 0), ((1, 0),)),
    ]
