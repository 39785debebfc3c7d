"""What every test may ask for: a database of its own, a Valkey, a clock, and no way outside."""

import gc
from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
import structlog
from redis import Redis
from sqlalchemy import URL, Engine
from sqlalchemy.orm import Session, sessionmaker

from registry.base.database import open_engine, open_sessions
from runtime import schema
from runtime.settings import Settings
from tests.cheap_passwords import hash_passwords_cheaply
from tests.clock import StandingClock
from tests.compiled_statements import share_compiled_statements
from tests.configuration import settings_for
from tests.databases import (
    KINDS,
    DatabaseMaker,
    FindMaker,
    FindTemplate,
    ReusingServer,
    SqliteFolder,
)
from tests.lacking import do_without
from tests.one_database import pytest_collection_modifyitems, pytest_terminal_summary
from tests.profiles import load_profile
from tests.servers import ServerMissing, run_postgresql, run_valkey
from tests.staying_here import stay_here
from tests.waiting import PATIENCE

__all__ = ["pytest_collection_modifyitems", "pytest_terminal_summary"]  # pytest calls them

GARBAGE = (50_000, 10, 10)
"""Objects made since the last collection, and how many of those make a larger one."""

load_profile()
share_compiled_statements()
hash_passwords_cheaply()
stay_here()
gc.set_threshold(*GARBAGE)


def pytest_collection_finish() -> None:
    """Have the collector of garbage leave alone what a process of tests keeps to its end.

    It would walk all modules and all tests again and again, for an eighth of the run. What a test
    leaves is collected in larger heaps: an application alone is a hundred thousand objects.
    """
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def logs_as_they_were() -> Iterator[None]:
    """Fail a test that sets up the logs of the process: those after it would log elsewhere."""
    before = structlog.is_configured()
    yield
    assert structlog.is_configured() == before, "this test set up the logs of all tests"


@pytest.fixture(scope="session")
def database_makers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FindMaker]:
    """Find the maker of a kind of database, its server started when first asked for."""
    with ExitStack() as servers:

        @cache
        def find(kind: str) -> DatabaseMaker:
            if kind == "sqlite":
                return SqliteFolder(tmp_path_factory.mktemp("sqlite"))
            url = servers.enter_context(run_postgresql())
            return servers.enter_context(closing(ReusingServer(url)))

        yield find


@pytest.fixture(scope="session")
def database_templates(database_makers: FindMaker) -> FindTemplate:
    """Find the migrated database of a kind that tests get copies of."""

    @cache
    def find(kind: str) -> URL:
        template = database_makers(kind).make()
        engine = open_engine(template.render_as_string(hide_password=False))
        schema.upgrade(engine)
        engine.dispose()
        return template

    return find


@pytest.fixture(params=KINDS)
def database_kind(request: pytest.FixtureRequest, database_makers: FindMaker) -> str:
    """Give the kind this run of the test is about; without its server, skip (in CI: fail)."""
    kind = str(request.param)
    try:
        database_makers(kind)
    except ServerMissing as missing:
        do_without(str(missing))
    return kind


@pytest.fixture
def empty_database_url(database_kind: str, database_makers: FindMaker) -> Iterator[str]:
    """Give a database without any table, gone after the test."""
    maker = database_makers(database_kind)
    url = maker.make()
    yield url.render_as_string(hide_password=False)
    maker.drop(url)


@pytest.fixture
def database_url(
    database_kind: str, database_makers: FindMaker, database_templates: FindTemplate
) -> Iterator[str]:
    """Give a migrated, empty database, gone after the test: once SQLite, once PostgreSQL."""
    maker = database_makers(database_kind)
    url = maker.make(database_templates(database_kind))
    yield url.render_as_string(hide_password=False)
    maker.drop(url)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """Open the test's database."""
    engine = open_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def sessions(engine: Engine) -> sessionmaker[Session]:
    """Make sessions of the test's database; the test is the door, so it commits."""
    return open_sessions(engine)


@pytest.fixture
def session(sessions: sessionmaker[Session]) -> Iterator[Session]:
    """Give one open session; what the test does not commit is gone afterwards."""
    with sessions() as session:
        yield session


@pytest.fixture(scope="session")
def valkey_server() -> Iterator[str]:
    """Run one Valkey for all tests and give its URL; ask for `redis_url` to find it empty."""
    with run_valkey() as url:
        yield url


@pytest.fixture
def valkey(valkey_server: str) -> Iterator[Redis]:
    """Give a client of an empty Valkey."""
    client = Redis.from_url(valkey_server, socket_timeout=PATIENCE)
    client.flushall()
    yield client
    client.close()


@pytest.fixture
def redis_url(valkey: Redis, valkey_server: str) -> str:
    """Give the URL of an empty Valkey."""
    return valkey_server


@pytest.fixture
def settings(database_url: str, redis_url: str) -> Settings:
    """Give settings that name the test's own database and Valkey."""
    return settings_for(database_url, redis_url)


@pytest.fixture
def clock() -> StandingClock:
    """Give a clock standing at 10:00 in Shanghai on 10 June 2026, a working day of the season."""
    return StandingClock(datetime(2026, 6, 10, 2, 0, tzinfo=UTC))


@pytest.fixture
def repository() -> Path:
    """Give the folder the whole project lies in."""
    return Path(__file__).parent.parent
