"""A connection that serves pages: kept for each thread, tried after it was quiet, without JIT."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, func, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import QueuePool

from registry.base import postgresql
from registry.base.database import open_engine, open_page_readers

pytestmark = pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
THREADS = 3


@pytest.fixture
def pages(database_url: str) -> Iterator[Engine]:
    engine = open_engine(database_url, threads=THREADS)
    yield engine
    engine.dispose()


def lose_the_connection(pages: Engine, engine: Engine) -> None:
    """End it from the other side, as a database does that is started anew."""
    with pages.connect() as connection:
        number = connection.scalar(text("SELECT pg_backend_pid()"))
    with engine.connect() as other:
        other.execute(text("SELECT pg_terminate_backend(:number, 5000)"), {"number": number})


def test_each_thread_has_a_connection_and_little_is_compiled(pages: Engine) -> None:
    assert isinstance(pages.pool, QueuePool)
    assert pages.pool.size() == THREADS
    with pages.connect() as connection:
        assert connection.scalar(text("SHOW jit")) == "off"


def test_one_that_was_quiet_is_tried_before_use(
    pages: Engine, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql, "QUIET_SECONDS", 0)
    lose_the_connection(pages, engine)
    with pages.connect() as connection:
        assert connection.scalar(text("SELECT 1")) == 1


def test_one_that_was_just_used_is_found_lost_once(pages: Engine, engine: Engine) -> None:
    lose_the_connection(pages, engine)
    with pages.connect() as connection, pytest.raises(OperationalError) as lost:
        connection.execute(text("SELECT 1"))
    assert lost.value.connection_invalidated
    with pages.connect() as connection:
        assert connection.scalar(text("SELECT 1")) == 1


def test_what_pages_look_at_is_no_transaction(pages: Engine) -> None:
    with open_page_readers(pages)() as session:
        first = session.scalar(text("SELECT now()"))
        assert session.scalar(text("SELECT now()")) > first


def test_a_page_finds_its_connection_once_and_another_after_it_was_given_back(
    pages: Engine,
) -> None:
    session = open_page_readers(pages)()
    found = session.connection()
    assert session.connection() is found
    session.close()
    assert found.closed
    assert session.connection() is not found
    assert session.scalar(text("SELECT 1")) == 1
    session.close()


def test_all_that_a_page_looks_at_comes_over_one_connection(pages: Engine) -> None:
    assert isinstance(pages.pool, QueuePool)
    with open_page_readers(pages)() as session:
        asked = select(func.pg_backend_pid())
        of_rules = session.connection().scalar(asked)
        assert session.scalar(asked) == of_rules
        assert pages.pool.checkedout() == 1
    assert pages.pool.checkedout() == 0
