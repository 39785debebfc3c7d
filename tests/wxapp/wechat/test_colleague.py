"""A colleague links a WeChat by signing in once inside it; nobody is signed in by that."""

import pytest
from sqlalchemy import func, select

from notifier.ledger.tables import Colleague
from registry.accounts.staff import NewStaff, create_staff
from registry.accounts.tables import AuditEntry, Role, Staff
from tests.pages import Browser
from tests.registry.second_factor.phone import turn_on
from tests.wxapp.site import Site, find_campus

PASSWORD = "a-long-password-for-7"


@pytest.fixture
def teacher(site: Site) -> str:
    """Add a member of staff; return an openid of a phone of theirs."""
    with site.resources.sessions.begin() as session:
        school = find_campus(session, site).school
        new = NewStaff("teacher", "王老师", Role.SCHOOL, school_id=school.id)
        create_staff(session, new, PASSWORD, site.clock())
    return site.sandbox.control.add_phone("王老师")


def linked(site: Site) -> int:
    return site.read(lambda s: s.scalar(select(func.count()).select_from(Colleague)) or 0)


def link(site: Site, openid: str, password: str = PASSWORD) -> Browser:
    return site.enter(openid, "colleague").submit(login="teacher", password=password)


def test_who_signs_in_inside_wechat_is_linked_and_not_signed_in(site: Site, teacher: str) -> None:
    browser = link(site, teacher)
    assert "本微信可以收到试发的消息：王老师（测试大学" in browser.text
    assert browser.get("/school/").path.startswith("/login")
    actions = site.read(lambda s: s.scalars(select(AuditEntry.action)).all())
    assert actions == ["wechat_link"]


def test_a_wrong_password_links_nobody_and_says_so(site: Site, teacher: str) -> None:
    browser = link(site, teacher, "wrong")
    assert browser.status == 400
    assert "登录名或密码不对" in browser.find("[role=alert]").get_text()
    assert browser.fill("form")["login"] == "teacher"
    assert linked(site) == 0


def test_a_link_is_undone_in_the_same_wechat(site: Site, teacher: str) -> None:
    link(site, teacher).submit("form", "解除绑定")
    assert linked(site) == 0


def test_outside_wechat_the_page_leads_there(site: Site) -> None:
    assert site.browser().get("/wechat/colleague").leads_to is not None


def test_with_a_second_factor_the_password_alone_links_nothing(site: Site, teacher: str) -> None:
    with site.resources.sessions.begin() as session:
        staff = session.scalars(select(Staff)).one()
        phone, _ = turn_on(session, site.resources.vault, staff, site.clock())
    browser = link(site, teacher)
    assert browser.status == 400
    assert linked(site) == 0
    code = phone.code(site.clock())
    browser.submit(login="teacher", password=PASSWORD, code=code)
    assert linked(site) == 1
