"""An empty, migrated database for each test: made once, then copied; a copy is used again."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import LiteralString
from uuid import uuid4

import psycopg
from psycopg import sql
from sqlalchemy import URL
from typing_extensions import override

from tests.servers import libpq_address

KINDS = ("sqlite", "postgresql")

SCHEMA: LiteralString = """
    WITH ours AS (SELECT oid, relname FROM pg_class WHERE relnamespace = 'public'::regnamespace)
    SELECT (SELECT sum(hashtext(oid || relname)) FROM ours),
        (SELECT sum(hashtext(attrelid || attname || atttypid || attnotnull || atthasdef))
            FROM pg_attribute WHERE attrelid IN (SELECT oid FROM ours)),
        (SELECT count(*) FROM pg_constraint), (SELECT count(*) FROM pg_trigger),
        (SELECT string_agg(version_num, ' ') FROM alembic_version)
"""
USED_TABLES: LiteralString = """
    SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace
        AND relkind = 'r' AND relname <> 'alembic_version' AND pg_relation_size(oid) > 0
"""
RESTART_NUMBERS: LiteralString = "SELECT setval(seqrelid, seqstart, false) FROM pg_sequence"
END_CONNECTIONS: LiteralString = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s
"""


class SqliteFolder:
    """A folder of database files, all copies of one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def make(self, template: URL | None = None) -> URL:
        """Make a database: empty, or a copy of another that nobody has open."""
        path = self.folder / f"{uuid4().hex}.sqlite"
        if template is not None:
            assert template.database is not None
            shutil.copyfile(template.database, path)
        return URL.create("sqlite", database=str(path))

    def drop(self, url: URL) -> None:
        """Remove a database with its journals."""
        assert url.database is not None
        for path in self.folder.glob(f"{Path(url.database).name}*"):
            path.unlink()


class PostgresqlServer:
    """A server that makes databases, all copies of one."""

    def __init__(self, url: URL) -> None:
        self.url = url

    def make(self, template: URL | None = None) -> URL:
        """Make a database: empty, or a copy of another that nobody has open."""
        name = f"quxiang_test_{uuid4().hex}"
        source = "template0" if template is None else template.database
        assert source is not None
        self._tell("CREATE DATABASE {} TEMPLATE {} STRATEGY wal_log", name, source)
        return self.url.set(database=name)

    def drop(self, url: URL) -> None:
        """Remove a database, whoever still has it open."""
        assert url.database is not None
        self._tell("DROP DATABASE {} WITH (FORCE)", url.database)

    def _tell(self, statement: LiteralString, *names: str) -> None:
        self._execute(sql.SQL(statement).format(*map(sql.Identifier, names)))

    def _execute(self, command: sql.Composed) -> None:
        with self._connect() as connection:
            connection.execute(command)

    def _connect(self, name: str | None = None) -> psycopg.Connection:
        url = self.url if name is None else self.url.set(database=name)
        return psycopg.connect(libpq_address(url), autocommit=True)


class ReusingServer(PostgresqlServer):
    """A server that empties what its tests are done with and gives it to the next.

    A copy takes PostgreSQL ten times as long as emptying one. Each test finds its database under
    a name of its own: whoever still has an earlier name finds nothing there. What cannot be made
    as it was, because its schema changed, is dropped. One connection tells it so all the time: to
    begin one takes PostgreSQL longer than most of what it is told.
    """

    def __init__(self, url: URL) -> None:
        super().__init__(url)
        self.kept = self._connect()
        self.emptied: dict[str, str] = {}
        self.sources: dict[str, str] = {}
        self.schemas: dict[str, object] = {}

    def close(self) -> None:
        """Let go of the server; no more databases are made or dropped."""
        self.kept.close()

    @override
    def make(self, template: URL | None = None) -> URL:
        if template is None or template.database is None:
            return super().make(template)
        source = template.database
        if source not in self.schemas:
            with self._connect(source) as connection:
                self.schemas[source] = connection.execute(SCHEMA).fetchone()
        url = self._take(source) or super().make(template)
        self.sources[str(url.database)] = source
        return url

    def _take(self, source: str) -> URL | None:
        kept = self.emptied.pop(source, None)
        if kept is None:
            return None
        name = f"quxiang_test_{uuid4().hex}"
        self._tell("ALTER DATABASE {} RENAME TO {}", kept, name)
        return self.url.set(database=name)

    @override
    def drop(self, url: URL) -> None:
        source = self.sources.pop(str(url.database), None)
        if source is None or source in self.emptied or not self._empty(url, source):
            super().drop(url)

    def _empty(self, url: URL, source: str) -> bool:
        """Delete all rows; say no, and leave it, if the schema is no longer that of the source."""
        assert url.database is not None
        self.kept.execute(END_CONNECTIONS, [url.database])
        with self._connect(url.database) as connection:
            if connection.execute(SCHEMA).fetchone() != self.schemas[source]:
                return False
            _delete_rows(connection)
        self.emptied[source] = url.database
        return True

    @override
    def _execute(self, command: sql.Composed) -> None:
        self.kept.execute(command)


def _delete_rows(connection: psycopg.Connection) -> None:
    """Delete what tables hold and start their numbers anew; TRUNCATE takes as long as a copy."""
    tables = [sql.Identifier(name) for (name,) in connection.execute(USED_TABLES)]
    with connection.transaction():
        connection.execute(
            "SET LOCAL session_replication_role = replica"
        )  # foreign keys do not ask
        for table in tables:
            connection.execute(sql.SQL("DELETE FROM {}").format(table))
        connection.execute(RESTART_NUMBERS)
    if tables:
        connection.execute(sql.SQL("VACUUM {}").format(sql.SQL(", ").join(tables)))


DatabaseMaker = SqliteFolder | PostgresqlServer
FindMaker = Callable[[str], DatabaseMaker]
FindTemplate = Callable[[str], URL]
