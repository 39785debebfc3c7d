"""A real SQLite database behind a simulated connection: each statement is a step, each can fail.

SQLite has one writer at a time. Who waits for it waits in simulated time, so that a frozen process
that holds it holds up the others as it would on its machine, and as a server would let it.
"""

import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from typing_extensions import override

from registry.base.database import LOCK_SECONDS
from simulation.scheduler import Process, Scheduler

BEGIN = datetime(2026, 6, 1, 15, 30, tzinfo=UTC)
"""What the clocks say when a history begins: half an hour before midnight in Beijing."""
STATEMENT_SECONDS = 0.002
LOOK_SECONDS = 0.05  # how often who waits for the writer's lock looks
SILENT_SECONDS = 10.0  # after which the server ends the transaction of a client that says nothing


class Database:
    """The file, its one writer, and whether it can be reached."""

    def __init__(self, path: Path, scheduler: Scheduler, *, server: bool) -> None:
        """Take the file as it is; a `server` ends silent transactions."""
        self.path = path
        self.server = server
        self.scheduler = scheduler
        self.away_until = 0.0
        self.unheard: set[int] = set()
        """Which commits, counted from 1, are kept without anybody hearing of it."""
        self.commits = 0
        self.rows_changed = 0
        self.changed: Callable[[], None] = lambda: None
        """Is told of each commit that changed a row."""
        self.clock_ahead = 0.0
        self.connections: list[Connection] = []
        self._writer: Connection | None = None
        self._process: Process | None = None

    @property
    def clock(self) -> datetime:
        """Return what the database's clock says."""
        return BEGIN + timedelta(seconds=self.scheduler.now + self.clock_ahead)

    def admit(self, connection: "Connection") -> None:
        """Serve a new connection, and give it the simulated clock."""
        connection.create_function("strftime", 2, lambda _form, _now: f"{self.clock:%F %T.%f}")
        connection.database = self
        self.connections.append(connection)

    def lock(self, connection: "Connection") -> None:
        """Become the writer; raise as SQLite does after waiting too long."""
        give_up = self.scheduler.now + LOCK_SECONDS
        while self._writer is not None:
            self._end_silence()
            if self._writer is None:
                break
            if self.scheduler.now > give_up:
                raise sqlite3.OperationalError("database is locked")
            self.scheduler.pause(LOOK_SECONDS)
            connection.reach()
        self._writer, self._process = connection, self.scheduler.running

    def unlock(self, connection: "Connection") -> None:
        """Be the writer no more."""
        if self._writer is connection:
            self._writer = self._process = None

    def _end_silence(self) -> None:
        """End the transaction of a frozen writer, as idle_in_transaction_session_timeout does."""
        process, writer = self._process, self._writer
        now = self.scheduler.now
        if not self.server:
            return
        if (
            process
            and writer
            and process.frozen_until > now > process.frozen_since + SILENT_SECONDS
        ):
            writer.cut()

    def leave(self, connection: "Connection") -> None:
        """Serve a connection no more."""
        if connection in self.connections:
            self.connections.remove(connection)

    def lose(self, seconds: float) -> None:
        """Be out of reach for a while; every connection is cut."""
        self.away_until = self.scheduler.now + seconds
        self.cut_all()

    def cut_all(self) -> None:
        """Cut every connection."""
        for connection in list(self.connections):
            connection.cut()
        self.connections.clear()

    def backup(self) -> sqlite3.Connection:
        """Return a copy of everything in it, in memory."""
        kept = sqlite3.connect(":memory:")
        with closing(sqlite3.connect(self.path)) as source:
            source.backup(kept)
        return kept

    def restore(self, kept: sqlite3.Connection) -> None:
        """Put a backup in its place; every connection is cut."""
        self.cut_all()
        with closing(sqlite3.connect(self.path)) as target:
            kept.backup(target)


LOST = "the connection was lost"


class Connection(sqlite3.Connection):
    """A connection that hands over before each statement and around each commit."""

    database: Database | None = None
    is_cut = False
    rows_changed = 0  # of what is committed

    @override
    def cursor(self, factory: Any = None) -> Any:
        return super().cursor(Cursor)

    @override
    def commit(self) -> None:
        if self.database is None:
            super().commit()
            return
        self.step()
        super().commit()
        self.database.unlock(self)
        self._count()
        if self.database.commits in self.database.unheard:
            raise sqlite3.OperationalError(LOST)
        self.step()

    def _count(self) -> None:
        """Count the commit, and the rows that it changed."""
        if self.database is None:
            return
        self.database.commits += 1
        changed, self.rows_changed = self.total_changes - self.rows_changed, self.total_changes
        if changed:
            self.database.rows_changed += changed
            self.database.changed()

    @override
    def rollback(self) -> None:
        super().rollback()
        if self.database is not None:
            self.database.unlock(self)

    @override
    def close(self) -> None:
        if self.database is not None:
            self.database.unlock(self)
            self.database.leave(self)
        super().close()

    def cut(self) -> None:
        """Lose the server: what was not committed is gone."""
        if not self.is_cut:
            self.is_cut = True
            self.rollback()

    def step(self) -> None:
        """Hand over for as long as a statement takes, then see whether the server is there."""
        if self.database is not None:
            self.database.scheduler.pause(STATEMENT_SECONDS)
            self.reach()

    def reach(self) -> None:
        """Raise unless the server can be reached on this connection."""
        if self.database is None:
            return
        if self.is_cut or self.database.scheduler.now < self.database.away_until:
            self.cut()
            raise sqlite3.OperationalError(LOST)


class Cursor(sqlite3.Cursor):
    """A cursor of such a connection."""

    connection: Connection

    @override
    def execute(self, sql: str, parameters: Any = (), /) -> "Cursor":
        self.connection.step()
        if sql == "BEGIN IMMEDIATE" and self.connection.database is not None:
            self.connection.database.lock(self.connection)
        return super().execute(sql, parameters)

    @override
    def executemany(self, sql: str, parameters: Iterable[Any], /) -> "Cursor":
        self.connection.step()
        return super().executemany(sql, parameters)
