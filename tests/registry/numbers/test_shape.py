"""A number keeps the official shape, comes from chance alone, and catches what people mistype."""

import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as some

from registry.numbers import shape
from registry.numbers.shape import ALPHABET, RANDOM, RANDOM_LENGTHS, Entered, Issue

NUMBERS = some.builds(
    shape.make,
    some.sampled_from(list(Issue)),
    some.integers(2023, 2099),
    some.from_regex("[0-9]{5}", fullmatch=True),
)
SHAPES = {Issue.VERIFICATION: 15, Issue.TRANSFER: 18}


@given(NUMBERS)
def test_a_number_reads_back_as_itself(number: str) -> None:
    read = shape.read(number)
    assert read is not None
    assert (read.number, len(number)) == (number, SHAPES[read.issue])


@pytest.mark.parametrize(("issue", "length"), SHAPES.items())
def test_a_number_begins_with_year_and_school(issue: Issue, length: int) -> None:
    number = shape.make(issue, 2026, "10001")
    assert number.startswith("2610001")
    assert len(number) == length


@given(NUMBERS, some.data())
def test_every_single_wrong_character_is_caught(number: str, data: some.DataObject) -> None:
    place = data.draw(some.integers(0, len(number) - 1))
    wrong = data.draw(some.sampled_from([each for each in ALPHABET if each != number[place]]))
    assert shape.read(number[:place] + wrong + number[place + 1 :]) is None


@given(NUMBERS, some.data())
def test_every_swap_of_neighbours_is_caught(number: str, data: some.DataObject) -> None:
    place = data.draw(some.integers(0, len(number) - 2))
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    assert swapped == number or shape.read(swapped) is None


@given(NUMBERS, some.sampled_from([" ", "-", "—", "　", "·"]), some.integers(1, 6))
def test_how_it_is_written_does_not_matter(number: str, gap: str, every: int) -> None:
    pieces = [number[at : at + every] for at in range(0, len(number), every)]
    written = gap.join(pieces).lower()
    wide = "".join(chr(ord(each) + 0xFEE0) if "!" <= each <= "~" else each for each in written)
    for each in (written, f" {written} ", wide, shape.grouped(number)):
        read = shape.read(each)
        assert read is not None
        assert read.number == number


def test_letters_that_are_never_used_are_read_as_what_they_look_like() -> None:
    written = {"0": "o", "1": "l", "5": "s", "V": "u"}
    numbers = (shape.make(Issue.TRANSFER, 2015, "10501") for _ in range(200))
    number = next(each for each in numbers if set(written) <= set(each))
    assert shape.read("".join(written.get(each, each) for each in number)) == Entered(
        Issue.TRANSFER, number
    )


@given(some.text(max_size=80))
def test_anything_else_is_no_number_and_no_error(entered: str) -> None:
    read = shape.read(entered)
    assert read is None or len(read.number) in SHAPES.values()


@pytest.mark.parametrize("issue", Issue)
def test_every_number_there_can_be_is_drawn_alike(issue: Issue) -> None:
    length = RANDOM_LENGTHS[issue]
    every = len(RANDOM) ** length
    drawn = iter((0, 1, every // 2, every - 2, every - 1))

    def draw(below: int) -> int:
        assert below == every
        return next(drawn)

    made = {shape.make(issue, 2026, "10001", draw) for _ in range(5)}
    assert {each[7:-1] for each in made} >= {RANDOM[0] * length, RANDOM[-1] * length}
    assert len(made) == 5
    assert all(shape.read(each) for each in made)


def test_the_source_is_the_systems_own_and_cannot_be_seeded() -> None:
    assert shape.make.__defaults__ == (secrets.randbelow,)
    assert len({shape.make(Issue.VERIFICATION, 2026, "10001") for _ in range(2000)}) == 2000


AGREEMENTS = some.builds(
    shape.make_agreement,
    some.integers(2023, 2099),
    some.from_regex("[0-9]{5}", fullmatch=True),
    some.sampled_from(["", "01", "31", "61"]),
)


@given(AGREEMENTS)
def test_the_number_of_an_agreement_is_told_from_the_others_by_its_length(number: str) -> None:
    assert len(number) == shape.AGREEMENT_LENGTH == 16
    assert number[:9].isdecimal()
    assert shape.read_agreement(shape.grouped(number).lower()) == number
    assert shape.read(number) is None


@given(NUMBERS)
def test_no_other_number_is_taken_for_an_agreements(number: str) -> None:
    assert shape.read_agreement(number) is None


@given(AGREEMENTS, some.data())
def test_a_wrong_character_of_an_agreements_number_is_caught(
    number: str, data: some.DataObject
) -> None:
    place = data.draw(some.integers(0, len(number) - 1))
    wrong = data.draw(some.sampled_from([each for each in ALPHABET if each != number[place]]))
    assert shape.read_agreement(number[:place] + wrong + number[place + 1 :]) is None
