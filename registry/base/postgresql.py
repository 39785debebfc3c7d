"""How a connection to PostgreSQL is opened, and which of its errors mean that it is lost."""

from typing import Any

from psycopg import DatabaseError
from psycopg.errors import IdleInTransactionSessionTimeout, ReadOnlySqlTransaction
from sqlalchemy import URL, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection, ExceptionContext
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

IDLE_SECONDS = 60
"""PostgreSQL ends a transaction whose process has asked nothing for so long: it was frozen, or its
machine is gone, and what it holds is waited for by others."""
TCP_SECONDS = 20
"""How long either side of a connection goes on without a sign of the other."""
_OURS = {
    "connect_timeout": 5,
    "application_name": "quxiang",
    "keepalives_idle": 5,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": TCP_SECONDS * 1000,
}
"""What libpq is told, unless the address says otherwise."""
_LOST = (IdleInTransactionSessionTimeout, ReadOnlySqlTransaction)
"""The end of an idle transaction, and a server that has become another's copy (25006)."""


ENCODING = "UTF8"


class WrongEncoding(OperationalError):
    """The database cannot hold Chinese; nothing is asked of it."""

    def __init__(self, encoding: str | None) -> None:
        """Say which encoding it has."""
        super().__init__(None, None, DatabaseError(f"the database is in {encoding}, not in UTF-8"))


def open_postgresql(url: URL, lock_seconds: int | None) -> Engine:
    """Open PostgreSQL: the same way for every process and command."""
    ours = {name: value for name, value in _OURS.items() if name not in url.query}
    engine = create_engine(
        url, pool_pre_ping=True, pool_size=10, connect_args=ours, hide_parameters=True
    )
    settings = _session_settings(lock_seconds)

    def prepare(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        _set(connection, settings)

    event.listen(engine, "connect", prepare, insert=True)  # SQLAlchemy asks in UTF-8 afterwards
    event.listen(engine, "handle_error", _name_the_loss)
    return engine


def _session_settings(lock_seconds: int | None) -> dict[str, str]:
    """Return how long the server waits for us, and a statement for a lock."""
    found = {
        "idle_in_transaction_session_timeout": f"{IDLE_SECONDS}s",
        "tcp_keepalives_idle": "5",
        "tcp_keepalives_interval": "5",
        "tcp_keepalives_count": "3",
        "tcp_user_timeout": f"{TCP_SECONDS}s",
    }
    return found if lock_seconds is None else found | {"lock_timeout": f"{lock_seconds}s"}


def _set(connection: Any, settings: dict[str, str]) -> None:  # noqa: ANN401 - SQLAlchemy hands over its own kind
    """Set what holds for a session, by a statement: pgbouncer refuses it as part of the start."""
    encoding = connection.info.parameter_status("server_encoding")
    if encoding != ENCODING:
        connection.close()
        raise WrongEncoding(encoding)
    names = ", ".join(["set_config(%s, %s, false)"] * len(settings))
    values = [each for pair in settings.items() for each in pair]
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {names}", values)
    connection.autocommit = False


def _name_the_loss(context: ExceptionContext) -> OperationalError | None:
    """Have what ends a connection's use be what it is to us: a connection that was lost."""
    error = context.original_exception
    if not isinstance(error, _LOST):
        return None
    context.is_disconnect = True
    return OperationalError(
        context.statement, None, error, hide_parameters=True, connection_invalidated=True
    )
