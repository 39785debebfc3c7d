"""The migrations lead from nothing to what the code expects, and back, on both databases."""

from collections.abc import Iterator

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, text

from migrations.metadata import is_on_sqlite, metadata
from registry.base.database import open_engine
from runtime import schema
from runtime.schema import Version


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
