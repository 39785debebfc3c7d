"""Important fields are compared by value, and their changes reset what the guides say."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from registry.record import important_fields
from registry.record.fields import BLOCK_TITLES, IMPORTANT, Block

ONLY_ON_REPORTS = {
    "sex",
    "programme_length",
    "origin",
    "file_postcode",
    "file_contact",
    "file_phone",
}
RECORDS = some.fixed_dictionaries({name: some.text(max_size=5) for name in IMPORTANT})


@given(RECORDS, RECORDS)
def test_equal_hashes_mean_no_difference(one: dict[str, str], other: dict[str, str]) -> None:
    same = important_fields.snapshot_hash(one) == important_fields.snapshot_hash(other)
    assert same == (important_fields.differences(one, other) == [])


@given(RECORDS)
def test_a_record_does_not_differ_from_itself_written_otherwise(record: dict[str, str]) -> None:
    spaced = {name: f" {value} " for name, value in record.items()}
    assert important_fields.differences(record, spaced) == []


@pytest.mark.parametrize(
    ("before", "after"),
    [("（北京）有限公司", "(北京)有限公司"), ("ＡＢＣ", "ABC"), (None, ""), ("青 禾", "青禾")],
)
def test_the_same_value_written_otherwise_is_no_change(before: str | None, after: str) -> None:
    assert important_fields.differences({"unit_name": before}, {"unit_name": after}) == []


@pytest.mark.parametrize("name", IMPORTANT)
def test_a_change_touches_its_block_and_resets_where_the_page_showed_it(name: str) -> None:
    found = important_fields.differences({}, {name: "新"})
    assert [each.field for each in found] == [name]
    assert important_fields.changed_blocks(found) == (IMPORTANT[name].block,)
    assert important_fields.resets(found) == (name not in ONLY_ON_REPORTS)


def test_blocks_are_named_once_in_their_order() -> None:
    found = important_fields.differences(
        {}, {"household_type": "a", "unit_name": "b", "category": "c"}
    )
    assert important_fields.changed_blocks(found) == (Block.DESTINATION, Block.HOUSEHOLD)
    assert set(BLOCK_TITLES) == set(Block)


def test_a_snapshot_holds_every_important_field_and_nothing_else() -> None:
    taken = important_fields.snapshot({"name": " 林知夏 ", "unit_phone": "1", "category": None})
    assert list(taken) == list(IMPORTANT)
    assert (taken["name"], taken["category"]) == ("林知夏", "")


def test_a_snapshot_from_before_a_field_mattered_says_nothing_of_it() -> None:
    assert (
        important_fields.differences_since({"name": "林知夏"}, {"name": "林知夏", "sex": "2"}) == []
    )
    (found,) = important_fields.differences_since(
        {"name": "林知夏"}, {"name": "林之夏", "sex": "2"}
    )
    assert found.field == "name"
