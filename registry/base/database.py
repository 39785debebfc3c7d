"""How tables, engines and transactions are made, the same for PostgreSQL and SQLite."""

import json
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import wraps
from typing import Any, TypeVar

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Connection,
    DateTime,
    Dialect,
    Engine,
    Executable,
    Integer,
    LargeBinary,
    MetaData,
    SQLColumnExpression,
    String,
    Text,
    any_,
    cast,
    create_engine,
    event,
    func,
    literal,
    literal_column,
    make_url,
    select,
    text,
    true,
)
from sqlalchemy.dialects.postgresql import Insert as PostgresInsert
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import Insert as SqliteInsert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    Session,
    mapped_column,
    sessionmaker,
)
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.types import TypeDecorator
from typing_extensions import override

from registry.base.postgresql import is_pooled_by_transaction, open_postgresql
from registry.base.short_json import written_json

LOCK_SECONDS = 10
"""How long a page waits for what another transaction holds; on SQLite everybody waits so long."""

BigId = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers only INTEGER keys by itself


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC moment; SQLite keeps it as text that sorts like the time."""

    impl = DateTime(timezone=True)
    cache_ok = True

    @override
    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a zone")
        return value.astimezone(UTC)

    @override
    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """All tables, with constraint names that migrations can rely on."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {
        datetime: UtcDateTime(),
        int: BigId,
    }


def random_key() -> str:
    """Return 128 random bits as 22 characters fit for an address and for a command line.

    None begins with a hyphen: what does is read as an option there.
    """
    while (key := secrets.token_urlsafe(16)).startswith("-"):
        pass
    return key


class Keyed:
    """A row with a number of its own and a random key for addresses."""

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    key: Mapped[str] = mapped_column(String(32), unique=True, default=random_key)


class InCohort:
    """A row below a graduate, with her school and cohort: triggers keep them as hers.

    (`migrations.cohort_triggers`; docs/decisions/0072-kept-counts.md.) They may be left out where a
    row is inserted, and are then hers once it is.
    """

    school_id: Mapped[int | None]
    year: Mapped[int | None]


def _prepare_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # SQLAlchemy's begin, not the driver's, opens transactions
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.execute(f"PRAGMA busy_timeout={LOCK_SECONDS * 1000}")
    cursor.close()


def _begin_sqlite(connection: Any) -> None:  # noqa: ANN401 - the event's own signature
    reading = connection.get_execution_options().get("reading", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def open_engine(url: str, *, lock_seconds: int | None = None, threads: int | None = None) -> Engine:
    """Open a database by its URL: `sqlite:///file` or `postgresql+psycopg://…`.

    SQLite takes the write lock when a transaction begins (one wanted half-way is refused at once,
    however patient the connection); PostgreSQL connections wait for what another transaction holds
    no longer than `lock_seconds`, or as long as it takes. A transaction that its process leaves
    alone is ended after a minute. Errors never carry the values of a statement: they may be
    personal.

    PostgreSQL connections are tried before use. With `threads` they serve the pages of so many, a
    connection for each, and are tried after `postgresql.QUIET_SECONDS` only.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return open_postgresql(parsed, lock_seconds, threads)
    engine = create_engine(
        parsed,
        connect_args={"check_same_thread": False},
        hide_parameters=True,
        json_serializer=written_json,
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def open_sessions(engine: Engine) -> sessionmaker[Session]:
    """Make sessions for doors that change things."""
    return sessionmaker(engine, expire_on_commit=False)


def open_readers(engine: Engine) -> sessionmaker[Session]:
    """Make sessions for lookers: on SQLite they wait for no writer."""
    return sessionmaker(engine.execution_options(reading=True), expire_on_commit=False)


class PageSession(Session):
    """A session of a page that looks, over a connection that it finds once, not for each query.

    Nothing begins or ends around what it asks, so the connection is the same until it is given
    back, and no transaction of the session keeps it: to begin and end one took a page longer than
    to find the connection.
    """

    _found: Connection | None = None

    @override
    def connection(self, *args: Any, **options: Any) -> Connection:
        if args or options:
            return super().connection(*args, **options)
        if self._found is None or self._found.closed:
            self._found = super().get_bind().connect()  # type: ignore[union-attr]  # an engine's
        return self._found

    @override
    def get_bind(self, *_args: Any, **_options: Any) -> Connection:
        return self.connection()

    @override
    def close(self) -> None:
        super().close()
        if self._found is not None:
            self._found.close()
            self._found = None


def open_page_readers(engine: Engine) -> sessionmaker[Session]:
    """Make sessions for pages that look: on PostgreSQL each statement is by itself.

    Nothing is begun and nothing ended around them, which are two of three round trips of a short
    page; what is read a thousand rows at a time (`yield_per`) needs `open_readers`. Behind a pooler
    by transaction there is nothing else that keeps our settings.
    """
    if engine.dialect.name == "sqlite" or is_pooled_by_transaction(engine):
        return open_readers(engine)
    by_itself = engine.execution_options(isolation_level="AUTOCOMMIT")
    return sessionmaker(by_itself, class_=PageSession, expire_on_commit=False)


def is_sqlite(session: Session) -> bool:
    """Say whether the session speaks to SQLite."""
    return session.get_bind().dialect.name == "sqlite"


_CLOCKS = {
    "postgresql": "clock_timestamp()",
    "sqlite": "strftime('%Y-%m-%d %H:%M:%f000', 'now')",
}


_READ_CLOCK = {
    name: select(literal_column(clock, UtcDateTime).label("now")) for name, clock in _CLOCKS.items()
}
"""Made once: each transaction asks for it."""


def clock_sql(session: Session) -> ColumnElement[datetime]:
    """Return the database's clock as an SQL expression, for what is written without asking it."""
    return literal_column(_CLOCKS[session.get_bind().dialect.name], UtcDateTime)


def database_now(session: Session) -> datetime:
    """Read the database's clock: the only one leases and windows are measured by."""
    return session.scalars(_READ_CLOCK[session.get_bind().dialect.name]).one()


def begin_short(session: Session, idle_seconds: int) -> datetime:
    """Read the database's clock, and have PostgreSQL end the transaction if it is left alone.

    For transactions that hold what every process needs: one that was frozen keeps it so long.
    """
    if is_sqlite(session):
        return database_now(session)
    name = "idle_in_transaction_session_timeout"
    ends = func.set_config(name, f"{idle_seconds}s", true())
    at: datetime = session.scalars(select(clock_sql(session), ends)).one()
    return at


def hex_name_sql(session: Session, number: SQLColumnExpression[int]) -> ColumnElement[str]:
    """Return an SQL expression of 32 hex characters: 12 of a row's number, 20 that nobody guesses.

    The number in front lets an index take a million names, made in its order, side by side: of
    names that are random from the start each goes to another page. Make it anew for each statement:
    on PostgreSQL the rest is the hash of the number and of a secret that is made here, for half of
    what random bytes cost it for each row.
    """
    if is_sqlite(session):
        front, random = func.printf("%012x", number), func.hex(func.randomblob(10))
        return front.concat(func.lower(random))
    eight_bytes = func.int8send(number, type_=LargeBinary)
    hashed = func.sha256(literal(secrets.token_bytes(32)).op("||")(eight_bytes), type_=LargeBinary)
    name = func.substr(eight_bytes, 3).op("||")(func.substr(hashed, 1, 10))
    return func.encode(name, "hex", type_=Text)


def one_of(
    session: Session,
    column: SQLColumnExpression[int] | SQLColumnExpression[int | None],
    numbers: Sequence[int],
) -> ColumnElement[bool]:
    """Return the condition that a column is one of many numbers, bound as one parameter.

    psycopg reads a statement of thousands of parameters anew each time, which takes longer than
    the query, and writes a list value by value.
    """
    if not is_sqlite(session):
        listed = "{" + ",".join(map(str, numbers)) + "}"
        return column == any_(cast(literal(listed, String()), ARRAY(BigInteger)))
    each = func.json_each(json.dumps(list(numbers))).table_valued("value")
    return column.in_(select(each.c.value))


def one_of_texts(
    session: Session,
    column: SQLColumnExpression[str] | SQLColumnExpression[str | None],
    texts: Sequence[str],
) -> ColumnElement[bool]:
    """Return the condition that a column is one of many texts, as `one_of` of numbers."""
    if not is_sqlite(session):
        return column == any_(literal(list(texts), ARRAY(String)))
    each = func.json_each(json.dumps(list(texts))).table_valued("value")
    return column.in_(select(each.c.value))


@contextmanager
def planned_anew(session: Session) -> Iterator[None]:
    """Have PostgreSQL plan what is asked meanwhile for its values and for the tables as they are.

    It otherwise keeps a plan after some calls, and one made while a table was small reads all of it
    for each of thousands of rows, until statistics are taken again.
    """
    if is_sqlite(session):
        yield
        return
    session.execute(text("SET LOCAL plan_cache_mode = force_custom_plan"))
    yield
    session.execute(text("SET LOCAL plan_cache_mode = auto"))


def insert_new(session: Session, table: type[Base]) -> PostgresInsert | SqliteInsert:
    """Return an INSERT that leaves rows alone whose unique key is taken already."""
    return insert_for_conflicts(session, table).on_conflict_do_nothing()


def insert_for_conflicts(session: Session, table: type[Base]) -> PostgresInsert | SqliteInsert:
    """Return an INSERT that can say what becomes of rows whose unique key is taken already."""
    return sqlite_insert(table) if is_sqlite(session) else postgres_insert(table)


Statement = TypeVar("Statement", bound=Executable)


def made_once(make: Callable[[Session], Statement]) -> Callable[[Session], Statement]:
    """Keep the statement that a function makes, one for each kind of database.

    For what is executed several times a second: to make it takes longer than to execute it. Its
    values come with each execution.
    """
    kept: dict[str, Statement] = {}

    @wraps(make)
    def found(session: Session) -> Statement:
        kind = session.get_bind().dialect.name
        if kind not in kept:
            kept[kind] = make(session)
        return kept[kind]

    return found
