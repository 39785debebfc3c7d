"""A database for a moment, which a backup is restored into to see what is in it."""

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import URL, text
from sqlalchemy.exc import SQLAlchemyError

from commands.answers import Refused
from registry.base.database import open_engine
from registry.base.sealed_stream import DamagedFile
from runtime.dumps import SQLITE, DumpFailed, counts, restore


def proven(beside: URL, kind: str, parts: Iterator[bytes]) -> Mapping[str, int]:
    """Restore a database beside another, and return how many rows each table has there."""
    if kind != beside.get_backend_name():
        raise Refused("other_kind", f"It is of {kind}, and the settings name another.")
    with _scratch(beside) as url:
        restored(url, parts)
        engine = open_engine(url.render_as_string(hide_password=False))
        try:
            with engine.connect() as connection:
                return counts(connection)
        finally:
            engine.dispose()


def restored(url: URL, parts: Iterator[bytes]) -> None:
    """Restore into an empty database; refuse in words what cannot be."""
    try:
        restore(url, parts)
    except DumpFailed as failure:
        raise Refused("restore_failed", f"Nothing was restored: {failure}") from None
    except DamagedFile as damage:
        raise Refused("damaged", f"Nothing was restored: {damage}.") from None


@contextmanager
def _scratch(beside: URL) -> Iterator[URL]:
    if beside.get_backend_name() == SQLITE:
        with TemporaryDirectory() as folder:
            yield beside.set(database=str(Path(folder) / "scratch.db"))
        return
    name = f"{beside.database}_scratch_{secrets.token_hex(4)}"
    _tell(beside, f"CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE template0")
    try:
        yield beside.set(database=name)
    finally:
        _tell(beside, f"DROP DATABASE {name} WITH (FORCE)")


def _tell(server: URL, statement: str) -> None:
    engine = open_engine(server.render_as_string(hide_password=False))
    try:
        with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            connection.execute(text(statement))
    except SQLAlchemyError:
        words = "its role may make no databases (ALTER ROLE … CREATEDB), or another command failed"
        raise Refused("no_scratch", f"There is no scratch database: {words}.") from None
    finally:
        engine.dispose()
