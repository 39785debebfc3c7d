"""Whether a database that answers can be worked with: it takes writes and holds Chinese."""

from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Engine, text

from registry.base.postgresql import WrongEncoding, is_pooled_by_transaction

_STATE = text(
    "SELECT current_setting('transaction_read_only') = 'on' AS only_reads, "
    "pg_backend_pid() AS process"
)
_PROCESS = text("SELECT pg_backend_pid()")


class Unfit(StrEnum):
    """Why a database that answers cannot be worked with."""

    READ_ONLY = "only reads"
    ENCODING = "not in UTF-8"
    POOLED = "pooled by transaction"

    @property
    def sentence(self) -> str:
        """Say what to do about it."""
        return _SENTENCES[self]


_SENTENCES = {
    Unfit.READ_ONLY: "takes no writes: name the primary server, or every server with "
    "target_session_attrs=read-write, and see default_transaction_read_only",
    Unfit.ENCODING: "is not in UTF-8 and cannot hold Chinese: make it anew "
    "with ENCODING 'UTF8' TEMPLATE template0",
    Unfit.POOLED: "is behind a pooler that keeps no sessions: write ?pool_mode=transaction behind "
    "the address, or have pgbouncer keep them (pool_mode = session)",
}


def unfitness(engine: Engine) -> Unfit | None:
    """Return why the database cannot be worked with; None where it can.

    Raises SQLAlchemyError for one that is away.
    """
    if engine.dialect.name == "sqlite":
        return _of_sqlite(engine)
    try:
        connecting = engine.connect()
    except WrongEncoding:
        return Unfit.ENCODING
    with connecting as connection:
        only_reads, process = connection.execute(_STATE).one()
        pooled = process != _first_process(connection)
    if only_reads:
        return Unfit.READ_ONLY
    if not pooled or is_pooled_by_transaction(engine):
        return None
    return Unfit.POOLED if _keeps_no_session(engine) else None


def _of_sqlite(engine: Engine) -> Unfit | None:
    with engine.connect().execution_options(reading=True) as connection:
        encoding = connection.scalar(text("PRAGMA encoding"))
    return None if encoding == "UTF-8" else Unfit.ENCODING


def _first_process(connection: Connection) -> int:
    """Return the process that the server, or a pooler before it, named when it was connected to."""
    driver: Any = connection.connection.driver_connection
    return int(driver.info.backend_pid)


def _keeps_no_session(engine: Engine) -> bool:
    """Say whether a pooler gives each transaction some process of the server.

    What one connection had is then had by another that comes after it, or the one finds another.
    """
    with engine.connect() as one, engine.connect() as other:
        one.execution_options(isolation_level="AUTOCOMMIT")  # each statement a transaction
        before = one.execute(_PROCESS).scalar_one()
        held = other.execute(_PROCESS).scalar_one()
        now = one.execute(_PROCESS).scalar_one()
    return bool(held == before or now != before)
