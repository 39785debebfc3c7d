"""What the database gave up for another's sake is done again, and nothing is done twice."""

import re
from ast import FunctionDef, parse, unparse, walk
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.orm import Session

import wxapp
from registry.accounts.sessions import Identity
from registry.accounts.tables import AuditEntry
from tests.wxapp.applications import make_app
from tests.wxapp.site import Site
from wxapp.core.browser_session import browser
from wxapp.core.db import writing
from wxapp.core.resources import now, resources, services
from wxapp.core.retry import TRIES, only_once

GIVEN_UP = ("40001", "40P01")
MET_ANOTHERS_ROW = ("23505", "23503")
WXAPP = Path(wxapp.__file__).parent
ASKS = re.compile(r"\.gateway\b|\bface_check\.(begin|end)\(")

# SQLite lets one write at a time: none is given up for another.
on_postgresql = pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)


def give_up(session: Session, code: str) -> None:
    session.execute(text(f"DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{code}'; END $$"))


@pytest.fixture
def app(site: Site) -> Flask:
    with site.app.app_context():
        opened, own = resources(), services()
    return make_app(opened, own.gateway, own.sms)


class Writer:
    """A view that writes a line, and is given up so many times before it is through."""

    def __init__(self, times: int, code: str = "40P01", *, kept_first: bool = False) -> None:
        self.times = times
        self.code = code
        self.kept_first = kept_first
        self.played = 0

    def route_on(self, app: Flask) -> None:
        """Have it answer at /written."""
        app.add_url_rule("/written", "written", self.view)

    def view(self) -> str:
        self.played += 1
        if self.kept_first:
            with writing() as session:
                session.add(AuditEntry(at=now(), actor="test", action="first", subject="x"))
        with writing() as session:
            session.add(AuditEntry(at=now(), actor="test", action="written", subject="x"))
            session.flush()
            if self.played <= self.times:
                give_up(session, self.code)
        return "written"


def lines(app: Flask) -> list[str]:
    with app.app_context(), resources().readers() as session:
        return list(session.scalars(select(AuditEntry.action).where(AuditEntry.actor == "test")))


@on_postgresql
@pytest.mark.parametrize("code", [*GIVEN_UP, *MET_ANOTHERS_ROW])
def test_a_view_that_was_given_up_is_played_again_and_writes_once(app: Flask, code: str) -> None:
    view = Writer(TRIES - 1, code)
    view.route_on(app)
    assert app.test_client().get("/written").text == "written"
    assert lines(app) == ["written"]


@on_postgresql
def test_in_the_end_it_says_that_nothing_was_kept(app: Flask) -> None:
    view = Writer(TRIES)
    view.route_on(app)
    assert app.test_client().get("/written").status_code == 503
    assert (view.played, lines(app)) == (TRIES, [])


@on_postgresql
def test_what_failed_for_another_reason_is_not_played_again(app: Flask) -> None:
    view = Writer(1, "57014")
    view.route_on(app)
    assert app.test_client().get("/written").status_code == 503
    assert view.played == 1


@on_postgresql
def test_what_is_kept_is_not_done_twice(app: Flask) -> None:
    view = Writer(1, kept_first=True)
    view.route_on(app)
    assert app.test_client().get("/written").status_code == 503
    assert (view.played, lines(app)) == (1, ["first"])


@on_postgresql
def test_a_view_that_asks_another_service_is_not_played_again(app: Flask) -> None:
    view = Writer(1)
    app.add_url_rule("/written", "written", only_once(view.view))
    assert app.test_client().get("/written").status_code == 503
    assert view.played == 1


@on_postgresql
def test_a_session_that_was_given_up_is_kept_all_the_same(app: Flask) -> None:
    @app.get("/signed-in")
    def sign_in() -> str:
        browser().become(Identity(openid="onobody"))
        return "signed in"

    with app.app_context(), resources().sessions.begin() as session:
        for statement in GIVE_UP_THE_FIRST:
            session.execute(text(statement))
    answer = app.test_client().get("/signed-in")
    assert answer.text == "signed in"
    assert "Set-Cookie" in answer.headers


def test_every_view_that_asks_another_service_is_played_once() -> None:
    askers = [each for path in WXAPP.rglob("*.py") for each in functions_that_ask(path)]
    assert len(askers) >= 5
    unmarked = [
        each.name for each in askers if "only_once" not in map(unparse, each.decorator_list)
    ]
    assert unmarked == []


def functions_that_ask(path: Path) -> Iterator[FunctionDef]:
    """Yield functions that use the gateway to WeChat, or begin or end a face check.

    `wxapp/graduate/face_check.py` alone asks the provider, for views that are played once.
    """
    for function in walk(parse(path.read_text(encoding="utf-8"))):
        if isinstance(function, FunctionDef) and ASKS.search(_own_text(function)):
            yield function


def _own_text(function: FunctionDef) -> str:
    """Return what a function does itself, without what the functions made in it do."""
    return "\n".join(unparse(each) for each in function.body if not isinstance(each, FunctionDef))


GIVE_UP_THE_FIRST = (
    "CREATE SEQUENCE tries",  # a sequence does not go back with its transaction
    """
    CREATE FUNCTION give_up() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF nextval('tries') = 1 THEN RAISE EXCEPTION USING ERRCODE = '40P01'; END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER given_up BEFORE INSERT ON web_session
    FOR EACH STATEMENT EXECUTE FUNCTION give_up()
    """,
)
