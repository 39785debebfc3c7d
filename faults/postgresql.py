"""A PostgreSQL that can be killed, cut off and filled up, with durable commits."""

import os
import signal
import time
from pathlib import Path

import psycopg
from sqlalchemy import URL

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

    def __init__(self, folder: Path, *, tiny: bool = False) -> None:
        """Make the cluster in a folder, which becomes its owner's; raise ServerMissing."""
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
        self.part = Part("postgresql", command, folder, owner=other)
        super().__init__(
            URL.create(
                "postgresql+psycopg",
                username="quxiang",
                database="postgres",
                query={"host": str(folder)},
            )
        )

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
