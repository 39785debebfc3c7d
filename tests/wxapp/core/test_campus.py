"""Staff sign in by their campus: what it says counts once, and for their own account."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from sqlalchemy import select

from registry.accounts.campus_tables import CampusAccount
from registry.accounts.tables import AuditEntry, Staff, StaffNotice
from tests.pages import Browser
from tests.wxapp.core.campuses import (
    NUMBER,
    PASSWORD,
    add_staff,
    app_with_campus,
    at_the_campus,
    bind,
    campus_login,
    come_by_campus,
    service_of,
    way_out,
)
from tests.wxapp.site import HOST, Site


@pytest.fixture
def app(site: Site) -> Flask:
    return app_with_campus(site)


@pytest.fixture
def browser(app: Flask) -> Browser:
    return Browser(app.test_client())


@pytest.fixture
def bound(site: Site) -> Staff:
    staff = add_staff(site)
    bind(site, staff, f"{site.sandbox.url}/campus/cas")
    return staff


def actions(site: Site) -> list[str]:
    wanted = select(AuditEntry.action).order_by(AuditEntry.id)
    return list(site.read(lambda session: session.scalars(wanted)))


def complaint(browser: Browser) -> str:
    assert browser.path == "/login"
    return str(browser.find("[role=alert]").text)


def test_the_first_time_the_password_is_asked_for_once_and_then_no_more(
    site: Site, browser: Browser, app: Flask
) -> None:
    add_staff(site)
    browser.get("/school/graduates")
    come_by_campus(browser)
    assert browser.path == "/login/campus-first"
    assert NUMBER in browser.text
    browser.submit(login="teacher", password=PASSWORD)
    assert browser.path == "/school/graduates"
    assert actions(site)[:2] == ["campus_bound", "sign_in_campus"]
    again = come_by_campus(Browser(app.test_client()))
    assert again.path == "/school/"
    assert "李老师" in again.text


def test_the_ticket_stands_in_no_address_that_is_shown(browser: Browser, bound: Staff) -> None:
    back = at_the_campus(way_out(browser))
    answer = browser.client.get(back)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/staff")


def test_the_way_back_is_fixed_by_the_settings_and_not_by_what_a_request_calls_its_host(
    app: Flask,
) -> None:
    answer = app.test_client().get(
        "/login/campus/qinghe", headers={"Host": "localhost", "X-Forwarded-Host": "evil.example"}
    )
    assert service_of(answer.headers["Location"]).startswith(f"{HOST}/login/campus/qinghe/back")
    evil = app.test_client().get("/login/campus/qinghe", headers={"Host": "evil.example"})
    assert evil.status_code == 400


def test_what_came_back_counts_once_and_in_the_browser_that_asked_alone(
    site: Site, browser: Browser, app: Flask, bound: Staff
) -> None:
    back = at_the_campus(way_out(browser))
    other = Browser(app.test_client()).get(back)
    assert "已失效" in complaint(other)
    assert browser.get(back).path == "/school/"
    assert browser.get(back).path == "/school/"  # signed in already: it goes on
    browser.submit(".top-me form")
    assert "已失效" in complaint(browser.get(back))


def test_what_one_campus_was_asked_another_does_not_answer(site: Site, bound: Staff) -> None:
    mine = campus_login(site)
    app = site.app_with(campus_logins=(mine, mine.model_copy(update={"name": "taiyue"})))
    browser = Browser(app.test_client())
    back = at_the_campus(way_out(browser))
    assert "已失效" in complaint(browser.get(back.replace("/qinghe/", "/taiyue/")))
    assert browser.get("/school/").path == "/login"


def test_a_state_is_good_for_ten_minutes(site: Site, browser: Browser, bound: Staff) -> None:
    back = at_the_campus(way_out(browser))
    site.clock.move(timedelta(minutes=11))
    assert "已失效" in complaint(browser.get(back))


def test_a_ticket_of_another_service_or_none_signs_nobody_in(
    site: Site, browser: Browser, bound: Staff
) -> None:
    state = urlsplit(service_of(way_out(browser))).query
    other = at_the_campus(f"{site.sandbox.url}/campus/cas/login?service={HOST}/elsewhere")
    back, ticket = "/login/campus/qinghe/back", urlsplit(other).query
    assert "没有确认您的身份" in complaint(browser.get(f"{back}?{state}&{ticket}"))
    state = urlsplit(service_of(way_out(browser))).query
    assert "没有确认您的身份" in complaint(browser.get(f"{back}?{state}"))


def test_a_number_that_nobody_has_two_have_or_a_disabled_account_has_stops_in_words(
    site: Site, browser: Browser
) -> None:
    assert "没有登记这个工号" in complaint(come_by_campus(browser))
    first, second = add_staff(site), add_staff(site, "second")
    assert "多个账号" in complaint(come_by_campus(browser))
    with site.resources.sessions.begin() as session:
        for staff in (first, second):
            session.get_one(Staff, staff.id).active = False
    assert "没有登记这个工号" in complaint(come_by_campus(browser))
    assert actions(site) == ["sign_in_failed"] * 3
    assert NUMBER not in str(site.read(lambda s: s.scalars(select(AuditEntry.details)).all()))


def test_the_bound_subject_and_the_number_have_to_agree(
    site: Site, browser: Browser, bound: Staff
) -> None:
    with site.resources.sessions.begin() as session:
        session.get_one(Staff, bound.id).work_number = "T2"
    assert "不一致" in complaint(come_by_campus(browser))
    with site.resources.sessions.begin() as session:
        session.get_one(Staff, bound.id).work_number = NUMBER
        session.scalars(select(CampusAccount)).one().subject = "somebody else's"
    assert "另一个统一身份认证用户" in complaint(come_by_campus(browser))


def test_the_password_of_another_account_binds_nothing(site: Site, browser: Browser) -> None:
    add_staff(site)
    add_staff(site, "other", "T2")
    come_by_campus(browser).submit(login="other", password=PASSWORD)
    assert "工号与统一身份认证的工号不一致" in browser.find("[role=alert]").text
    assert not site.read(lambda session: session.scalars(select(CampusAccount)).all())
    assert browser.get("/staff").path == "/login"


def test_nobody_comes_to_the_first_sign_in_by_its_address(browser: Browser) -> None:
    assert browser.get("/login/campus-first").path == "/login"


def test_a_second_factor_is_asked_for_unless_the_campus_has_asked_for_one(
    site: Site, bound: Staff
) -> None:
    roles = {"second_factor": frozenset({"school"})}
    asked = come_by_campus(Browser(app_with_campus(site, **roles).test_client()))
    assert asked.path == "/login/set-up"
    assert actions(site)[-1] == "campus_passed"
    trusting = app_with_campus(site, asks_second_factor=True, **roles)
    browser = come_by_campus(Browser(trusting.test_client()))
    assert browser.path == "/school/"
    assert browser.get("/school/graduates").path == "/school/graduates"


def test_a_new_browser_is_told_to_its_owner_as_with_a_password(
    site: Site, app: Flask, bound: Staff
) -> None:
    come_by_campus(Browser(app.test_client()))
    come_by_campus(Browser(app.test_client()))
    kinds = site.read(lambda session: session.scalars(select(StaffNotice.kind)).all())
    assert kinds == ["new_device"]


def test_a_campus_that_is_away_is_said_and_the_password_remains(site: Site, bound: Staff) -> None:
    away = site.app_with(
        campus_logins=(
            campus_login(site),
            campus_login(site, name="away", server="http://localhost:9"),
        )
    )
    browser = Browser(away.test_client())
    browser.get("/login/campus/away")
    back = here_from(service_of(browser.leads_to or ""))
    assert "暂时无法连接" in complaint(browser.get(f"{back}&ticket=ST-1"))
    browser.submit(login="teacher", password=PASSWORD)
    assert browser.path == "/school/"


def here_from(service: str) -> str:
    return service.removeprefix(HOST)


def test_a_campus_that_admits_one_address_alone_is_tied_by_the_session(
    site: Site, bound: Staff
) -> None:
    app = app_with_campus(site, state_in="session")
    browser = Browser(app.test_client())
    address = way_out(browser)
    assert service_of(address) == f"{HOST}/login/campus/qinghe/back"
    back = at_the_campus(address)
    assert "已失效" in complaint(Browser(app.test_client()).get(back))
    assert browser.get(back).path == "/school/"


def test_who_is_no_staff_at_the_campus_is_none_here(site: Site, bound: Staff) -> None:
    kinds = {"kind": "employeeNumber", "staff_kinds": frozenset({"teacher"})}
    browser = Browser(app_with_campus(site, **kinds).test_client())
    assert "不是教职工" in complaint(come_by_campus(browser))


def test_a_changed_number_has_to_be_bound_anew_and_is_nobody_elses(
    site: Site, app: Flask, bound: Staff
) -> None:
    add_staff(site, "head", "T1")
    head = Browser(app.test_client()).get("/login").submit(login="head", password=PASSWORD)
    page = f"/account/members/{bound.key}"
    form = f"form[action='{page}/work-number']"
    head.get(page)
    assert "已绑定统一身份认证" in head.text
    head.submit(form, work_number="T1")
    assert "已登记在本校另一个账号上" in head.text
    head.submit(form, work_number=" T3 ")
    assert head.path == page
    assert "已绑定" not in head.text
    assert actions(site)[-1] == "work_number_set"
    assert come_by_campus(Browser(app.test_client()), "T3").path == "/login/campus-first"


def logout_request(ticket: str) -> str:
    return (
        '<samlp:LogoutRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="1">'
        '<saml:NameID xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">@NOT_USED@</saml:NameID>'
        f"<samlp:SessionIndex>{ticket}</samlp:SessionIndex></samlp:LogoutRequest>"
    )


def ticket_of(back: str) -> str:
    return parse_qs(urlsplit(back).query)["ticket"][0]


@pytest.mark.parametrize("bare", [False, True])
def test_a_logout_at_the_campus_ends_the_session_at_once_and_no_other(
    site: Site, app: Flask, bound: Staff, *, bare: bool
) -> None:
    browser, other = Browser(app.test_client()), come_by_campus(Browser(app.test_client()))
    back = at_the_campus(way_out(browser))
    assert browser.get(back).path == "/school/"
    said = logout_request(ticket_of(back))
    campus = app.test_client()
    sent = {"data": said, "content_type": "text/xml"} if bare else {"data": {"logoutRequest": said}}
    assert campus.post("/login/campus/qinghe/back?state=x", **sent).status_code == 204
    assert browser.get("/school/").path == "/login"
    assert other.get("/school/").path == "/school/"
    assert actions(site)[-1] == "campus_left"


def test_a_logout_ends_a_sign_in_that_waits_for_the_code(site: Site, bound: Staff) -> None:
    app = app_with_campus(site, second_factor=frozenset({"school"}))
    browser = Browser(app.test_client())
    back = at_the_campus(way_out(browser))
    assert browser.get(back).path == "/login/set-up"
    data = {"logoutRequest": logout_request(ticket_of(back))}
    app.test_client().post("/login/campus/qinghe/back", data=data)
    assert browser.get("/login/set-up").path == "/login"


@pytest.mark.parametrize(
    "said", ["", "x", "<!DOCTYPE x><a/>", "<LogoutRequest/>", logout_request("ST-unknown")]
)
def test_what_is_no_logout_of_a_session_ends_nothing(app: Flask, bound: Staff, said: str) -> None:
    browser = come_by_campus(Browser(app.test_client()))
    answer = app.test_client().post("/login/campus/qinghe/back", data={"logoutRequest": said})
    assert answer.status_code == 204
    assert browser.get("/school/").path == "/school/"


def test_signing_out_here_offers_to_leave_the_campus_too(browser: Browser, bound: Staff) -> None:
    come_by_campus(browser).submit(".top-me form")
    assert browser.path == "/login/campus/qinghe/left"
    way = str(browser.find("a.weui-btn_primary")["href"])
    assert way.endswith("/campus/cas/logout?service=http%3A%2F%2Flocalhost%2Flogin")
    assert browser.get("/staff").path == "/login"
