"""Loading millions of rows without the indexes of a table, which are made after it."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, text

AT_ONCE = 2
"""Tables whose indexes are made at the same time."""
_CONSTRAINTS = """
SELECT conrelid::regclass::text AS table, conname AS name, pg_get_constraintdef(oid) AS definition
FROM pg_constraint WHERE conrelid::regclass::text = ANY(:tables) AND contype = 'u'
"""
_INDEXES = """
SELECT indrelid::regclass::text AS table, indexrelid::regclass::text AS name,
    pg_get_indexdef(indexrelid) AS definition
FROM pg_index WHERE indrelid::regclass::text = ANY(:tables)
AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
"""


@contextmanager
def without_indexes(engine: Engine, tables: Sequence[str]) -> Iterator[None]:
    """Take all but primary keys off tables of PostgreSQL while they are filled.

    The indexes are made again and the tables vacuumed, those of two tables at a time: name those
    that take longest first.
    """
    with engine.begin() as connection:
        making = {table: list(_taken_off(connection, table)) for table in tables}
    yield
    with ThreadPoolExecutor(AT_ONCE) as threads:
        for _ in threads.map(lambda table: _finish(engine, table, making), tables):
            pass


def _taken_off(connection: Connection, table: str) -> Iterator[str]:
    """Drop the indexes of a table; yield what makes each again."""
    given = {"tables": [table]}
    constraints = connection.execute(text(_CONSTRAINTS), given).all()
    indexes = connection.execute(text(_INDEXES), given).all()
    for _, name, definition in constraints:
        connection.execute(text(f"ALTER TABLE {table} DROP CONSTRAINT {name}"))
        yield f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}"
    for _, name, definition in indexes:
        connection.execute(text(f"DROP INDEX {name}"))
        yield definition


def _finish(engine: Engine, table: str, making: Mapping[str, Sequence[str]]) -> None:
    with engine.connect() as connection:
        free = connection.execution_options(isolation_level="AUTOCOMMIT")
        free.execute(text("SET maintenance_work_mem = '512MB'"))
        # Two tables at a time is what the machine has processors for.
        free.execute(text("SET max_parallel_maintenance_workers = 0"))
        for statement in making[table]:
            free.execute(text(statement))
        # Several processes filled it side by side, which leaves half of it empty; ids of one
        # sequence fill it.
        free.execute(text(f"REINDEX INDEX pk_{table}"))
        free.execute(text(f"VACUUM ANALYZE {table}"))
        free.execute(text("RESET ALL"))
