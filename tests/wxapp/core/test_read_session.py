"""A request looks with one connection and asks once who it is; who writes sees it at once."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import delete, event, text, update
from sqlalchemy.pool import QueuePool

from notifier.ledger.tables import Binding
from registry.accounts.tables import WebSession
from registry.base.database import open_engine, open_page_readers
from registry.record.tables import Graduate
from tests.pages import Browser
from tests.wxapp.applications import make_app
from tests.wxapp.school.records import Campus
from tests.wxapp.site import Site
from wxapp.core.db import reading, writing
from wxapp.core.resources import services


@contextmanager
def heard(site: Site, name: str, place: int) -> Iterator[list[str]]:
    """Give a list that fills with what an event of the database says meanwhile."""
    said: list[str] = []

    def hear(*given: object) -> None:
        said.append(str(given[place]))

    event.listen(site.resources.engine, name, hear)
    yield said
    event.remove(site.resources.engine, name, hear)


@pytest.fixture
def hers(site: Site) -> Browser:
    return site.enter(site.bind(site.graduate(Campus.report)))


def test_her_page_asks_once_who_she_is_and_once_what_is_registered(
    site: Site, hers: Browser
) -> None:
    hers.get("/g/me")
    with heard(site, "before_cursor_execute", 2) as statements:
        hers.get("/g/me")
    asked = [each for each in statements if each.startswith("SELECT")]
    assert ["web_session" in each for each in asked] == [True, False]


def test_her_page_looks_with_one_connection(site: Site, hers: Browser) -> None:
    hers.get("/g/")
    with heard(site, "checkout", 0) as connections:
        hers.get("/g/")
    several = site.resources.engine.dialect.name == "sqlite"  # where a look is a transaction
    assert several or len(connections) == 1


def test_a_session_that_was_ended_opens_nothing_from_the_next_page_on(
    site: Site, hers: Browser
) -> None:
    with site.resources.sessions.begin() as session:
        session.execute(delete(WebSession))
    assert hers.get("/g/me").leads_to is not None


def test_a_session_that_is_over_opens_nothing(site: Site, hers: Browser) -> None:
    site.clock.move(timedelta(hours=2))
    assert hers.get("/g/me").leads_to is not None


def test_a_binding_that_was_ended_shows_nothing_from_the_next_page_on(
    site: Site, hers: Browser
) -> None:
    with site.resources.sessions.begin() as session:
        session.execute(update(Binding).values(ended_at=site.clock(), end_reason="school"))
    assert hers.get("/g/me").path != "/g/me"


def test_what_was_written_is_read_in_the_same_request(site: Site) -> None:
    graduate = site.graduate()
    with site.app.test_request_context():
        with reading() as session:
            before = session.get_one(Graduate, graduate.id)
        with writing() as session:
            session.execute(update(Graduate).values(name="改过"))
        with reading() as session:
            assert session.get_one(Graduate, graduate.id).name == "改过"
    assert before.name == graduate.name


def test_who_looks_within_a_look_sees_with_the_same_eyes(site: Site) -> None:
    with site.app.test_request_context(), reading() as outer:
        with reading() as inner:
            assert inner is outer
        assert outer.scalar(text("SELECT 1")) == 1


@pytest.fixture
def pages(site: Site) -> Iterator[Site]:
    """Serve the site's pages as a web process does, which tries no connection each time."""
    engine = open_engine(site.resources.settings.database_url, threads=2)
    kept = replace(site.resources, engine=engine, page_readers=open_page_readers(engine))
    with site.app.app_context():
        own = services()
    yield replace(site, app=make_app(kept, own.gateway, own.sms), resources=kept)
    engine.dispose()


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
def test_a_connection_that_was_lost_since_is_replaced_unnoticed(pages: Site) -> None:
    hers = pages.enter(pages.bind(pages.graduate(Campus.report)))
    hers.get("/g/me")
    with pages.resources.sessions.begin() as session:
        session.execute(text(_END_OF_OTHERS))
    assert hers.get("/g/me").status == 200


_END_OF_OTHERS = """
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
WHERE pid <> pg_backend_pid() AND datname = current_database()
"""


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
def test_nothing_stays_open_when_a_request_is_over(pages: Site) -> None:
    hers = pages.enter(pages.bind(pages.graduate(Campus.report)))
    hers.get("/g/")
    pool = pages.resources.engine.pool
    assert isinstance(pool, QueuePool)
    assert pool.checkedout() == 0
