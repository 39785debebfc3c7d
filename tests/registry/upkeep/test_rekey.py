"""Every sealed column and every blind index is known, so that a change of keys forgets none."""

from migrations.metadata import metadata
from registry.upkeep.rekey import SEALED, sealed_columns

INDEXED = {
    *("graduate.identity_index", "graduate.phone_index", "binding.phone_index"),
    *("issued_number.number_index", "lookup.address_index", "contact_change.phone_index"),
    "contact_change.identity_index",
    "certification.handler_phone_index",
}
"""What `registry.upkeep.reindex` changes, or empties."""
RENEWED = {
    "one_time_code.phone_index": "counts the codes of a day; begins anew once",
    "staff_device.place_index": "written at each sign-in; until then the place counts as another",
}
"""What needs no change, and why."""


def test_every_sealed_column_is_sealed_again() -> None:
    known = {f"{each.table.name}.{each.column.key}" for each in SEALED}
    assert sealed_columns() == known


def test_every_blind_index_follows_another_key_or_needs_not_to() -> None:
    found = {
        f"{table.name}.{column.name}"
        for table in metadata.tables.values()
        for column in table.columns
        if column.name.endswith("_index")
    }
    assert found == INDEXED | RENEWED.keys()
