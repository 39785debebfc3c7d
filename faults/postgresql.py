"""A PostgreSQL that can be killed, cut off and filled up, with durable commits."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from sqlalchemy import URL

from faults.faketime import Clock
from faults.parts import Part
from tests.databases import PostgresqlServer
from tests.servers import (
    SERVER_OPTIONS,
    START_SECONDS,
    database_owner,
    find_programs,
    libpq_address,
    make_cluster,
)

SMALL = ("-c", "shared_buffers=64MB", "-c", "max_wal_size=1GB")
TINY = (
    *("-c", "shared_buffers=16MB", "-c", "max_wal_size=8MB", "-c", "min_wal_size=2MB"),
    *("-c", "wal_keep_size=0", "-c", "autovacuum=off"),
)
SMALL_SEGMENTS = "--wal-segsize=1"


class Postgresql(PostgresqlServer):
    """One server of our own."""

    def __init__(self, folder: Path, *, tiny: bool = False, clock: Clock | None = None) -> None:
        """Make the cluster in a folder, which becomes its owner's; raise ServerMissing.

        It goes by `clock`, if there is one.
        """
        programs, owner = find_programs(), database_owner()
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        os.chown(folder, owner.pw_uid, owner.pw_gid)
        data = folder / "data"
        make_cluster(programs, data, owner, *([SMALL_SEGMENTS] if tiny else []))
        command = [
            *(programs / "postgres", "-D", data, "-k", folder),
            *(*SERVER_OPTIONS, *(TINY if tiny else SMALL)),
        ]
        other = owner if os.getuid() == 0 else None
        more = clock.environment if clock else {}
        self.part = Part("postgresql", command, folder, owner=other, more=more)
        self._clock = clock
        super().__init__(
            URL.create(
                "postgresql+psycopg",
                username="quxiang",
                database="postgres",
                query={"host": str(folder)},
            )
        )

    @property
    def clock(self) -> Clock:
        """Return the clock it goes by; raises RuntimeError where that cannot be set."""
        if self._clock is None:
            raise RuntimeError("this PostgreSQL goes by the machine's clock")
        return self._clock

    def start(self) -> None:
        """Start it and wait until it answers."""
        self.part.start()
        until = time.monotonic() + START_SECONDS
        while not self.answers():
            if time.monotonic() > until:
                raise RuntimeError(f"PostgreSQL did not start: {self.part.last_words()}")
            time.sleep(0.05)

    def answers(self) -> bool:
        """Say whether it takes connections."""
        try:
            psycopg.connect(libpq_address(self.url), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def crash(self) -> None:
        """Stop it as `pg_ctl -m immediate` does: every connection lost, recovery at the start."""
        self.part.send(signal.SIGQUIT)

    def cut_connections(self, database: str) -> int:
        """Terminate every connection to a database; return how many there were."""
        statement = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname=%s"
        with psycopg.connect(libpq_address(self.url), autocommit=True) as connection:
            row = connection.execute(statement, (database,)).fetchone()
        return int(row[0]) if row else 0

    @contextmanager
    def long_transaction(self, database: str) -> Iterator[None]:
        """Keep a transaction open that has looked at everything and written nothing."""
        with psycopg.connect(self.address(database)) as connection:
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            connection.execute("SELECT pg_current_xact_id(), count(*) FROM message")
            yield

    def dump(self, database: str) -> Path:
        """Make a backup of a database that is in use; return its file."""
        target = self.folder / f"{database}.dump"
        self._run("pg_dump", "--format=custom", f"--file={target}", self.address(database))
        return target

    def restore(self, database: str, backup: Path) -> None:
        """Put a backup in a database's place."""
        with psycopg.connect(libpq_address(self.url), autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{database}" WITH (FORCE)')
            connection.execute(f'CREATE DATABASE "{database}"')
        self._run("pg_restore", f"--dbname={self.address(database)}", str(backup))

    def address(self, database: str) -> str:
        """Return how libpq reaches a database."""
        return libpq_address(self.url.set(database=database))

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run([find_programs() / program, *arguments], check=True)
