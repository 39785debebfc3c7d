"""A whole database as one stream of bytes, and back: by PostgreSQL's programs or SQLite's copy."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from psycopg.conninfo import make_conninfo
from sqlalchemy import URL, Connection, Engine, inspect, text

from registry.base.database import open_engine
from runtime.sqlite_copy import copy_sqlite

READ_BYTES = 1024 * 1024
SQLITE, POSTGRESQL = "sqlite", "postgresql"


class DumpFailed(RuntimeError):
    """A program of PostgreSQL failed or is not there; the text is its last words."""


@dataclass(frozen=True)
class Dump:
    """What a database held at one moment, and the bytes of it."""

    kind: str
    revision: str | None
    counts: Mapping[str, int]
    parts: Iterator[bytes]


@contextmanager
def dumped(engine: Engine) -> Iterator[Dump]:
    """Give a database as of one moment, while others write to it; raises DumpFailed."""
    if engine.dialect.name == SQLITE:
        with _copied(engine) as dump:
            yield dump
        return
    with engine.execution_options(isolation_level="REPEATABLE READ").connect() as connection:
        connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        snapshot = connection.execute(text("SELECT pg_export_snapshot()")).scalar_one()
        command = [*_program("pg_dump", engine.url), "--format=custom", "--no-owner"]
        command += ["--no-privileges", f"--snapshot={snapshot}"]
        held = counts(connection)
        yield Dump(POSTGRESQL, _revision(connection), held, _said_by(command, engine.url))


@contextmanager
def _copied(engine: Engine) -> Iterator[Dump]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "copy.db"
        copy_sqlite(Path(engine.url.database or ""), path)
        copy = open_engine(f"sqlite:///{path}")
        with copy.connect() as connection:
            held, revision = counts(connection), _revision(connection)
        copy.dispose()
        with path.open("rb") as file:
            yield Dump(SQLITE, revision, held, iter(lambda: file.read(READ_BYTES), b""))


def counts(connection: Connection) -> dict[str, int]:
    """Return how many rows each table has."""
    quote = connection.dialect.identifier_preparer.quote
    names = sorted(inspect(connection).get_table_names())
    asked = {name: text(f"SELECT count(*) FROM {quote(name)}") for name in names}  # noqa: S608 - of its own names
    return {name: connection.execute(each).scalar_one() for name, each in asked.items()}


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def restore(url: URL, parts: Iterable[bytes]) -> None:
    """Fill an empty database, whole or not at all; raises DumpFailed, and what `parts` raises."""
    if url.get_backend_name() == SQLITE:
        _write(Path(url.database or ""), parts)
        return
    command = [*_program("pg_restore", url), "--no-owner", "--no-privileges"]
    command += ["--exit-on-error", "--single-transaction"]
    _tell(command, url, parts)


def _write(path: Path, parts: Iterable[bytes]) -> None:
    written = path.with_name(f"{path.name}.restoring")
    try:
        with written.open("wb") as file:
            file.writelines(parts)
        written.replace(path)
    finally:
        written.unlink(missing_ok=True)


def _program(name: str, url: URL) -> list[str]:
    """Return a program of PostgreSQL with its database; the password goes another way."""
    found = shutil.which(name)
    if found is None:
        raise DumpFailed(f"{name} is missing (Debian: apt-get install postgresql-client)")
    _, options = url.get_dialect()().create_connect_args(url)
    said = {key: each for key, each in options.items() if key not in {"context", "password"}}
    place = make_conninfo("", **said)
    return [found, f"--dbname={place}"]


def _environment(url: URL) -> dict[str, str]:
    return {**os.environ, **({"PGPASSWORD": str(url.password)} if url.password else {})}


def _said_by(command: list[str], url: URL) -> Iterator[bytes]:
    """Yield what a program prints; raise DumpFailed where it fails."""
    with tempfile.TemporaryFile() as complaints:
        running = subprocess.Popen(  # noqa: S603 - PostgreSQL's own program, with our arguments
            command, stdout=subprocess.PIPE, stderr=complaints, env=_environment(url)
        )
        with running:
            assert running.stdout is not None
            printed = running.stdout
            yield from iter(lambda: printed.read(READ_BYTES), b"")
        _check(running.returncode, complaints)


def _tell(command: list[str], url: URL, parts: Iterable[bytes]) -> None:
    """Hand a program its input; end it before it has all of it where `parts` raises."""
    with tempfile.TemporaryFile() as complaints:
        running = subprocess.Popen(  # noqa: S603 - as above
            command, stdin=subprocess.PIPE, stderr=complaints, env=_environment(url)
        )
        assert running.stdin is not None
        try:
            for part in parts:
                running.stdin.write(part)
            running.stdin.close()
        except BrokenPipeError:  # it has ended, and says why
            running.wait()
        except BaseException:
            running.kill()
            running.wait()
            raise
        _check(running.wait(), complaints)


def _check(status: int, complaints: IO[bytes]) -> None:
    if status == 0:
        return
    complaints.seek(0)
    said = complaints.read().decode(errors="replace").strip().splitlines()
    raise DumpFailed(said[0] if said else f"it ended with {status}")
