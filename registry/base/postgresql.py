"""How a connection to PostgreSQL is opened, and which of its errors mean that it is lost."""

import time
from typing import Any

from psycopg import DatabaseError, Error
from psycopg.errors import IdleInTransactionSessionTimeout, ReadOnlySqlTransaction
from sqlalchemy import URL, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection, ExceptionContext
from sqlalchemy.exc import InvalidatePoolError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

from registry.base.postgresql_cursor import LazyCursor
from registry.base.short_json import written_json

IDLE_SECONDS = 60
"""PostgreSQL ends a transaction whose process has asked nothing for so long: it was frozen, or its
machine is gone, and what it holds is waited for by others."""
QUIET_SECONDS = 30
"""A connection of pages that was asked nothing for so long is tried before use."""
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
_POOL = 10
"""Connections that a process keeps which serves no pages."""
_FOR_PAGES = {
    "jit": "off",
    "max_parallel_workers_per_gather": "0",
    "enable_mergejoin": "off",
    "random_page_cost": "1.1",
}
"""How PostgreSQL plans for pages, which ask for few of very many rows.

To translate a query into machine code, or to start helpers, takes longer than its answer; two
tables that are merged are walked from the country's first row to the school's; and what an index
finds is in memory, so that it does not read a whole table instead.
"""
_WRITTEN = {"datestyle": "ISO, YMD", "intervalstyle": "postgres", "timezone": "UTC"}
"""How the server writes moments, whatever its own country's way is: psycopg reads no other."""
_LOST = (IdleInTransactionSessionTimeout, ReadOnlySqlTransaction)
"""The end of an idle transaction, and a server that has become another's copy (25006)."""


ENCODING = "UTF8"
POOL_MODE, BY_TRANSACTION = "pool_mode", "transaction"
"""What an address says where a pooler gives each transaction some session of the server, and what
the engine then says of itself among its options."""


class WrongEncoding(OperationalError):
    """The database cannot hold Chinese; nothing is asked of it."""

    def __init__(self, encoding: str | None) -> None:
        """Say which encoding it has."""
        super().__init__(None, None, DatabaseError(f"the database is in {encoding}, not in UTF-8"))


def open_postgresql(url: URL, lock_seconds: int | None, threads: int | None = None) -> Engine:
    """Open PostgreSQL: the same way for every process and command, but for pages of `threads`."""
    by_transaction = url.query.get(POOL_MODE) == BY_TRANSACTION
    ours = {name: value for name, value in _OURS.items() if name not in url.query}
    ours["cursor_factory"] = LazyCursor
    if by_transaction:  # a statement that was prepared in one session is not known in another
        ours["prepare_threshold"] = None
    engine = create_engine(
        url.difference_update_query([POOL_MODE]),
        pool_pre_ping=threads is None,
        pool_size=threads or _POOL,
        # The same few while little is asked: they know the statements already.
        pool_use_lifo=threads is not None,
        connect_args=ours,
        execution_options={POOL_MODE: BY_TRANSACTION} if by_transaction else {},
        hide_parameters=True,
        json_serializer=written_json,
        skip_autocommit_rollback=True,  # a page that looked began nothing
    )
    _set_when_due(engine, _session_settings(lock_seconds) | (_FOR_PAGES if threads else {}))
    if threads is not None:
        _try_what_was_quiet(engine)
    event.listen(engine, "handle_error", _name_the_loss)
    return engine


def is_pooled_by_transaction(engine: Engine) -> bool:
    """Say whether nothing but a transaction keeps what is set."""
    return engine.get_execution_options().get(POOL_MODE) == BY_TRANSACTION


def _set_when_due(engine: Engine, settings: dict[str, str]) -> None:
    """Have settings hold: for a session, or for each transaction where there is nothing longer."""
    by_transaction = is_pooled_by_transaction(engine)
    local = "true" if by_transaction else "false"
    each = (f"set_config(%({name})s, %({name}_value)s, {local})" for name in settings)
    statement = f"SELECT {', '.join(each)}"
    values = {name: name for name in settings}
    values |= {f"{name}_value": value for name, value in settings.items()}

    def prepare(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        _refuse_other_encodings(connection)
        if not by_transaction:
            _set(connection, statement, values)

    event.listen(engine, "connect", prepare, insert=True)  # SQLAlchemy asks in UTF-8 afterwards
    if by_transaction:
        event.listen(engine, "begin", lambda begun: begun.exec_driver_sql(statement, values))


def _try_what_was_quiet(engine: Engine) -> None:
    """Have a connection tried before use that was not used for `QUIET_SECONDS`."""

    def note(_connection: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
        entry.info["used"] = time.monotonic()

    def look(connection: DBAPIConnection, entry: ConnectionPoolEntry, _: object) -> None:
        if time.monotonic() - entry.info["used"] < QUIET_SECONDS:
            return
        try:
            engine.dialect.do_ping(connection)
        except Error:
            raise InvalidatePoolError from None

    event.listen(engine, "connect", note)
    event.listen(engine, "checkin", note)
    event.listen(engine, "checkout", look)


def _session_settings(lock_seconds: int | None) -> dict[str, str]:
    """Return how it writes moments, waits for us, and a statement for a lock."""
    found = _WRITTEN | {
        "idle_in_transaction_session_timeout": f"{IDLE_SECONDS}s",
        "tcp_keepalives_idle": "5",
        "tcp_keepalives_interval": "5",
        "tcp_keepalives_count": "3",
        "tcp_user_timeout": f"{TCP_SECONDS}s",
    }
    return found if lock_seconds is None else found | {"lock_timeout": f"{lock_seconds}s"}


def _refuse_other_encodings(connection: Any) -> None:  # noqa: ANN401 - SQLAlchemy hands over its own kind
    encoding = connection.info.parameter_status("server_encoding")
    if encoding != ENCODING:
        connection.close()
        raise WrongEncoding(encoding)


def _set(connection: Any, statement: str, values: dict[str, str]) -> None:  # noqa: ANN401 - as above
    """Set what holds for a session, by a statement: pgbouncer refuses it as part of the start."""
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
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
