"""Staff sign in, and out; guessing gets slow, and nobody is shut out by a stranger."""

from datetime import timedelta

import pytest
from flask import request
from sqlalchemy import select

from registry.accounts import puzzles
from registry.accounts.sessions import hash_of
from registry.accounts.staff import NewStaff, create_staff
from registry.accounts.tables import AuditEntry, Role, Staff
from tests.pages import Browser
from tests.wxapp.site import Site, find_campus

PASSWORD = "correct horse battery"


@pytest.fixture
def staff(site: Site) -> Staff:
    with site.resources.sessions.begin() as session:
        new = NewStaff("ops", "运维", Role.OPERATOR)
        return create_staff(session, new, PASSWORD, site.clock())


def sign_in(browser: Browser, password: str = PASSWORD, login: str = "ops") -> Browser:
    return browser.get("/login").submit(login=login, password=password)


def cookie(browser: Browser) -> str:
    found = browser.client.get_cookie("quxiang")
    assert found is not None
    return found.value


def test_the_right_password_signs_in_with_a_new_token(site: Site, staff: Staff) -> None:
    browser = site.browser().get("/login")
    before = cookie(browser)
    browser.submit(login=" OPS ", password=PASSWORD)
    assert browser.path == "/ops/"
    assert "运维" in browser.text
    assert cookie(browser) != before
    assert "sign_in" in site.read(lambda session: session.scalars(select(AuditEntry.action)).all())


def test_a_sign_in_that_failed_is_kept_with_the_login_where_somebody_has_it(
    site: Site, staff: Staff
) -> None:
    sign_in(site.browser(), "not the password")
    sign_in(site.browser(), login="my own password")
    known, unknown = site.read(
        lambda s: s.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    )
    assert (known.actor, known.action, known.subject) == ("stranger", "sign_in_failed", staff.actor)
    assert (known.details["code"], known.details["login"]) == ("sign_in_failed", "ops")
    assert known.address == unknown.address is not None
    assert unknown.subject.startswith("login:")
    assert "password" not in f"{unknown.subject} {unknown.details.get('login')}"


def test_the_cookie_is_for_this_site_and_no_script(site: Site, staff: Staff) -> None:
    browser = site.browser()
    answer = browser.client.get("/login")
    flags = answer.headers["Set-Cookie"]
    assert "HttpOnly" in flags
    assert "SameSite=Lax" in flags


def test_a_wrong_password_and_an_unknown_login_read_the_same(site: Site, staff: Staff) -> None:
    wrong = sign_in(site.browser(), "not the password")
    assert wrong.status == 400
    assert wrong.find("#login")["value"] == "ops"
    assert not wrong.find("#password").get("value")
    unknown = sign_in(site.browser(), login="nobody")
    assert unknown.find("[role=alert]").text == wrong.find("[role=alert]").text


def test_guessing_gets_slow_and_waiting_helps(site: Site, staff: Staff) -> None:
    browser = site.browser()
    for _ in range(3):
        assert sign_in(browser, "guess").status == 400
    assert sign_in(browser).status == 429
    assert "秒后再试" in browser.text
    site.clock.move(timedelta(seconds=2))
    assert sign_in(browser).status == 400
    assert "请输入图中的数字" in browser.text
    browser.submit(login="ops", password=PASSWORD, puzzle_answer=puzzle_of(site, browser))
    assert browser.path == "/ops/"


def puzzle_of(site: Site, browser: Browser) -> str:
    """Read the picture that a browser was shown."""
    assert browser.find("img[alt^=五个数字]")
    whose = hash_of(cookie(browser))
    digits = site.read(lambda session: puzzles.given(session, whose, site.clock()))
    assert digits is not None
    return digits


def guess_from_elsewhere(site: Site, times: int = 6) -> None:
    for place in range(times):
        elsewhere = site.browser()
        elsewhere.client.environ_base["REMOTE_ADDR"] = f"10.0.{place}.1"
        sign_in(elsewhere, "guess")


def test_a_browser_that_signed_in_before_is_asked_no_puzzle(site: Site, staff: Staff) -> None:
    browser = sign_in(site.browser())
    browser.submit(".top-me form")
    guess_from_elsewhere(site)
    assert sign_in(browser).path == "/ops/"


def test_a_new_browser_is_asked_one_and_a_wrong_answer_gets_another(
    site: Site, staff: Staff
) -> None:
    guess_from_elsewhere(site)
    browser = sign_in(site.browser())
    assert "请输入图中的数字和密码" in browser.text
    browser.submit(login="ops", password=PASSWORD, puzzle_answer="00000")
    assert "没有输对" in browser.text
    browser.submit(login="ops", password=PASSWORD, puzzle_answer=puzzle_of(site, browser))
    assert browser.path == "/ops/"


def test_the_cookie_of_a_known_browser_is_for_this_site_and_no_script(
    site: Site, staff: Staff
) -> None:
    browser = sign_in(site.browser())
    found = browser.client.get_cookie("quxiang-device")
    assert found is not None
    assert found.http_only
    assert found.max_age == 180 * 24 * 3600


def test_signing_out_ends_the_session_on_the_server(site: Site, staff: Staff) -> None:
    browser = sign_in(site.browser())
    kept = cookie(browser)
    browser.submit(".top-me form")
    assert browser.path == "/login"
    browser.client.set_cookie("quxiang", kept)
    assert browser.get("/staff").path == "/login"


def test_disabled_staff_are_out_on_the_next_request(site: Site, staff: Staff) -> None:
    browser = sign_in(site.browser())
    with site.resources.sessions.begin() as session:
        session.get_one(Staff, staff.id).active = False
    assert browser.get("/staff").path == "/login"
    assert sign_in(site.browser()).status == 400


def test_an_idle_half_hour_ends_it_and_work_keeps_it(site: Site, staff: Staff) -> None:
    browser = sign_in(site.browser())
    for _ in range(3):
        site.clock.move(timedelta(minutes=29))
        assert browser.get("/staff").path == "/ops/"
    site.clock.move(timedelta(minutes=30))
    assert browser.get("/staff").path == "/login"


def test_the_page_that_asked_is_come_back_to(site: Site) -> None:
    with site.resources.sessions.begin() as session:
        school = find_campus(session, site).school
        new = NewStaff("teacher", "王老师", Role.SCHOOL, school_id=school.id)
        create_staff(session, new, PASSWORD, site.clock())
    browser = site.browser().get("/staff")
    assert browser.path == "/login"
    asked = browser.fill("form", login="teacher", password=PASSWORD)
    answer = browser.client.post("/login", data=asked)
    assert answer.headers["Location"] == "/staff"


def test_a_graduate_is_no_staff_and_staff_no_graduate(site: Site, staff: Staff) -> None:
    graduate = site.enter(site.bind(site.graduate()))
    assert graduate.get("/staff").path == "/login"
    assert sign_in(site.browser()).get("/g/").leads_to is not None


def test_a_flood_from_one_address_is_stopped_in_words(site: Site) -> None:
    browser = site.browser()
    for number in range(30):
        assert sign_in(browser, login=f"nobody{number}").status == 400
    sign_in(browser, login="nobody")
    assert browser.status == 429
    assert "请稍等一分钟再试" in browser.text


@pytest.mark.parametrize(
    ("proxies", "seen"), [(0, "127.0.0.1"), (1, "192.0.2.7"), (2, "198.51.100.9")]
)
def test_an_address_is_believed_from_our_own_proxies_only(
    site: Site, proxies: int, seen: str
) -> None:
    app = site.app_with(proxies=proxies)
    app.add_url_rule("/who", "who", lambda: str(request.remote_addr))
    forged = {"X-Forwarded-For": "203.0.113.1, 198.51.100.9, 192.0.2.7"}
    assert app.test_client().get("/who", headers=forged).get_data(as_text=True) == seen
