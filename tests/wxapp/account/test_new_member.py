"""New accounts are made within one's own circle, with a first password that is shown once."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import select

from registry.accounts.school_tables import School
from registry.accounts.tables import AuditEntry, Role, Staff
from registry.base.paging import PAGE
from tests.audit_rows import DEEDS
from tests.pages import Browser
from tests.wxapp.school.conftest import Console
from tests.wxapp.school.records import Campus

NEW = "/account/members/new"
PASSWORD = "a password of her own"
CIRCLES = {
    "school": ["school", "department", "counsellor"],
    "province": ["province"],
    "operator": ["operator", "receiver", "ministry"],
}
"""Who looks after accounts -> the roles they may give."""
LANDINGS = {
    "school": "/school/",
    "department": "/school/",
    "counsellor": "/school/",
    "province": "/province/",
    "operator": "/ops/",
    "receiver": "/receiver/",
    "ministry": "/ministry/",
}
OUTSIDE = [(who, role.value) for who in CIRCLES for role in Role if role not in CIRCLES[who]]


def everybody(console: Console) -> Sequence[Staff]:
    with console.resources.readers.begin() as session:
        return session.scalars(select(Staff).order_by(Staff.id)).all()


def made(console: Console) -> list[Staff]:
    """Return who is there beside those that the console began with."""
    return [each for each in everybody(console) if each.login.startswith("new")]


def fill_in(console: Console, caretaker: str, role: str, **written: str) -> Browser:
    """Write a new member of a role down, in the first department where it wants one."""
    if role == "department":
        written = {"department": console.campus.departments[0].key, **written}
    values = {"role": role, "name": "李老师", "login": "new.li", **written}
    return console.browser(caretaker).get(NEW).submit("main form", **values)


def send(browser: Browser, **written: str) -> Browser:
    """Send what the form does not offer, with a token that is good."""
    token = str(browser.find_all("input[name=csrf_token]")[0]["value"])
    standing = {"role": "school", "department": "", "name": "李老师", "login": "new.li"}
    return browser.post(NEW, {"csrf_token": token, **standing, **written})


@pytest.mark.parametrize(("caretaker", "role"), [(who, r) for who in CIRCLES for r in CIRCLES[who]])
def test_who_is_new_signs_in_with_the_password_shown_and_changes_it(
    console: Console, caretaker: str, role: str
) -> None:
    page = fill_in(console, caretaker, role)
    password = page.find("#first-password").text
    (member,), by = made(console), console.staff[caretaker]
    assert (member.school_id, member.province) == (by.school_id, by.province)
    assert page.get(f"/account/members/{member.key}").status == 200
    assert password not in page.text
    assert "待本人改初始密码" in page.find(".heading").text
    theirs = Browser(console.app.test_client()).get("/login")
    theirs.submit(login="New.Li", password=password)
    assert theirs.find("h1").text == "请先设置自己的密码"
    theirs.submit("main form", old=password, password=PASSWORD, again=PASSWORD)
    assert theirs.get("/staff").path == LANDINGS[role]


def test_a_new_member_is_noted_without_the_password(console: Console) -> None:
    page = fill_in(console, "school", "department")
    (member,), by = made(console), console.staff["school"]
    with console.resources.readers.begin() as session:
        (entry,) = session.scalars(select(AuditEntry).where(DEEDS)).all()
    assert (entry.actor, entry.action) == (f"staff:{by.key}", "staff_create")
    assert (entry.subject, entry.school_id) == (f"staff:{member.key}", by.school_id)
    assert entry.details["role"] == "department"
    said = {each["title"]: (each["before"], each["after"]) for each in entry.details["changes"]}
    assert said["身份"] == (None, "院系")
    assert said["只读"] == (None, False)
    assert page.find("#first-password").text not in member.password_hash


def test_somebody_of_a_department_sees_that_department(console: Console) -> None:
    page = fill_in(console, "school", "department", department=console.campus.departments[1].key)
    assert "化工学院" in page.find(".pairs").text
    (member,) = made(console)
    assert member.department_id == console.campus.departments[1].id


WRONG = [
    ({"name": " "}, "name", "请填写姓名"),
    ({"name": "李" * 81}, "name", "姓名最多 80 个字"),
    ({"name": "李\u200b老师"}, "name", "看不见或显示不出来的字符"),
    ({"login": " "}, "login", "请填写登录名"),
    ({"login": "n" * 65}, "login", "登录名最多 64 个字符"),
    ({"login": "李老师"}, "login", "登录名只能用英文字母、数字"),
    ({"login": "new li"}, "login", "登录名只能用英文字母、数字"),
    ({"department": ""}, "department", "身份是“院系”，还要选择院系"),
    ({"role": "school"}, "department", "不属于某个院系"),
]


@pytest.mark.parametrize(("changed", "field", "sentence"), WRONG)
def test_what_is_wrong_is_said_at_its_field_and_nothing_typed_is_lost(
    console: Console, changed: dict[str, str], field: str, sentence: str
) -> None:
    department = console.campus.departments[1].key
    written = {"role": "department", "department": department, "name": "李老师", "login": "new.li"}
    written.update(changed)
    page = console.browser().get(NEW).submit("main form", **written)
    assert page.status == 400
    complaint = page.find("[role=alert]")
    assert sentence in complaint.text
    assert page.find(f"#{field}")["aria-describedby"] == complaint["id"]
    standing = page.fill("main form")
    assert {name: standing[name] for name in written} == written
    assert made(console) == []


@pytest.mark.parametrize("where", ["here", "elsewhere"])
def test_a_login_that_is_taken_is_taken_in_every_school(
    console: Console, other: Campus, where: str
) -> None:
    campus = console.campus if where == "here" else other
    taken = campus.staff(Role.SCHOOL)
    campus.save()
    page = fill_in(console, "school", "school", login=f" {taken.login.upper()} ")
    assert page.status == 400
    assert "已有人使用" in page.find("#wrong-login").text
    assert [each.login for each in everybody(console)].count(taken.login) == 1


def test_the_same_form_sent_again_makes_nobody_twice(console: Console) -> None:
    browser = console.browser().get(NEW)
    sent = browser.fill("main form", role="school", name="李老师", login="new.li")
    assert browser.post(NEW, sent).status == 200
    assert browser.post(NEW, sent).status == 400
    assert len(made(console)) == 1


@pytest.mark.parametrize("key", ["theirs", "nonsense"])
def test_a_department_of_another_school_is_not_found(
    console: Console, other: Campus, key: str
) -> None:
    department = other.departments[0].key if key == "theirs" else key
    page = send(console.browser().get(NEW), role="department", department=department)
    assert page.status == 400
    assert "没有找到这个院系" in page.find("#wrong-department").text
    assert made(console) == []


@pytest.mark.parametrize(("caretaker", "role"), [*OUTSIDE, ("school", ""), ("school", "rector")])
def test_nobody_gives_a_role_outside_the_circle(
    console: Console, caretaker: str, role: str
) -> None:
    browser = console.browser(caretaker).get(NEW)
    offered = [str(each["value"]) for each in browser.find_all("input[name=role]")]
    assert offered == CIRCLES[caretaker]
    page = send(browser, role=role)
    assert page.status == 400
    assert "请选择这位工作人员的身份" in page.find("#wrong-role").text
    assert made(console) == []


@pytest.mark.parametrize("caretaker", ["province", "operator"])
def test_who_has_no_school_finds_no_department(console: Console, caretaker: str) -> None:
    browser, (role, *_) = console.browser(caretaker).get(NEW), CIRCLES[caretaker]
    page = send(browser, role=role, department=console.campus.departments[0].key)
    assert page.status == 400
    assert "没有找到这个院系" in page.find("[role=alert]").text
    assert made(console) == []


@pytest.mark.parametrize("role", ["department", "receiver"])
def test_who_looks_after_nobody_makes_nobody(console: Console, role: str) -> None:
    console.staff["receiver"] = console.campus.staff(Role.RECEIVER)
    console.campus.save()
    browser = console.browser(role).get("/account")
    assert send(browser, role=role).status == 403
    assert browser.get(NEW).status == 403
    assert made(console) == []


def test_a_stranger_is_led_to_the_sign_in(console: Console) -> None:
    stranger = Browser(console.app.test_client()).get("/login")
    assert send(stranger).path == "/login"
    assert made(console) == []


def test_a_form_without_its_token_makes_nobody(console: Console) -> None:
    browser = console.browser().get(NEW)
    sent = browser.fill("main form", role="school", name="李老师", login="new.li")
    sent.pop("csrf_token")
    assert browser.post(NEW, sent).status == 400
    assert made(console) == []


def test_who_is_new_stands_at_the_end_of_the_list(console: Console) -> None:
    for _ in range(PAGE):
        console.campus.staff(Role.DEPARTMENT, 0)
    console.campus.save()
    browser = fill_in(console, "school", "school").follow("全部工作人员")
    assert "new.li" not in browser.text
    assert "new.li" in browser.follow("下一页").text
    last = made(console)[-1]
    assert "没有账号了" in browser.get(f"/account/members?after={last.key}").text
    assert browser.follow("回到第一页").path == "/account/members"


def test_who_is_alone_is_advised_to_have_company(console: Console) -> None:
    browser = console.browser("operator").get("/account/members")
    assert "目前只有一个账号" in browser.text
    browser.follow("新增工作人员").submit("main form", role="operator", name="赵", login="new.zhao")
    assert "目前只有一个账号" not in browser.get("/account/members").text


def test_a_school_without_departments_is_told_where_they_come_from(console: Console) -> None:
    with console.resources.sessions.begin() as session:
        school = School(code="10002", name="新学校", created_at=console.campus.at)
        session.add(school)
        session.flush()
        session.get_one(Staff, console.staff["school"].id).school_id = school.id
    assert "导入名单后会按名单建立" in console.browser().get(NEW).text


def test_every_role_says_what_it_is_for(repository: Path) -> None:
    page = (repository / "templates" / "account" / "new_member.html").read_text(encoding="utf-8")
    assert [role for role in Role if f'"{role}": "' not in page] == []
