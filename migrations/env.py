"""How Alembic runs here: on the engine given, or the settings' own; one migrator at a time."""

from collections.abc import Iterator
from contextlib import contextmanager

from alembic import context
from sqlalchemy import Connection, Engine, event, text

from migrations import cohort_triggers, count_triggers
from migrations.metadata import is_on_sqlite, metadata
from registry.base.database import open_engine
from runtime.settings import read_environment

ADVISORY_LOCK = 7_140_926  # any number, the same for every migrator
LOCK_PATIENCE = "SET LOCAL lock_timeout = '5s'"
ENGINE = "engine"
"""The attribute of Alembic's configuration that a command of ours leaves its engine in."""

UNDONE = "undone"
"""The attribute that has everything undone once it was executed: to see what it would be."""


def run(engine: Engine) -> None:
    """Run the migrations in one transaction, holding other migrators off."""
    with _alone(engine), engine.connect() as connection:
        sqlite = connection.dialect.name == "sqlite"
        if not sqlite:
            event.listen(connection, "begin", _be_patient)
        _configure(connection, sqlite=sqlite)
        with context.begin_transaction():
            if sqlite:
                _drop_triggers(connection)
            context.run_migrations()
            if sqlite:
                _make_triggers(connection)
            if context.config.attributes.get(UNDONE):
                connection.rollback()
        connection.commit()


def _be_patient(connection: Connection) -> None:
    """Wait no longer for a lock: in each transaction, for an index between two begins another.

    One that is made while everybody writes waits for whoever does, and holds up nobody.
    """
    if connection.get_isolation_level() != "AUTOCOMMIT":
        connection.exec_driver_sql(LOCK_PATIENCE)


@contextmanager
def _alone(engine: Engine) -> Iterator[None]:
    """Hold other migrators off, in a transaction beside that of the migrations.

    Theirs ends where indexes are made while everybody writes, and another begins.
    """
    if engine.dialect.name == "sqlite":
        yield
        return
    with engine.begin() as holding:
        holding.execute(text(LOCK_PATIENCE))
        holding.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        holding.execute(text(f"SELECT pg_advisory_xact_lock({ADVISORY_LOCK})"))
        yield


def _drop_triggers(connection: Connection) -> None:
    """Drop what triggers there are: a table of SQLite that is copied would lose its own."""
    cohort_triggers.drop(connection)
    count_triggers.drop(connection)


def _make_triggers(connection: Connection) -> None:
    """Make the triggers of the tables there are by now, and what they would have kept."""
    _drop_triggers(connection)
    if cohort_triggers.has_cohorts(connection):
        cohort_triggers.fill(connection)
        cohort_triggers.make(connection)
    counts = count_triggers.kept(connection)
    count_triggers.count_anew(connection, counts)
    count_triggers.make(connection, counts)


def _configure(connection: Connection, *, sqlite: bool) -> None:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        compare_type=not sqlite,
        render_as_batch=sqlite,
        include_object=is_on_sqlite if sqlite else None,
    )


@contextmanager
def opened() -> Iterator[Engine]:
    """Give the engine of a command of ours, or for plain `alembic` that of the settings."""
    given = context.config.attributes.get(ENGINE)
    if given is not None:
        yield given
        return
    engine = open_engine(_address())
    try:
        yield engine
    finally:
        engine.dispose()


def _address() -> str:
    """Return the database's address as its owner; raises SettingsError."""
    settings = read_environment()
    return settings.owner_database_url or settings.database_url


with opened() as found:
    run(found)
