"""Accounts are looked after within one's own circle: disabled, enabled, given a password."""

from collections.abc import Sequence

import pytest
from sqlalchemy import select

from registry.accounts.tables import AuditEntry, Role, Staff
from registry.base.paging import PAGE
from tests.audit_rows import DEEDS
from tests.pages import Browser
from tests.wxapp.school.conftest import Console
from tests.wxapp.school.records import Campus

NEW = "another long password"
CARETAKERS: dict[str, list[tuple[str, int | None]]] = {
    "school": [("school", None), ("department", 0)],
    "province": [("province", None)],
    "operator": [("operator", None), ("receiver", None), ("ministry", None)],
}
"""Who looks after whom, as roles of the same place."""


def staff_of(campus: Campus, role: str, department: int | None = None) -> Staff:
    member = campus.staff(Role(role), department)
    campus.save()
    return member


def page_of(console: Console, caretaker: str, member: Staff) -> Browser:
    return console.browser(caretaker).get(f"/account/members/{member.key}")


def press(browser: Browser, words: str) -> Browser:
    """Press the button whose words begin so."""
    (form,) = [each for each in browser.find_all("main form") if words in each.get_text()]
    return browser.submit(form)


def sign_in(console: Console, member: Staff, password: str) -> Browser:
    browser = Browser(console.app.test_client()).get("/login")
    return browser.submit(login=member.login, password=password)


def deeds(console: Console) -> Sequence[tuple[str, str, str, int | None]]:
    about = (AuditEntry.subject, AuditEntry.school_id)
    with console.resources.readers.begin() as session:
        wanted = select(AuditEntry.actor, AuditEntry.action, *about).where(DEEDS)
        return session.execute(wanted).all()


CASES = [(who, *whom) for who, circle in CARETAKERS.items() for whom in circle]


@pytest.mark.parametrize(("caretaker", "role", "department"), CASES)
def test_who_is_disabled_is_out_on_the_next_request(
    console: Console, caretaker: str, role: str, department: int | None
) -> None:
    member = staff_of(console.campus, role, department)
    console.staff["them"] = member
    theirs = console.browser("them")
    assert theirs.get("/staff").path != "/login"
    page = press(page_of(console, caretaker, member), "停用")
    assert "已停用" in page.find(".heading").text
    assert theirs.get("/staff").path == "/login"
    by, theirs_key = console.staff[caretaker], f"staff:{member.key}"
    assert deeds(console) == [(f"staff:{by.key}", "staff_disable", theirs_key, by.school_id)]


def test_a_program_of_a_page_that_stands_open_is_told_401(console: Console) -> None:
    member = console.staff["department"]
    theirs = console.browser("department")
    press(page_of(console, "school", member), "停用")
    answer = theirs.client.get("/school/tasks", headers={"HX-Request": "true"})
    assert answer.status_code == 401


def test_who_is_enabled_signs_in_anew_and_the_old_session_stays_ended(console: Console) -> None:
    member, theirs = console.staff["department"], console.browser("department")
    page = press(page_of(console, "school", member), "停用")
    page = press(page, "启用")
    assert "正常" in page.find(".heading").text
    assert theirs.get("/school/").path == "/login"
    assert [action for _, action, _, _ in deeds(console)] == ["staff_disable", "staff_enable"]
    log = console.browser().get("/school/audit").text
    assert log.index("可登录：否 → 是") < log.index("可登录：是 → 否")


def test_disabled_twice_is_disabled_once(console: Console) -> None:
    page = page_of(console, "school", console.staff["department"])
    sent = page.fill("form[action$='/disable']")
    page.post(f"/account/members/{console.staff['department'].key}/disable", sent)
    page.post(f"/account/members/{console.staff['department'].key}/disable", sent)
    assert [action for _, action, _, _ in deeds(console)] == ["staff_disable"]


def test_a_given_password_is_shown_once_and_changed_at_the_first_sign_in(
    console: Console,
) -> None:
    member, theirs = console.staff["department"], console.browser("department")
    page = press(page_of(console, "school", member), "重设初始密码")
    password = page.find("#first-password").text
    assert password not in page.get(page.path.removesuffix("/password")).text
    assert "待本人改初始密码" in page.text
    assert theirs.get("/school/").path == "/login"
    theirs = sign_in(console, member, password)
    assert theirs.find("h1").text == "请先设置自己的密码"
    theirs.submit("main form", old=password, password=NEW, again=NEW)
    assert theirs.get("/school/").path == "/school/"
    assert sign_in(console, member, password).status == 400
    assert password not in str(deeds(console))


def test_ones_own_account_is_left_to_others(console: Console) -> None:
    own = console.staff["school"]
    page = page_of(console, "school", own)
    assert not page.find_all("main form")
    token = page.find_all("input[name=csrf_token]")[0]["value"]
    for deed in ("disable", "enable", "password"):
        page.post(f"/account/members/{own.key}/{deed}", {"csrf_token": str(token)})
        assert page.status == 400
        assert "自己的账号" in page.text
    assert page.get("/school/").status == 200
    assert deeds(console) == []


@pytest.mark.parametrize("caretaker", CARETAKERS)
def test_nobody_outside_ones_circle_exists(console: Console, other: Campus, caretaker: str) -> None:
    everybody = [staff_of(other, role.value) for role in Role]
    neighbour = staff_of(other, "province")
    with console.resources.sessions.begin() as session:
        session.get_one(Staff, neighbour.id).province = "110000"
    mine = {role for role, _ in CARETAKERS[caretaker]} - {"school", "department"}
    theirs = [neighbour, *(each for each in everybody if each.role not in mine)]
    browser = console.browser(caretaker)
    listed = browser.get("/account/members").text
    token = browser.find_all("input[name=csrf_token]")[0]["value"]
    for each in theirs:
        assert each.login not in listed
        assert browser.get(f"/account/members/{each.key}").status == 404
        for deed in ("disable", "enable", "password"):
            browser.post(f"/account/members/{each.key}/{deed}", {"csrf_token": str(token)})
            assert browser.status == 404, (each.role, deed)
        for place in ("after", "before"):
            assert each.login not in browser.get(f"/account/members?{place}={each.key}").text
    assert deeds(console) == []


@pytest.mark.parametrize("role", ["department", "receiver"])
def test_who_looks_after_nobody_is_not_let_in(console: Console, role: str) -> None:
    console.staff["receiver"] = staff_of(console.campus, "receiver")
    browser = console.browser(role).get("/account")
    assert "工作人员" not in browser.find("nav").text
    token = str(browser.find_all("input[name=csrf_token]")[0]["value"])
    key = console.staff["school"].key
    assert browser.get("/account/members").status == 403
    assert browser.get(f"/account/members/{key}").status == 403
    for deed in ("disable", "enable", "password"):
        path = f"/account/members/{key}/{deed}"
        assert browser.post(path, {"csrf_token": token}).status == 403


def test_a_long_list_is_turned_page_by_page(console: Console) -> None:
    made = [console.campus.staff(Role.DEPARTMENT, 0) for _ in range(PAGE)]
    console.campus.save()
    browser = console.browser().get("/account/members")
    first = browser.text
    assert "上一页" not in first
    last = browser.follow("下一页").text
    assert "下一页" not in last
    assert made[0].login in first
    assert made[-1].login in last
    assert browser.follow("上一页").text == first
