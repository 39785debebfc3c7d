"""One's own second factor at 我的账号: turned on and off, another phone, new backup codes."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from registry.accounts.staff import NewStaff, create_staff
from registry.accounts.tables import AuditEntry, Role, Staff
from registry.second_factor import factor
from tests.pages import Browser
from tests.registry.second_factor.phone import Phone, turn_on
from tests.wxapp.site import Site

PASSWORD = "correct horse battery"
PHONE, CODES, OFF = (f"form[action='/account/factor/{act}']" for act in ("phone", "codes", "off"))


@pytest.fixture
def staff(site: Site) -> Staff:
    with site.resources.sessions.begin() as session:
        return create_staff(
            session, NewStaff("teacher", "王老师", Role.OPERATOR), PASSWORD, site.clock()
        )


@pytest.fixture
def phone(site: Site, staff: Staff) -> Phone:
    with site.resources.sessions.begin() as session:
        mine = session.get_one(Staff, staff.id)
        return turn_on(session, site.resources.vault, mine, site.clock())[0]


def sign_in(site: Site, phone: Phone | None = None) -> Browser:
    """Sign in, and move on so far that the next code is another."""
    browser = site.browser().get("/login").submit(login="teacher", password=PASSWORD)
    if phone is not None:
        browser.submit("form:has(#code)", code=phone.code(site.clock()))
    site.clock.move(timedelta(minutes=1))
    assert browser.path == "/ops/"
    return browser


def set_up(browser: Browser, site: Site) -> Phone:
    phone = Phone(browser.find("#secret").text.replace(" ", ""))
    browser.submit("form[action='/login/set-up']", code=phone.code(site.clock()))
    assert len(browser.find_all(".phone-codes li")) == factor.BACKUP_CODES
    site.clock.move(timedelta(minutes=1))
    return phone


def deeds(site: Site) -> list[str]:
    wanted = select(AuditEntry.action).where(AuditEntry.action.not_like("sign_in%"))
    return list(site.read(lambda s: s.scalars(wanted.order_by(AuditEntry.id)).all()))


def test_who_need_not_turns_it_on_with_the_password(site: Site, staff: Staff) -> None:
    here, there = sign_in(site), sign_in(site)
    here.get("/account").follow("开启二次验证").submit(PHONE, password=PASSWORD)
    phone = set_up(here, site)
    assert here.follow("已保存，继续").path == "/ops/"
    assert there.get("/ops/").path == "/login"
    assert sign_in(site, phone).get("/account").text.count("备用码还剩 10 个") == 1
    assert deeds(site) == ["factor_on"]


def test_an_open_browser_alone_turns_nothing_on(site: Site, staff: Staff) -> None:
    browser = sign_in(site).get("/account/factor")
    browser.submit(PHONE, password="not the password")
    assert browser.status == 400
    assert "密码不对" in browser.find("main [role=alert]").text
    assert browser.get("/login/set-up").path == "/account"


def test_another_phone_is_set_up_with_a_code_of_the_first(site: Site, phone: Phone) -> None:
    browser = sign_in(site, phone).get("/account/factor")
    browser.submit(PHONE, code=phone.code(site.clock()))
    second = set_up(browser, site)
    stale = site.browser().get("/login").submit(login="teacher", password=PASSWORD)
    assert stale.submit("form:has(#code)", code=phone.code(site.clock())).status == 400
    sign_in(site, second)
    assert deeds(site) == ["factor_replace", "factor_on", "factor_wrong"]


def test_an_open_browser_alone_changes_no_phone(site: Site, phone: Phone) -> None:
    browser = sign_in(site, phone).get("/account/factor")
    for form in (PHONE, CODES, OFF):
        assert browser.get("/account/factor").submit(form, code="000000").status == 400
    assert browser.get("/login/set-up").path == "/account"
    assert browser.get("/account/factor").text.count("还剩 10 个") == 1


def test_the_right_to_set_a_phone_up_ends_after_a_quarter_of_an_hour(
    site: Site, phone: Phone
) -> None:
    browser = sign_in(site, phone).get("/account/factor")
    browser.submit(PHONE, code=phone.code(site.clock()))
    assert browser.path == "/login/set-up"
    site.clock.move(timedelta(minutes=15))
    assert browser.get("/login/set-up").path == "/account"


def test_new_backup_codes_are_shown_once(site: Site, phone: Phone) -> None:
    browser = sign_in(site, phone).get("/account/factor")
    browser.submit(CODES, code=phone.code(site.clock()))
    codes = [each.text.strip() for each in browser.find_all(".phone-codes li")]
    assert len(codes) == factor.BACKUP_CODES
    assert codes[0] not in browser.get("/account/factor").text
    assert deeds(site) == ["backup_codes_make"]


def test_it_is_turned_off_where_it_need_not_be(site: Site, phone: Phone) -> None:
    here = sign_in(site, phone)
    there = sign_in(site, phone)
    here.get("/account/factor").submit(OFF, code=phone.code(site.clock()))
    assert "未开启" in here.find(".status").text
    assert there.get("/ops/").path == "/login"
    sign_in(site)


def test_it_is_not_turned_off_where_it_must_be(site: Site, phone: Phone) -> None:
    site.app = site.app_with(second_factor=frozenset({"operator"}))
    browser = sign_in(site, phone).get("/account/factor")
    assert not browser.find_all(OFF)
    token = str(browser.find_all("input[name=csrf_token]")[0]["value"])
    sent = {"csrf_token": token, "code": phone.code(site.clock())}
    assert browser.post("/account/factor/off", sent).status == 400
    assert "不能关闭" in browser.text
