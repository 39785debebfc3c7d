"""One's own account: the password, where it is signed in, the WeChat that gets probes."""

import pytest
from sqlalchemy import select

from notifier.binding import colleagues
from registry.accounts import devices
from registry.accounts.passwords import give_first
from registry.accounts.sessions import hash_of
from registry.accounts.staff import NewStaff, create_staff
from registry.accounts.tables import AuditEntry, Role, Staff
from tests.pages import Browser
from tests.wxapp.site import Site, find_campus

PASSWORD, NEW = "correct horse battery", "another long password"
PLACES = {
    Role.SCHOOL: "/school/",
    Role.PROVINCE: "/province/",
    Role.OPERATOR: "/ops/",
    Role.RECEIVER: "/receiver/",
    Role.MINISTRY: "/ministry/",
}
EDGE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/130.0 Safari/537.36 Edg/130.0"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Safari/604.1 MicroMessenger/8.0"


def add_staff(site: Site, role: Role = Role.SCHOOL) -> Staff:
    with site.resources.sessions.begin() as session:
        school = find_campus(session, site).school
        places: dict[Role, dict[str, object]] = {
            Role.SCHOOL: {"school_id": school.id},
            Role.PROVINCE: {"province": "370000"},
        }
        new = NewStaff("teacher", "王老师", role, **places.get(role, {}))  # type: ignore[arg-type]  # one place each
        return create_staff(session, new, PASSWORD, site.clock())


@pytest.fixture
def staff(site: Site) -> Staff:
    return add_staff(site)


def sign_in(site: Site, password: str = PASSWORD, agent: str = EDGE) -> Browser:
    browser = site.browser()
    browser.client.environ_base["HTTP_USER_AGENT"] = agent
    return browser.get("/login").submit(login="teacher", password=password)


def prove(browser: Browser) -> Browser:
    return browser.get("/account/prove").submit("form[action$=prove]", password=PASSWORD)


def deeds(site: Site) -> list[str]:
    wanted = select(AuditEntry.action).where(AuditEntry.action.not_like("sign_in%"))
    return list(site.read(lambda session: session.scalars(wanted).all()))


def change(browser: Browser, old: str = PASSWORD, new: str = NEW, again: str = NEW) -> Browser:
    return browser.get("/account").submit(
        "form[action='/account/password']", old=old, password=new, again=again
    )


@pytest.mark.parametrize("role", PLACES)
def test_everybody_finds_the_account_beside_the_name(site: Site, role: Role) -> None:
    add_staff(site, role)
    browser = sign_in(site)
    assert browser.path == PLACES[role]
    browser.follow("王老师")
    assert browser.find("h1").text == "我的账号"
    assert browser.follow("回到工作台").path == PLACES[role]


def test_a_changed_password_leaves_only_this_browser_signed_in(site: Site, staff: Staff) -> None:
    here, there = sign_in(site), sign_in(site)
    before = here.client.get_cookie("quxiang")
    change(here)
    assert "密码已修改" in here.find("[role=status]").text
    assert here.get("/school/").path == "/school/"
    after = here.client.get_cookie("quxiang")
    assert before is not None
    assert after is not None
    assert before.value != after.value
    assert there.get("/school/").path == "/login"
    assert sign_in(site).status == 400
    assert sign_in(site, NEW).path == "/school/"
    assert deeds(site) == ["password_change"]


def test_a_wrong_old_password_changes_nothing_and_stands_at_its_field(
    site: Site, staff: Staff
) -> None:
    here, there = sign_in(site), sign_in(site)
    change(here, old="not the password")
    assert here.status == 400
    assert "原密码不对" in here.find("[role=alert]").text
    assert here.find("#old[aria-invalid]")
    assert there.get("/school/").path == "/school/"
    assert deeds(site) == []


def test_guessing_the_old_password_gets_slow(site: Site, staff: Staff) -> None:
    browser = sign_in(site)
    for _ in range(5):
        change(browser, old="guess")
    change(browser)
    assert browser.status == 429
    assert "秒后再试" in browser.find("[role=alert]").text


def test_a_first_password_opens_nothing_but_its_change(site: Site, staff: Staff) -> None:
    with site.resources.sessions.begin() as session:
        give_first(session, session.get_one(Staff, staff.id), PASSWORD, site.clock())
    browser = sign_in(site)
    assert browser.path == "/account"
    assert browser.find("h1").text == "请先设置自己的密码"
    for closed in ("/school/", "/staff", "/", "/account/members"):
        assert browser.get(closed).path == "/account", closed
    answer = browser.client.get("/school/tasks", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (403, "/account")
    change(browser)
    assert browser.get("/school/").path == "/school/"


def test_the_list_of_sessions_says_where_and_which_is_this_one(site: Site, staff: Staff) -> None:
    here, _ = sign_in(site), sign_in(site, agent=PHONE)
    prove(here)
    rows = [
        row.get_text(" ", strip=True) for row in here.find_all("section:has(#devices) tbody tr")
    ]
    assert len(rows) == 2
    assert any("iPhone · 微信" in row and "退出" in row for row in rows)
    assert any("Windows · Edge" in row and "正在使用" in row for row in rows)


def test_one_session_is_ended_and_the_others_go_on(site: Site, staff: Staff) -> None:
    here, there, third = sign_in(site), sign_in(site), sign_in(site)
    form = prove(here).find_all("form[action='/account/sessions/end']")[0]
    here.submit(form)
    assert here.path == "/account"
    assert sorted([there.get("/school/").path, third.get("/school/").path]) == [
        "/login",
        "/school/",
    ]


def test_all_other_sessions_are_ended_at_once(site: Site, staff: Staff) -> None:
    here, there, third = sign_in(site), sign_in(site), sign_in(site)
    prove(here).submit("form[action$=end-others]", "退出其他 2 处登录")
    assert there.get("/school/").path == third.get("/school/").path == "/login"
    assert "没有其他设备" in here.text


def test_nobody_ends_anothers_session(site: Site, staff: Staff) -> None:
    with site.resources.sessions.begin() as session:
        new = NewStaff("other", "李老师", Role.SCHOOL, school_id=staff.school_id)
        create_staff(session, new, PASSWORD, site.clock())
    here, there = sign_in(site), site.browser().get("/login")
    there.submit(login="other", password=PASSWORD)
    cookie = there.client.get_cookie("quxiang")
    assert cookie is not None
    asked = prove(here).fill("form[action='/account/password']")
    stolen = {"csrf_token": str(asked["csrf_token"]), "session": hash_of(cookie.value)}
    here.post("/account/sessions/end", stolen)
    assert there.get("/school/").path == "/school/"


def test_the_wechat_that_gets_probes_is_linked_from_here(site: Site, staff: Staff) -> None:
    browser = sign_in(site).get("/account")
    assert "/wechat/login?to=colleague" in browser.find("#wechat").text
    assert str(browser.find("#wechat img")["src"]).startswith("data:image/svg+xml")
    with site.resources.sessions.begin() as session:
        colleagues.link(session, staff, "o-teacher", site.clock())
    browser.get("/account").submit("#wechat form", "解除绑定")
    assert not site.read(lambda session: colleagues.is_linked(session, staff.id))
    assert deeds(site) == ["wechat_unlink"]


def test_who_gets_no_probes_is_not_asked_for_a_wechat(site: Site) -> None:
    add_staff(site, Role.OPERATOR)
    assert not sign_in(site).get("/account").find_all("#wechat")


def test_a_browser_that_signed_in_can_be_removed(site: Site, staff: Staff) -> None:
    browser = prove(sign_in(site))
    known = browser.find("section:has(#known)").get_text()
    assert "Windows · Edge" in known
    browser.submit("form[action$=forget]")
    assert browser.find_all("form[action$=forget]") == []
    assert site.read(lambda session: devices.of_staff(session, staff.id, site.clock())) == []
    assert "device_forget" in deeds(site)


def test_with_all_other_sessions_only_this_browser_stays_known(site: Site, staff: Staff) -> None:
    here, _ = sign_in(site), sign_in(site, agent=PHONE)
    prove(here).submit("form[action$=end-others]")
    known = site.read(lambda session: devices.of_staff(session, staff.id, site.clock()))
    assert [each.summary for each in known] == ["Windows · Edge"]
