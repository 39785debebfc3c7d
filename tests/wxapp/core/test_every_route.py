"""What holds on every route there is, whoever asks; a new route is walked without a word here."""

from collections.abc import Iterator

import pytest
from sqlalchemy import func, select
from werkzeug.routing import Rule

from migrations.metadata import metadata
from registry.accounts.staff import NewStaff, create_staff
from registry.accounts.tables import Role
from sandbox.testing import RunningSandbox
from tests.clock import StandingClock
from tests.pages import Browser
from tests.wxapp.school.records import Campus
from tests.wxapp.site import Site, find_campus, open_site

COUNTED = {"web_session", "one_time_state", "lookup", "attempt", "audit_entry"}
"""What may be written down for a look: that a browser is there, that it was sent to WeChat, that a
QR code's link was opened, and who of staff saw whom or was refused."""
COUNT_ALL = select(
    *(
        select(func.count()).select_from(each).scalar_subquery().label(each.name)
        for each in metadata.sorted_tables
        if each.name not in COUNTED
    )
)
"""All rows of all other tables in one statement: it is asked for after each of a thousand looks."""
WAYS_OUT = ("/login", "/wechat/login")
"""Where somebody is led whom the door did not let in to begin with."""
OPEN_TO_EVERYONE = {"guide.page", "guide.phone_lost", "breach_receipt.form"}
"""What some need to get in: how it works, and whom to ask when the phone is not theirs any more.

And what a receipt number shows to who was unbound."""
CALLED_BY_PROGRAMS = {
    "campus.log_out",
    "mini.login",
    "mini.state",
    "mini.sign_out",
    "mini.allow_notices",
}
"""What no browser sends: a campus ends a session whose ticket it names, a mini program asks."""
PASSWORD = "a-long-password-for-7"


def _path(rule: Rule) -> str:
    return str(rule.build(dict.fromkeys(rule.arguments, "1"), append_unknown=False)[1])  # type: ignore[index]  # None only for missing arguments


def _rules(site: Site, method: str) -> list[Rule]:
    return [rule for rule in site.app.url_map.iter_rules() if method in (rule.methods or ())]


@pytest.fixture
def everybody(site: Site) -> list[Browser]:
    """Give a stranger, a graduate and a member of staff."""
    graduate = site.graduate(Campus.report)
    with site.resources.sessions.begin() as session:
        school = find_campus(session, site).school
        new = NewStaff("teacher", "王老师", Role.SCHOOL, school_id=school.id)
        create_staff(session, new, PASSWORD, site.clock())
    staff = site.browser()
    form = {"csrf_token": "", "login": "teacher", "password": PASSWORD}
    staff.client.get("/login")
    sent = Browser(staff.client).get("/login").fill("form")
    staff.client.post("/login", data={**form, "csrf_token": sent["csrf_token"]})
    return [site.browser(), site.enter(site.bind(graduate)), staff]


def _rows(site: Site) -> dict[str, int]:
    with site.resources.readers.begin() as session:
        return dict(session.execute(COUNT_ALL).one()._mapping)


def _answers(site: Site, everybody: list[Browser]) -> Iterator[tuple[str, int, dict[str, str]]]:
    for browser in everybody:
        for rule in _rules(site, "GET"):
            with browser.client.get(_path(rule)) as answer:
                yield f"GET {rule}", answer.status_code, dict(answer.headers)


@pytest.mark.slow  # every page there is, as three people
@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)  # what is told is the same
def test_every_answer_carries_the_headers(site: Site, everybody: list[Browser]) -> None:
    for name, status, headers in _answers(site, everybody):
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy, name
        assert "unsafe" not in policy, name
        assert "frame-ancestors 'none'" in policy, name
        assert headers["X-Content-Type-Options"] == "nosniff", name
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin", name
        assert "Server" not in headers, name
        kind, _, parameters = headers.get("Content-Type", "").partition(";")
        if kind.startswith("text/") or kind.endswith(("+xml", "/xml")):
            assert "charset=utf-8" in parameters, name
        if "/static/" not in name or status != 200:
            assert headers["Cache-Control"] == "no-store", name


def test_pages_are_framed_by_the_address_of_the_settings_alone(
    database_url: str, redis_url: str, wechat: RunningSandbox, clock: StandingClock
) -> None:
    with open_site(database_url, redis_url, wechat, clock, framed_by=wechat.url) as site:
        policy = site.app.test_client().get("/login").headers["Content-Security-Policy"]
    assert policy.endswith(f"frame-ancestors {wechat.url}")


@pytest.mark.slow  # every page there is, and after each all tables are counted
def test_no_look_changes_anything(site: Site, everybody: list[Browser]) -> None:
    before = _rows(site)
    for name, status, _ in _answers(site, everybody):
        assert status < 500, name
        assert _rows(site) == before, name


def test_no_form_is_taken_without_its_token(site: Site, everybody: list[Browser]) -> None:
    before = _rows(site)
    for browser in everybody:
        for rule in _rules(site, "POST"):
            answer = browser.client.post(_path(rule), data={"answer": "correct"})
            shown_out = answer.headers.get("Location", "").startswith(WAYS_OUT)
            stale = "页面已过期" in answer.get_data(as_text=True)
            if rule.endpoint in CALLED_BY_PROGRAMS:
                continue
            refused = answer.status_code == 403  # by the door, before a file is read
            assert shown_out or refused or (answer.status_code == 400 and stale), rule
    assert _rows(site) == before


def test_a_token_of_another_browser_is_none(site: Site, everybody: list[Browser]) -> None:
    stranger, graduate, _ = everybody
    token = str(stranger.get("/login").fill("form")["csrf_token"])
    answer = graduate.client.post("/g/unbind", data={"csrf_token": token})
    assert answer.status_code == 400


def test_nobody_is_let_into_a_graduates_page(site: Site) -> None:
    for rule in _rules(site, "GET"):
        if str(rule).startswith("/g/") and rule.endpoint not in OPEN_TO_EVERYONE:
            browser = site.browser().get(_path(rule))
            assert browser.leads_to is not None, rule
