"""An empty, migrated database for each test: made once, then copied."""

import shutil
from pathlib import Path
from uuid import uuid4

import psycopg
from psycopg import sql
from sqlalchemy import URL

from tests.servers import libpq_address


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

    def _tell(self, statement: str, *names: str) -> None:
        command = sql.SQL(statement).format(*map(sql.Identifier, names))
        with psycopg.connect(libpq_address(self.url), autocommit=True) as connection:
            connection.execute(command)


DatabaseMaker = SqliteFolder | PostgresqlServer
