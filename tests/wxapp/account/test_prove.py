"""Sessions end, and browsers are known no more, for who has just proven to be the owner."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from registry.accounts import devices
from registry.accounts.staff import NewStaff, create_staff
from registry.accounts.tables import AuditEntry, Role, Staff
from tests.pages import Browser
from tests.registry.second_factor.phone import Phone, turn_on
from tests.wxapp.site import Site

PASSWORD = "correct horse battery"


@pytest.fixture
def staff(site: Site) -> Staff:
    with site.resources.sessions.begin() as session:
        new = NewStaff("teacher", "王老师", Role.OPERATOR)
        return create_staff(session, new, PASSWORD, site.clock())


def sign_in(site: Site) -> Browser:
    return site.browser().get("/login").submit(login="teacher", password=PASSWORD)


def enter(site: Site, phone: Phone) -> Browser:
    """Sign in with a code, and move on so far that the next is another."""
    browser = sign_in(site).submit("form:has(#code)", code=phone.code(site.clock()))
    site.clock.move(timedelta(minutes=1))
    return browser


def prove(browser: Browser, password: str = PASSWORD) -> Browser:
    browser.get("/account").follow("验证身份后退出其他登录")
    return browser.submit("form[action='/account/prove']", password=password)


def session_of_another(browser: Browser) -> dict[str, str]:
    form = browser.get("/account").find("form[action='/account/sessions/end']")
    return {"session": str(form.find_all("input")[1]["value"])}


def send(browser: Browser, path: str, **sent: str) -> Browser:
    token = str(browser.find_all("input[name=csrf_token]")[0]["value"])
    return browser.post(path, {"csrf_token": token, **sent})


def deeds(site: Site) -> list[str]:
    wanted = select(AuditEntry.action).where(AuditEntry.action.not_like("sign_in%"))
    return list(site.read(lambda s: s.scalars(wanted.order_by(AuditEntry.id)).all()))


def test_an_open_browser_alone_ends_no_session(site: Site, staff: Staff) -> None:
    here, there = sign_in(site), sign_in(site)
    assert not here.get("/account").find_all("form[action^='/account/sessions']")
    known = site.read(lambda session: devices.of_staff(session, staff.id, site.clock()))
    forms = {
        "/account/sessions/end-others": {},
        "/account/devices/forget": {"device": known[0].key},
    }
    for path, sent in forms.items():
        assert send(here.get("/account"), path, **sent).path == "/account/prove"
    assert there.get("/ops/").path == "/ops/"
    assert site.read(lambda s: devices.of_staff(s, staff.id, site.clock())) != []


def test_the_password_lets_one_session_be_ended(site: Site, staff: Staff) -> None:
    here, there = sign_in(site), sign_in(site)
    ended = session_of_another(prove(here))
    site.clock.move(timedelta(minutes=11))
    assert send(here.get("/account"), "/account/sessions/end", **ended).path == "/account/prove"
    assert there.get("/ops/").path == "/ops/"
    prove(here)
    assert send(here.get("/account"), "/account/sessions/end", **ended).path == "/account"
    assert there.get("/ops/").path == "/login"


def test_a_wrong_password_proves_nothing_and_guessing_it_gets_slow(
    site: Site, staff: Staff
) -> None:
    here, _ = sign_in(site), sign_in(site)
    assert prove(here, "guess").status == 400
    assert "密码不对" in here.find("main [role=alert]").text
    for _ in range(4):
        prove(here, "guess")
    assert prove(here, "guess").status == 429
    assert not here.get("/account").find_all("form[action^='/account/sessions']")


def test_who_has_a_second_factor_gives_a_code_and_not_the_password(
    site: Site, staff: Staff
) -> None:
    with site.resources.sessions.begin() as session:
        mine = session.get_one(Staff, staff.id)
        phone, _ = turn_on(session, site.resources.vault, mine, site.clock())
    here, there = (enter(site, phone) for _ in range(2))
    here.get("/account/prove")
    assert not here.find_all("#password")
    assert here.submit("form[action='/account/prove']", code="000000").status == 400
    here.submit("form[action='/account/prove']", code=phone.code(site.clock()))
    here.submit("form[action$=end-others]")
    assert there.get("/ops/").path == "/login"
    assert deeds(site) == ["factor_wrong", "proven_anew"]


def test_a_copy_of_the_cookie_is_out_once_its_owner_proves(site: Site, staff: Staff) -> None:
    here, _ = sign_in(site), sign_in(site)
    cookie = here.client.get_cookie("quxiang")
    assert cookie is not None
    thief = site.browser()
    thief.client.set_cookie("quxiang", cookie.value)
    assert thief.get("/ops/").path == "/ops/"
    prove(here)
    assert thief.get("/ops/").path == "/login"
    assert here.get("/ops/").path == "/ops/"


def test_what_one_browser_proved_holds_in_no_other(site: Site, staff: Staff) -> None:
    here, there = sign_in(site), sign_in(site)
    prove(here)
    assert send(there.get("/account"), "/account/sessions/end-others").path == "/account/prove"
    assert here.get("/ops/").path == "/ops/"
