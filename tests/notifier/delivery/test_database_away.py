"""While the database is away nobody is sent anything; when it is back all goes on."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import Engine, event

from notifier.delivery import run
from tests.notifier.stage import Stage, changed
from tests.servers import libpq_address
from tests.waiting import PATIENCE, wait_until

SEND = "/cgi-bin/message/template/send"
MANY = 600
RATE = 100
AWAY_SECONDS = 3  # longer than what is claimed may wait for its call


@contextmanager
def cut_off(engine: Engine) -> Iterator[None]:
    """Have PostgreSQL end every connection to a database, and take none for a while."""
    name = sql.Identifier(str(engine.url.database))
    let = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}")
    end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
    address = libpq_address(engine.url.set(database="postgres"))
    with psycopg.connect(address, autocommit=True) as other:
        other.execute(let.format(name, sql.SQL("false")))
        other.execute(end, [engine.url.database])
        yield
        other.execute(let.format(name, sql.SQL("true")))


@contextmanager
def first_error(engine: Engine) -> Iterator[Event]:
    """Give a flag that is up as soon as anything of the process heard that it is away."""
    heard = Event()

    def hear(_context: object) -> None:
        heard.set()

    event.listen(engine, "handle_error", hear)
    yield heard
    event.remove(engine, "handle_error", hear)


def calls(stage: Stage) -> int:
    return stage.sandbox.control.counts()["paths"].get(SEND, 0)


def no_more_calls(stage: Stage) -> bool:
    """Say whether there is none for as long as fifty take."""
    before = calls(stage)
    time.sleep(50 / RATE)
    return calls(stage) == before


@pytest.mark.in_ci
@pytest.mark.slow  # six hundred are told at a hundred a second
@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
def test_no_call_is_made_while_the_database_is_known_to_be_away(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "AHEAD_SECONDS", 4)  # there is always much that could be called
    limited = changed(stage, send_rate=RATE)
    key = limited.start_campaign(limited.open_school(code="10002", graduates=MANY))
    engine = stage.resources.engine
    with ThreadPoolExecutor(1) as worker, first_error(engine) as heard:
        delivered = worker.submit(limited.deliver)
        wait_until(lambda: calls(stage) > 1.5 * RATE, "the worker is in the midst of it")
        with cut_off(engine):
            assert heard.wait(PATIENCE)
            known = calls(stage)
            wait_until(lambda: no_more_calls(stage), "who claims has heard of it too")
            before = calls(stage)
            assert before - known < 1.5 * RATE  # claimed were twice as many
            time.sleep(AWAY_SECONDS)
            assert calls(stage) == before < MANY
        delivered.result()
    assert limited.deliver_until_done(key).counts["accepted"] == MANY
    assert set(stage.seen().values()) == {1}
    assert calls(stage) == MANY
