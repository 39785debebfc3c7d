"""Who may only look changes nothing, who may not export takes nothing along: on every route."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Blueprint
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from migrations.metadata import metadata
from registry.accounts.tables import Role, Staff
from tests.architecture.test_pages_of_doors import OPEN_DOORS
from tests.pages import Browser
from tests.wxapp.school.conftest import Console, app, console, records, resources
from tests.wxapp.school.records import NOBODYS_PASSWORD
from wxapp import DOORS, graduate
from wxapp.core import rights
from wxapp.core.browser_session import OF_STAFF
from wxapp.core.limits import limiter

__all__ = ["app", "console", "records", "resources"]

ROLES = ["school", "department", "province", "operator", "counsellor"]
SIGNED = {"api"}
"""Doors of programs, that sign each call."""
NO_GUARD_OF_STAFF = (
    OPEN_DOORS | SIGNED | {"campus_arrival", "mini"} | {each.name for each in graduate.blueprints}
)
READ_ONLY, NO_EXPORT = rights.READ_ONLY.sentence, rights.NO_EXPORT.sentence
Limited = Callable[..., Browser]
WRITTEN_DOWN = {"web_session", "audit_entry"}
"""That a session is open, and that somebody was refused."""


@pytest.fixture
def limited(console: Console, monkeypatch: pytest.MonkeyPatch) -> Limited:
    """Give the browser of a role whose account has a right less, and walks as far as it likes."""
    monkeypatch.setattr(limiter, "enabled", False)
    console.staff["counsellor"] = console.campus.staff(Role.COUNSELLOR)
    console.campus.save()

    def sign_in(role: str, **rights_of: bool) -> Browser:
        with console.resources.sessions.begin() as session:
            for name, value in rights_of.items():
                setattr(session.get_one(Staff, console.staff[role].id), name, value)
        return console.browser(role)

    return sign_in


def rules(console: Console, method: str) -> Iterator[Rule]:
    for rule in console.app.url_map.iter_rules():
        door = rule.endpoint.partition(".")[0]
        if door in rights.STAFF_DOORS and method in (rule.methods or ()):
            yield rule


def test_a_right_is_asked_only_for_what_there_is(console: Console, repository: Path) -> None:
    """An address that is misspelt has no method: everybody would have a right to it."""
    sources = [*(repository / "templates").rglob("*.html"), *(repository / "wxapp").rglob("*.py")]
    text = "\n".join(each.read_text(encoding="utf-8") for each in sources)
    asked = set(re.findall(r'\bmay\("([\w.]+)"\)', text))
    assert len(asked) > 30
    assert asked <= console.app.view_functions.keys()


def path(rule: Rule) -> str:
    found = rule.rule
    for argument in rule.arguments:
        value = {"kind": "file", "move": "pause", "work": "table"}.get(argument, "1")
        found = found.replace(f"<{argument}>", value)
    return found


def ask(browser: Browser, rule: Rule, token: str) -> tuple[int, str]:
    answer = browser.client.post(path(rule), data={"csrf_token": token, "words": "李"})
    return answer.status_code, answer.get_data().decode(errors="replace")


def token_of(browser: Browser) -> str:
    return str(browser.get("/account").find_all("input[name=csrf_token]")[0]["value"])


def rows(session: Session) -> dict[str, int]:
    tables = [each for each in metadata.sorted_tables if each.name not in WRITTEN_DOWN]
    return {
        each.name: session.scalars(select(func.count()).select_from(each)).one() for each in tables
    }


@pytest.mark.parametrize("role", ROLES)
def test_who_may_only_look_sends_nothing(console: Console, limited: Limited, role: str) -> None:
    browser = limited(role, read_only=True)
    token = token_of(browser)
    named = rights.OWN_ACCOUNT | rights.LOOKS | rights.EXPORTS | rights.WITHOUT_PEOPLE
    with console.resources.readers() as session:
        before = rows(session)
    for rule in rules(console, "POST"):
        if rule.endpoint not in named:
            status, page = ask(browser, rule, token)
            assert status == 403, rule
            counsellor = role == "counsellor" and rule.endpoint.startswith("school.")
            assert READ_ONLY in page or counsellor, rule
    with console.resources.readers() as session:
        assert rows(session) == before


@pytest.mark.parametrize("role", ROLES)
def test_who_may_do_all_is_never_told_so(console: Console, limited: Limited, role: str) -> None:
    browser = limited(role, read_only=False)
    token = token_of(browser)
    for rule in rules(console, "POST"):
        if rule.endpoint not in rights.OWN_ACCOUNT:
            _, page = ask(browser, rule, token)
            assert READ_ONLY not in page, rule
            assert NO_EXPORT not in page, rule


@pytest.mark.parametrize("role", ["school", "department"])
def test_who_may_not_export_takes_nothing_along(
    console: Console, limited: Limited, role: str
) -> None:
    console.campus.report(console.campus.graduate("李娟"))
    console.campus.save()
    browser = limited(role, may_export=False)
    token, refused = token_of(browser), set()
    for method in ("GET", "POST"):
        for rule in rules(console, method):
            if rule.endpoint in rights.OWN_ACCOUNT:
                continue
            sent = {"csrf_token": token}
            asked = browser.client.open(path(rule), method=method, data=sent)
            named = asked.headers.get("Content-Disposition", "")
            assert not named.startswith("attachment") or rule.endpoint in rights.WITHOUT_PEOPLE
            if NO_EXPORT in asked.get_data().decode(errors="replace"):
                assert asked.status_code == 403
                refused.add(rule.endpoint)
    assert refused == rights.EXPORTS


def test_every_name_is_a_route(console: Console) -> None:
    known = {rule.endpoint for rule in console.app.url_map.iter_rules()}
    named = (rights.OWN_ACCOUNT, rights.LOOKS, rights.EXPORTS, rights.WITHOUT_PEOPLE)
    assert set().union(*named, rights.COUNSELLOR_PAGES) <= known


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.name)
def test_every_door_of_staff_is_held(door: Blueprint) -> None:
    assert (door.name in rights.STAFF_DOORS) == (door.name not in NO_GUARD_OF_STAFF)


def test_every_page_of_staff_asks_who_it_is_with_its_session(console: Console) -> None:
    """One statement less than asking for the session first."""
    doors = rights.STAFF_DOORS - {"second_step", "colleague"}  # between password and code; WeChat's
    rules = [rule for rule in console.app.url_map.iter_rules() if "." in rule.endpoint]
    asked = {rule.rule for rule in rules if rule.endpoint.partition(".")[0] in doors}
    assert {each for each in asked if not f"{each}/".startswith(OF_STAFF)} == set()


def test_what_cannot_be_done_is_not_offered(console: Console, limited: Limited) -> None:
    console.campus.graduate("李娟")
    console.campus.save()
    whole = console.browser("school").get("/school/graduates")
    assert whole.find_all("form[action*='/export']")
    assert not console.browser("school").get("/school/settings").find_all("[data-refused]")
    browser = limited("school", may_export=False).get("/school/graduates")
    assert not browser.find_all("form[action*='/export']")
    browser = limited("school", read_only=True).get("/school/graduates")
    assert "您的账号是只读的" in browser.text
    for words in ("发提醒…", "新增毕业生…"):
        assert words in whole.text
        assert words not in browser.text
    browser.get("/school/settings")
    assert browser.find("main form").has_attr("data-refused")
    assert not browser.find("form[role=search]").has_attr("data-refused")


def test_own_account_stays_ones_own(console: Console, limited: Limited) -> None:
    browser = limited("school", read_only=True)
    console.browser("school")
    browser.get("/account/prove").submit("form[action$=prove]", password=NOBODYS_PASSWORD)
    browser.submit("form[action$='/end-others']")
    assert browser.status == 200
