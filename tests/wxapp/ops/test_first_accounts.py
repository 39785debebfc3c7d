"""The operator makes the first account of a school or a province, which makes the others."""

import pytest
from sqlalchemy import select, update

from registry.accounts.school_tables import School
from registry.accounts.tables import AuditEntry, Role, Staff
from tests.pages import Browser
from tests.wxapp.ops.conftest import Platform
from tests.wxapp.site import find_campus


@pytest.fixture
def school(platform: Platform) -> School:
    with platform.resources.sessions.begin() as session:
        return find_campus(session, platform.site).school


@pytest.fixture
def browser(platform: Platform, school: School) -> Browser:
    return platform.browser()


def page(school: School) -> str:
    return f"/ops/schools/{school.key}/account"


def test_it_signs_in_changes_its_password_and_makes_others(
    platform: Platform, browser: Browser, school: School
) -> None:
    browser.get("/ops/schools").follow(school.name).follow("管理账号")
    browser.submit("main form", name="张老师", login="zhang")
    password = browser.find("#first-password").get_text()
    hers = platform.site.browser().get("/login")
    hers.submit("form", login="zhang", password=password)
    assert hers.path.startswith("/account")
    changed = {"old": password, "password": "her-own-password", "again": "her-own-password"}
    hers.submit("form[action$='/password']", None, **changed)
    hers.get("/account/members/new")
    hers.submit("main form", role="school", name="李老师", login="li")
    assert hers.find("#first-password")
    with platform.resources.readers() as session:
        made = select(Staff).where(Staff.login == "zhang")
        assert session.scalars(made).one().school_id == school.id
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "staff_create"))
        assert ("school", True) in [
            (each.details["role"], each.details.get("first")) for each in entry
        ]


def test_a_school_that_has_one_makes_its_own(
    platform: Platform, browser: Browser, school: School
) -> None:
    browser.get(page(school))
    sent = browser.fill("main form", name="张老师", login="zhang")
    platform.browser(Role.SCHOOL)
    assert "其他账号由其自行新增" in browser.get(page(school)).text
    browser.post(page(school), sent)
    assert (browser.status, "已有可以登录的管理账号" in browser.text) == (400, True)


def test_a_school_whose_accounts_are_all_disabled_is_helped(
    platform: Platform, browser: Browser, school: School
) -> None:
    platform.browser(Role.SCHOOL)
    with platform.resources.sessions.begin() as session:
        session.execute(update(Staff).where(Staff.role == Role.SCHOOL).values(active=False))
    browser.get(page(school)).submit("main form", name="张老师", login="zhang")
    assert browser.find("#first-password")


@pytest.mark.parametrize(
    ("name", "login", "field"), [("", "zhang", "name"), ("张", "张三", "login")]
)
def test_what_cannot_be_is_said_and_kept(
    browser: Browser, school: School, name: str, login: str, field: str
) -> None:
    sent = browser.get(page(school)).fill("main form")
    browser.post(page(school), {**sent, "name": name, "login": login})
    assert browser.status == 400
    assert browser.find(f"#wrong-{field}")
    assert browser.find("#login")["value"] == login


def test_a_province_gets_its_first_account(platform: Platform, browser: Browser) -> None:
    browser.get("/ops/provinces")
    assert "山东省 1 0" in browser.text
    browser.get("/ops/provinces/370000/account")
    browser.submit("main form", name="省老师", login="sheng")
    assert browser.find("#first-password")
    assert "山东省 1 1" in browser.get("/ops/provinces").text
    with platform.resources.readers() as session:
        made = session.scalars(select(Staff).where(Staff.login == "sheng")).one()
        assert (made.role, made.province, made.school_id) == ("province", "370000", None)


@pytest.mark.parametrize("code", ["370100", "99", "nobody"])
def test_what_is_no_province_has_no_page(browser: Browser, code: str) -> None:
    assert browser.get(f"/ops/provinces/{code}/account").status == 404
