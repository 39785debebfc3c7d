"""How many bytes a graduate comes to, by table: rows, what is kept beside them, and indexes."""

from dataclasses import dataclass

from sqlalchemy import Engine, text

APART = ("message", "inbox_event")
"""Counted for themselves: they grow with what is told, not with who is there."""
_SIZES = """
SELECT relname, reltuples, pg_table_size(oid), pg_indexes_size(oid)
FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
ORDER BY pg_total_relation_size(oid) DESC
"""


@dataclass(frozen=True)
class TableSize:
    """A table, its rows and its bytes."""

    table: str
    rows: int
    heap: int
    """With what is kept beside the rows, as they are too long."""
    indexes: int

    @property
    def total(self) -> int:
        """Return its bytes, indexes included."""
        return self.heap + self.indexes


def table_sizes(engine: Engine) -> list[TableSize]:
    """Return the tables of PostgreSQL, the largest first; rows as they were last counted."""
    with engine.connect() as connection:
        found = connection.execute(text(_SIZES)).all()
    return [
        TableSize(name, max(0, int(rows)), heap, indexes) for name, rows, heap, indexes in found
    ]
