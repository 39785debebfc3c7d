"""A province makes the first account of a school of its own that has none."""

from sqlalchemy import select, update

from registry.accounts.tables import Role, Staff
from tests.wxapp.school.conftest import Console
from tests.wxapp.school.records import Campus


def without_account(console: Console) -> None:
    with console.resources.sessions.begin() as session:
        session.execute(update(Staff).where(Staff.role == Role.SCHOOL).values(active=False))


def test_a_school_without_an_account_is_named_and_gets_one(console: Console) -> None:
    browser = console.browser("province")
    assert "尚未建立管理账号" not in browser.get("/province/schools").text
    without_account(console)
    browser.get("/province/schools").follow(console.campus.school.name)
    browser.submit("main form", name="张老师", login="zhang")
    assert browser.find("#first-password")
    with console.resources.readers() as session:
        made = session.scalars(select(Staff).where(Staff.login == "zhang")).one()
        assert (made.role, made.school_id) == ("school", console.campus.school.id)
    assert "尚未建立管理账号" not in browser.get("/province/schools").text


def test_another_provinces_school_does_not_exist(console: Console, other: Campus) -> None:
    other.school.province = "110000"
    other.save()
    browser = console.browser("province")
    token = browser.get("/account").fill("main form")["csrf_token"]
    path = f"/province/schools/{other.school.key}/account"
    assert browser.get(path).status == 404
    sent = {"csrf_token": token, "name": "张老师", "login": "zhang"}
    assert browser.post(path, sent).status == 404
