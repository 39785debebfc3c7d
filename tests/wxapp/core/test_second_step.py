"""Between password and second factor nobody is signed in: on no route, for no role."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from werkzeug.routing import Rule

from registry.accounts import passwords, sessions
from registry.accounts.sessions import Identity
from registry.accounts.staff import NewStaff, create_staff
from registry.accounts.tables import AuditEntry, Role, Staff, WebSession
from registry.second_factor import factor
from tests.pages import Browser
from tests.registry.second_factor.phone import Phone, turn_on
from tests.wxapp.site import Site, find_campus
from wxapp.core import rights
from wxapp.core.limits import limiter
from wxapp.core.sign_in import LANDINGS

PASSWORD = "correct horse battery"


@pytest.fixture
def strict(site: Site) -> Site:
    """Give the site where every role must have a second factor."""
    site.app = site.app_with(second_factor=frozenset(role.value for role in Role))
    return site


def add(site: Site, role: Role = Role.OPERATOR, login: str = "teacher") -> Staff:
    with site.resources.sessions.begin() as session:
        campus = find_campus(session, site)
        places: dict[Role, dict[str, object]] = {
            Role.SCHOOL: {"school_id": campus.school.id},
            Role.COUNSELLOR: {"school_id": campus.school.id},
            Role.DEPARTMENT: {
                "school_id": campus.school.id,
                "department_id": campus.departments[0].id,
            },
            Role.PROVINCE: {"province": "370000"},
            Role.EMPLOYER: {"employer_id": campus.employer().id},
        }
        new = NewStaff(login, "王老师", role, **places.get(role, {}))  # type: ignore[arg-type]  # one place each
        return create_staff(session, new, PASSWORD, site.clock())


def with_phone(site: Site, staff: Staff) -> tuple[Phone, list[str]]:
    with site.resources.sessions.begin() as session:
        mine = session.get_one(Staff, staff.id)
        return turn_on(session, site.resources.vault, mine, site.clock())


def sign_in(site: Site, password: str = PASSWORD) -> Browser:
    return site.browser().get("/login").submit(login="teacher", password=password)


def give_code(browser: Browser, code: str) -> Browser:
    return browser.submit("form[action='/login/code']:has(#code)", code=code)


def set_up(browser: Browser, site: Site) -> tuple[Phone, list[str]]:
    phone = Phone(browser.find("#secret").text.replace(" ", ""))
    browser.submit("form[action='/login/set-up']", code=phone.code(site.clock()))
    return phone, [each.text.strip() for each in browser.find_all(".phone-codes li")]


def deeds(site: Site) -> list[str]:
    return list(
        site.read(lambda s: s.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all())
    )


def of_staff(site: Site) -> int:
    wanted = select(func.count()).select_from(WebSession).where(WebSession.staff_id.is_not(None))
    return site.read(lambda session: session.scalar(wanted) or 0)


def staff_routes(site: Site) -> Iterator[tuple[Rule, str]]:
    for rule in site.app.url_map.iter_rules():
        if rule.endpoint.partition(".")[0] in rights.STAFF_DOORS - {"colleague", "second_step"}:
            for method in (rule.methods or set()) & {"GET", "POST"}:
                yield rule, method


def path_of(rule: Rule) -> str:
    return str(rule.build(dict.fromkeys(rule.arguments, "1"), append_unknown=False)[1])  # type: ignore[index]  # None only for missing arguments


@pytest.fixture
def unlimited(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a walk ask more than a person may."""
    monkeypatch.setattr(limiter, "enabled", False)


def assert_nobody_is_let_in(site: Site, browser: Browser) -> None:
    token = str(browser.find_all("input[name=csrf_token]")[0]["value"])
    for rule, method in staff_routes(site):
        data = {"csrf_token": token} if method == "POST" else None
        answer = browser.client.open(path_of(rule), method=method, data=data)
        where = answer.headers.get("Location")
        assert (answer.status_code, where) == (303, "/login"), (method, rule)
    assert browser.get("/staff").path == "/login"
    assert of_staff(site) == 0


@pytest.mark.usefixtures("unlimited")
def test_with_the_password_alone_no_staff_route_lets_in(strict: Site) -> None:
    with_phone(strict, add(strict, Role.SCHOOL))
    browser = sign_in(strict)
    assert browser.path == "/login/code"
    assert_nobody_is_let_in(strict, browser)


@pytest.mark.usefixtures("unlimited")
def test_without_a_phone_that_must_be_no_staff_route_lets_in(strict: Site) -> None:
    add(strict, Role.SCHOOL)
    browser = sign_in(strict)
    assert browser.path == "/login/set-up"
    assert_nobody_is_let_in(strict, browser)


@pytest.mark.parametrize("role", Role)
def test_every_role_is_asked_first_for_a_phone_then_for_its_code(strict: Site, role: Role) -> None:
    add(strict, role)
    browser = sign_in(strict)
    assert browser.path == "/login/set-up"
    assert browser.get(LANDINGS[role]).path == "/login"
    set_up(sign_in(strict), strict)
    browser = sign_in(strict)
    assert browser.path == "/login/code"
    assert browser.get(LANDINGS[role]).path == "/login"


def test_a_phone_is_set_up_after_the_password_and_asked_for_ever_after(strict: Site) -> None:
    add(strict)
    browser = sign_in(strict)
    phone, codes = set_up(browser, strict)
    assert len(codes) == factor.BACKUP_CODES
    assert browser.follow("已保存，继续").path == "/ops/"
    strict.clock.move(timedelta(minutes=1))
    again = give_code(sign_in(strict), phone.code(strict.clock()))
    assert again.path == "/ops/"
    assert deeds(strict) == ["sign_in_password", "factor_on", "sign_in_password", "sign_in"]


def test_a_wrong_first_code_shows_the_same_secret_again(strict: Site) -> None:
    add(strict)
    browser = sign_in(strict)
    before = browser.find("#secret").text
    browser.submit("form[action='/login/set-up']", code="000000")
    assert browser.status == 400
    assert "动态码不对" in browser.find("[role=alert]").text
    assert browser.find("#secret").text == before


def test_a_secret_is_shown_to_no_other_browser(strict: Site) -> None:
    add(strict)
    mine, anothers = sign_in(strict), sign_in(strict)
    assert mine.find("#secret").text != anothers.find("#secret").text


def test_a_code_seen_by_another_signs_nobody_in_again(site: Site) -> None:
    phone, _ = with_phone(site, add(site))
    mine, anothers = sign_in(site), sign_in(site)
    code = phone.code(site.clock())
    assert give_code(mine, code).path == "/ops/"
    assert give_code(anothers, code).status == 400
    assert anothers.get("/ops/").path == "/login"


def test_a_backup_code_signs_in_once_and_is_told(site: Site) -> None:
    _, codes = with_phone(site, add(site))
    form = "form[action='/login/code']:has(#backup_code)"
    browser = sign_in(site).submit(form, code=codes[0])
    assert browser.path == "/ops/"
    assert "还剩 9 个备用码" in browser.find("form.notice").text
    browser.submit("form.notice")
    assert not browser.find_all("form.notice")
    assert sign_in(site).submit(form, code=codes[0]).status == 400


def test_guessing_codes_gets_slow_and_is_told(site: Site) -> None:
    phone, _ = with_phone(site, add(site))
    browser = sign_in(site)
    for _ in range(factor.HERE.free):
        assert give_code(browser, "000000").status == 400
    assert give_code(browser, phone.code(site.clock())).status == 429
    site.clock.move(timedelta(seconds=2))
    assert give_code(browser, phone.code(site.clock())).path == "/ops/"
    assert "动态码多次不对" in browser.find("form.notice").text
    assert deeds(site).count("factor_wrong") == factor.HERE.free + 1


def test_who_has_no_password_cannot_slow_the_owner_down(site: Site) -> None:
    phone, _ = with_phone(site, add(site))
    stranger = site.browser().get("/login")
    token = str(stranger.find_all("input[name=csrf_token]")[0]["value"])
    for _ in range(20):
        assert (
            stranger.post("/login/code", {"csrf_token": token, "code": "000000"}).path == "/login"
        )
    assert give_code(sign_in(site), phone.code(site.clock())).path == "/ops/"


def test_the_password_is_good_for_a_quarter_of_an_hour(site: Site) -> None:
    phone, _ = with_phone(site, add(site))
    browser = sign_in(site)
    site.clock.move(timedelta(minutes=15))
    assert give_code(browser, phone.code(site.clock())).path == "/login"


def test_a_password_given_meanwhile_ends_the_way_in(site: Site) -> None:
    staff = add(site)
    phone, _ = with_phone(site, staff)
    browser = sign_in(site)
    with site.resources.sessions.begin() as session:
        passwords.give_first(session, session.get_one(Staff, staff.id), PASSWORD, site.clock())
    assert give_code(browser, phone.code(site.clock())).path == "/login"


def test_the_page_that_asked_is_come_back_to_after_the_code(site: Site) -> None:
    phone, _ = with_phone(site, add(site, Role.SCHOOL))
    browser = site.browser().get("/school/tasks")
    browser.submit(login="teacher", password=PASSWORD)
    assert give_code(browser, phone.code(site.clock())).path == "/school/tasks"


def test_a_first_password_is_changed_before_a_phone_is_set_up(strict: Site) -> None:
    staff = add(strict, Role.SCHOOL)
    with strict.resources.sessions.begin() as session:
        passwords.give_first(session, session.get_one(Staff, staff.id), PASSWORD, strict.clock())
    browser = sign_in(strict)
    assert browser.path == "/account"
    new = "another long password"
    form = "form[action='/account/password']"
    browser.submit(form, old=PASSWORD, password=new, again=new)
    assert browser.path == "/login/set-up"
    assert browser.get("/school/").path == "/login"
    set_up(sign_in(strict, new), strict)
    assert of_staff(strict) == 1


def test_a_session_from_before_the_setting_is_no_way_around_it(site: Site) -> None:
    add(site)
    browser = sign_in(site)
    assert browser.path == "/ops/"
    site.app = site.app_with(second_factor=frozenset({"operator"}))
    later = site.browser()
    cookie = browser.client.get_cookie("quxiang")
    assert cookie is not None
    later.client.set_cookie("quxiang", cookie.value)
    assert later.get("/ops/").path == "/login"


def test_a_role_that_need_not_is_not_asked(site: Site) -> None:
    site.app = site.app_with(second_factor=frozenset({"operator"}))
    add(site, Role.SCHOOL)
    assert sign_in(site).path == "/school/"


def test_of_a_reset_account_no_session_is_left(site: Site) -> None:
    staff = add(site)
    phone, _ = with_phone(site, staff)
    browser = give_code(sign_in(site), phone.code(site.clock()))
    with site.resources.sessions.begin() as session:
        factor.turn_off(session, session.get_one(Staff, staff.id))
    assert browser.get("/ops/").path == "/login"
    assert not site.read(lambda s: sessions.of_owner(s, Identity(staff.id), site.clock()))


def test_a_sign_in_from_a_new_browser_is_told_in_the_others_and_not_in_itself(site: Site) -> None:
    add(site)
    mine = sign_in(site)
    assert not mine.find_all("form.notice")
    site.clock.move(timedelta(minutes=1))
    anothers = sign_in(site)
    assert not anothers.find_all("form.notice")
    token = str(anothers.find_all("input[name=csrf_token]")[0]["value"])
    anothers.post("/account/notices/seen", {"csrf_token": token, "up_to": "1"})
    assert "有新设备登录了您的账号" in mine.get("/account").find("form.notice").text
    mine.submit("form.notice")
    assert not mine.get("/account").find_all("form.notice")


def test_a_browser_that_is_known_is_told_to_nobody(site: Site) -> None:
    add(site)
    other = sign_in(site)
    site.clock.move(timedelta(minutes=1))
    mine = sign_in(site)
    other.get("/account").submit("form.notice")
    mine.submit(".top-me form")
    mine.get("/login").submit(login="teacher", password=PASSWORD)
    assert not other.get("/account").find_all("form.notice")
