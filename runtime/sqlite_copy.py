"""A copy of an SQLite database that is in use: whole, as of one moment."""

import sqlite3
from contextlib import closing
from pathlib import Path


def copy_sqlite(source: Path, target: Path) -> None:
    """Copy a database while others write to it; raises sqlite3.Error, OSError for a missing one."""
    address = f"{source.resolve().as_uri()}?mode=ro"
    with (
        closing(sqlite3.connect(address, uri=True)) as reading,
        closing(sqlite3.connect(target)) as written,
    ):
        reading.backup(written)
