"""What SQLAlchemy compiled for one test's database serves those of all later tests.

It keeps compiled statements by engine and dialect, and every test opens engines of its own: a
process of tests would compile the same statements thousands of times. Here every engine of a kind
has an equal dialect and one store of compiled statements. The only other difference from the
dialects the product runs with is that no commit waits for the disk: no test pulls the plug on its
own process, and the tests' PostgreSQL does not wait either. Processes that a test starts do.
"""

from typing import ClassVar

from sqlalchemy import Engine, event
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.util import LRUCache
from typing_extensions import override

MOST_STATEMENTS = 5000


class SharingSqlite(SQLiteDialect_pysqlite):
    """SQLite's dialect, equal to any other of its kind."""

    supports_statement_cache = True
    compiled: ClassVar[LRUCache[object, object]] = LRUCache(MOST_STATEMENTS)

    @override
    def __eq__(self, other: object) -> bool:
        return type(other) is SharingSqlite

    @override
    def __hash__(self) -> int:
        return hash(SharingSqlite)

    @override
    @classmethod
    def engine_created(cls, engine: Engine) -> None:
        engine.update_execution_options(compiled_cache=cls.compiled)
        event.listen(engine, "checkout", _wait_for_no_disk)


def _wait_for_no_disk(
    connection: DBAPIConnection, entry: ConnectionPoolEntry, _proxy: object
) -> None:
    """Have a connection's commits not wait; at its first use, after what the product sets on it."""
    if not entry.info.get("waits for no disk"):
        connection.cursor().execute("PRAGMA synchronous=OFF")
        entry.info["waits for no disk"] = True


class SharingPostgresql(PGDialect_psycopg):
    """The dialect of PostgreSQL, equal to any other of its kind: all tests ask one server."""

    supports_statement_cache = True
    compiled: ClassVar[LRUCache[object, object]] = LRUCache(MOST_STATEMENTS)

    @override
    def __eq__(self, other: object) -> bool:
        return type(other) is SharingPostgresql

    @override
    def __hash__(self) -> int:
        return hash(SharingPostgresql)

    @override
    @classmethod
    def engine_created(cls, engine: Engine) -> None:
        engine.update_execution_options(compiled_cache=cls.compiled)


def share_compiled_statements() -> None:
    """Let every engine that is opened from now on in this process share what was compiled."""
    registry.register("sqlite", __name__, SharingSqlite.__name__)
    registry.register("postgresql.psycopg", __name__, SharingPostgresql.__name__)
