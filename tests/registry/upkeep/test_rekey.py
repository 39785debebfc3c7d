"""Every sealed column is known, so that a change of keys forgets none."""

from registry.upkeep.rekey import SEALED, sealed_columns


def test_every_sealed_column_is_sealed_again() -> None:
    known = {f"{each.table.name}.{each.column.key}" for each in SEALED}
    assert sealed_columns() == known
