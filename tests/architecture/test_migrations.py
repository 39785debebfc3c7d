"""The migrations lead from nothing to what the code expects, and back, on both databases."""

from collections.abc import Iterator

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, event, inspect, text

from migrations.metadata import is_on_sqlite, metadata
from registry.base.database import open_engine
from runtime import schema
from runtime.schema import Version
from tests.servers import libpq_address


@pytest.fixture
def empty(empty_database_url: str) -> Iterator[Engine]:
    engine = open_engine(empty_database_url)
    yield engine
    engine.dispose()


def _table_names(engine: Engine) -> set[str]:
    return set(inspect(engine).get_table_names()) - {"alembic_version"}


def test_there_is_one_head() -> None:
    assert len(ScriptDirectory(str(schema.FOLDER)).get_heads()) == 1


def test_the_head_is_what_the_code_expects(engine: Engine) -> None:
    with engine.connect() as connection:
        sqlite = connection.dialect.name == "sqlite"
        here = {"include_object": is_on_sqlite} if sqlite else {}
        opts = {"compare_type": not sqlite, **here}
        context = MigrationContext.configure(connection, opts=opts)
        assert compare_metadata(context, metadata) == []


def test_a_database_is_current_behind_or_ahead(engine: Engine, empty: Engine) -> None:
    assert schema.version(engine) is Version.CURRENT
    assert schema.version(empty) is Version.BEHIND
    schema.upgrade(empty, "0001")
    assert schema.version(empty) is Version.BEHIND
    with empty.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'of_tomorrow'"))
    assert schema.version(empty) is Version.AHEAD


def test_each_step_can_be_taken_back_and_again(empty: Engine) -> None:
    revisions = [each.revision for each in ScriptDirectory(str(schema.FOLDER)).walk_revisions()]
    for revision in reversed(revisions):
        schema.upgrade(empty, revision)
        schema.downgrade(empty, "-1")
        schema.upgrade(empty, revision)
    assert _table_names(empty) == set(metadata.tables)
    schema.downgrade(empty, "base")
    assert _table_names(empty) == set()


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
def test_other_migrators_are_held_off_while_indexes_are_made_outside_the_transaction(
    empty: Engine,
) -> None:
    held: list[int] = []

    def look(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if "CREATE INDEX CONCURRENTLY" in statement:
            with psycopg.connect(libpq_address(empty.url)) as other:
                taken = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted"
                held.extend(other.execute(taken).fetchone() or ())

    schema.upgrade(empty, "0073")
    event.listen(empty, "before_cursor_execute", look)
    schema.upgrade(empty, "0074")
    assert held == [1, 1, 1]


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
def test_no_table_is_waited_for_long_behind_indexes_that_are_made_outside_the_transaction(
    empty: Engine,
) -> None:
    patience = dict[str, str]()

    def look(connection: Connection, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith(("ALTER TABLE", "CREATE INDEX CONCURRENTLY")):
            own = connection.connection.cursor()
            own.execute("SHOW lock_timeout")
            patience[" ".join(statement.split()[:3])] = (own.fetchone() or ("",))[0]

    schema.upgrade(empty, "0110")
    event.listen(empty, "before_cursor_execute", look)
    schema.upgrade(empty, "0112")
    assert patience == {"CREATE INDEX CONCURRENTLY": "0", "ALTER TABLE campaign": "5s"}
