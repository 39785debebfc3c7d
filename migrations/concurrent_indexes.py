"""Indexes of large tables, made on PostgreSQL while everybody writes.

What a migration did before it calls `make` is committed first, so that nothing is locked while the
indexes are made: most call it last. One that was broken off is begun anew.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import sqlalchemy as sa
from alembic import context, op


class TableIndex(NamedTuple):
    """An index: of which table and columns, and of which rows; None for all."""

    table: str
    columns: Sequence[str]
    which: str | None = None
    using: str | None = None
    """PostgreSQL's kind of index; None for its usual one, which SQLite always has."""


def make(indexes: Mapping[str, TableIndex]) -> None:
    """Make indexes, by name; at once where nothing else runs, or nothing may be committed."""
    if _alone():
        for name, index in indexes.items():
            _create(name, index, concurrently=False)
        return
    with op.get_context().autocommit_block():
        for name, index in indexes.items():
            # What an interrupted one left is not an index that answers.
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
            _create(name, index, concurrently=True)


def drop(indexes: Mapping[str, TableIndex]) -> None:
    """Drop indexes, by name, as they are made: none waits for a long query and has all wait."""
    if _alone():
        for name, index in indexes.items():
            op.drop_index(name, index.table)
        return
    with op.get_context().autocommit_block():
        for name in indexes:
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")


def _alone() -> bool:
    """Say whether nothing else runs, or nothing may be committed: `quxiang db sql` prints only."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    return is_sqlite or bool(context.config.attributes.get("undone"))


def _create(name: str, index: TableIndex, *, concurrently: bool) -> None:
    which = None if index.which is None else sa.text(index.which)
    op.create_index(
        name,
        index.table,
        index.columns,
        sqlite_where=which,
        postgresql_where=which,
        postgresql_concurrently=concurrently,
        postgresql_using=index.using,
    )
