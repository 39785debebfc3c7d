"""She binds her WeChat, by the code that only her phone receives, and can end it."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from notifier.binding import sms_after_commit
from notifier.ledger.tables import Binding
from registry.accounts import puzzles
from registry.accounts.school_tables import School
from registry.accounts.sessions import hash_of
from registry.accounts.tables import AuditEntry, OneTimeCode, WebSession
from registry.codes import identity
from registry.record.tables import Graduate
from tests.pages import Browser
from tests.wxapp.school.records import PHONE, Campus
from tests.wxapp.site import Site, find_campus

IDENTITY = "110101200303071230"


def report(campus: Campus, graduate: Graduate) -> None:
    graduate.identity_sealed = campus.vault.seal(identity.IDENTITY, graduate.id, IDENTITY)
    graduate.identity_index = identity.identity_index(campus.vault, IDENTITY)
    campus.report(graduate)


@pytest.fixture
def graduate(site: Site) -> Graduate:
    return site.graduate(report)


@pytest.fixture
def browser(site: Site) -> Browser:
    return site.enter(site.sandbox.control.add_phone("新来的"), "confirmation")


def ask(browser: Browser, name: str = "李娟", number: str = IDENTITY) -> Browser:
    browser.get("/g/bind")
    return browser.submit(button=first_code(browser), name=name, identity_number=number)


CLAIM, PROOF = "获取验证码", "同意并绑定"
AGAIN = "重新获取"


def first_code(browser: Browser) -> str:
    """Return what the button for a code says: whether one was sent before."""
    return browser.find("button[formaction='/g/bind']").get_text(strip=True)


def prove(browser: Browser, code: str) -> Browser:
    return browser.submit(button=PROOF, code=code)


def asks_for_the_code(browser: Browser) -> bool:
    return bool(browser.find_all("#code-note"))


def code_on_the_phone(site: Site, phone: str = PHONE) -> str:
    sms_after_commit.settle()
    found = re.search(r"\d{6}", site.sandbox.control.sms(phone)[-1]["text"])
    assert found is not None
    return found.group()


def sms_count(site: Site) -> int:
    sms_after_commit.settle()
    return len(site.sandbox.control.sms())


def test_whoever_is_not_bound_is_asked_who_she_is(browser: Browser) -> None:
    assert browser.path == "/g/bind"
    assert browser.find("#identity_number")["autocomplete"] == "off"


def test_the_right_code_binds_and_leads_on(
    site: Site, browser: Browser, graduate: Graduate
) -> None:
    ask(browser)
    assert browser.path == "/g/bind"
    before = browser.client.get_cookie("quxiang")
    prove(browser, code_on_the_phone(site))
    assert "绑定成功" in browser.text
    assert "绑定成功，已绑定测试大学" in browser.text
    assert "李*。不是本人？请解除绑定。" in browser.text
    after = browser.client.get_cookie("quxiang")
    assert before is not None
    assert after is not None
    assert before.value != after.value
    assert browser.path == "/g/confirmation"
    assert "绑定成功" not in browser.get("/g/confirmation").text, "it is said once"
    bound = site.read(lambda session: session.scalars(select(Binding.graduate_id)).all())
    assert list(bound) == [graduate.id]


@pytest.mark.in_ci
@pytest.mark.slow
def test_a_lecture_hall_at_one_address_binds_without_a_wait(site: Site) -> None:
    """Slow: 104 people come in through WeChat, each in a browser of her own."""
    vault, hall = site.resources.vault, range(104)
    with site.resources.sessions.begin() as session:
        campus = find_campus(session, site)
        for number in hall:
            index = identity.identity_index(vault, f"E{number:08}")
            campus.graduate(identity_index=index, phone=f"1990001{number:04}")
    browsers = [site.enter(site.sandbox.control.add_phone("同学")) for _ in hall]
    for number, browser in enumerate(browsers):
        assert ask(browser, number=f"E{number:08}").status == 200, browser.text
    for number, browser in enumerate(browsers):
        code = code_on_the_phone(site, f"1990001{number:04}")
        assert "绑定成功" in prove(browser, code).text, browser.text


def test_a_miss_reads_and_sends_the_same_page_but_no_message(
    site: Site, browser: Browser, graduate: Graduate
) -> None:
    before = sms_count(site)
    missed = ask(browser, name="李四").text
    assert sms_count(site) == before
    other = site.enter(site.sandbox.control.add_phone("本人"))
    assert ask(other).text == missed
    assert sms_count(site) == before + 1


def test_a_wrong_code_is_asked_again_and_five_end_it(
    site: Site, browser: Browser, graduate: Graduate
) -> None:
    ask(browser)
    right = code_on_the_phone(site)
    wrong = "000000" if right != "000000" else "111111"
    prove(browser, wrong)
    assert browser.status == 400
    assert "验证码不对" in browser.find("[role=alert]").get_text()
    for _ in range(4):
        prove(browser, wrong)
    prove(browser, right)
    assert browser.status == 400
    assert "绑定成功" not in browser.text


def test_a_code_opens_nothing_in_another_browser(
    site: Site, browser: Browser, graduate: Graduate
) -> None:
    ask(browser)
    code = code_on_the_phone(site)
    thief = ask(site.enter(site.sandbox.control.add_phone("同学")), name="李四")
    assert prove(thief, code).status == 400


def assert_kept(browser: Browser, words: str, number: str = IDENTITY) -> None:
    assert words in browser.find("[role=alert]").get_text(strip=True)
    assert browser.find("#name")["value"] == "李娟"
    assert browser.find("#identity_number")["value"] == number


def test_what_was_typed_is_kept_through_every_error(
    site: Site, browser: Browser, graduate: Graduate
) -> None:
    ask(browser, number="11010120030307123O")
    assert browser.status == 400
    assert_kept(browser, "字母", "11010120030307123O")
    browser.submit(button=CLAIM, name="李娟", identity_number=IDENTITY)
    assert browser.status == 200
    right = code_on_the_phone(site)
    assert_kept(browser.submit(button=AGAIN), "秒后再获取")
    assert_kept(prove(browser, ""), "6 位验证码")
    assert_kept(prove(browser, "000000" if right != "000000" else "111111"), "验证码不对")
    site.clock.move(timedelta(minutes=6))
    assert_kept(prove(browser, right), "验证码已失效")
    assert not asks_for_the_code(browser)
    browser.submit(button=CLAIM)
    assert "绑定成功" in prove(browser, code_on_the_phone(site)).text


def test_the_code_is_asked_for_on_the_same_page_with_a_countdown(
    site: Site, browser: Browser, graduate: Graduate
) -> None:
    assert not asks_for_the_code(browser)
    ask(browser)
    assert asks_for_the_code(browser)
    button = browser.find("button[formaction='/g/bind']")
    assert (button["data-wait"], button.get_text(strip=True)) == ("60", AGAIN)
    site.clock.move(timedelta(seconds=20))
    browser.get("/g/bind")
    assert browser.find("button[formaction='/g/bind']")["data-wait"] == "40"
    assert not browser.find("#identity_number").get("value")
    assert "绑定成功" in prove(browser, code_on_the_phone(site)).text


def test_who_has_no_such_phone_any_more_is_led_to_a_person(
    site: Site, browser: Browser, graduate: Graduate
) -> None:
    site.change(graduate, lambda campus, _: setattr(campus.school, "helpline", "010-5550 0100"))
    ask(browser).follow("手机号已停用或没有登记")
    assert browser.status == 200
    school = site.read(lambda session: session.scalars(select(School)).one())
    assert f"{school.name} 010-5550 0100" in browser.text
    assert "就业老师" in browser.text


def test_among_many_schools_hers_is_found_by_name(site: Site, browser: Browser) -> None:
    with site.resources.sessions.begin() as session:
        for number in range(30):
            school = School(
                code=f"2{number:04}", name=f"第{number:02}大学", created_at=site.clock()
            )
            session.add(school)
    browser.get("/g/help/phone")
    assert len(browser.find_all("dl dt")) == 20
    browser.submit(school="第27")
    assert [each.get_text() for each in browser.find_all("dl dt")] == ["第27大学"]
    assert "没有找到这所学校" in browser.submit(school="第99大学").text


def test_asking_again_has_to_wait_a_minute(
    site: Site, browser: Browser, graduate: Graduate
) -> None:
    ask(browser)
    assert ask(browser).status == 400
    assert "秒后再获取" in browser.text
    site.clock.move(timedelta(seconds=61))
    assert ask(browser).status == 200


def test_who_asks_too_often_gets_the_status_of_too_many_requests(
    site: Site, browser: Browser, graduate: Graduate
) -> None:
    for _ in range(12):
        ask(browser)
        if browser.find_all("#puzzle_answer"):
            typed = {"name": "李娟", "identity_number": IDENTITY}
            browser.submit(
                button=first_code(browser), **typed, puzzle_answer=puzzle_of(site, browser)
            )
        if "操作太频繁" in browser.text:
            break
        site.clock.move(timedelta(seconds=61))
    assert browser.status == 429


def puzzle_of(site: Site, browser: Browser) -> str:
    """Read the picture that a browser was shown."""
    cookie = browser.client.get_cookie("quxiang")
    assert cookie is not None
    whose = hash_of(cookie.value)
    return site.read(lambda session: puzzles.given(session, whose, site.clock())) or ""


def test_the_address_of_the_code_leads_to_the_page_that_asks_for_it(browser: Browser) -> None:
    assert browser.get("/g/bind/code").path == "/g/bind"
    assert not asks_for_the_code(browser)


def test_who_is_bound_is_not_asked_again(site: Site, graduate: Graduate) -> None:
    bound = site.enter(site.bind(graduate))
    assert bound.get("/g/bind").path == "/g/"


def test_unbinding_says_what_follows_and_ends_the_session(site: Site, graduate: Graduate) -> None:
    openid = site.bind(graduate)
    browser = site.enter(openid).get("/g/me").follow("解除微信绑定")
    assert "不能再查看和确认去向" in browser.text
    site.prove(openid, browser, "unbind").submit()
    assert "已解除绑定" in browser.text
    assert browser.get("/g/").leads_to is not None
    assert site.enter(openid).path == "/g/bind"
    actions = site.read(lambda session: session.scalars(select(AuditEntry.action)).all())
    assert "unbound_by_graduate" in actions


def test_another_window_of_hers_is_out_as_well(site: Site, graduate: Graduate) -> None:
    openid = site.bind(graduate)
    first, second = site.enter(openid), site.enter(openid)
    site.prove(openid, first, "unbind").submit()
    assert second.get("/g/").leads_to is not None


def test_neither_number_nor_phone_is_left_anywhere_readable(
    site: Site, browser: Browser, graduate: Graduate, capsys: pytest.CaptureFixture[str]
) -> None:
    ask(browser)
    code = code_on_the_phone(site)
    prove(browser, code)
    pages = [browser.get(path).text for path in ("/g/", "/g/me", "/g/confirmation", "/g/messages")]
    rows = site.read(
        lambda session: [
            str(vars(row))
            for table in (WebSession, OneTimeCode, AuditEntry)
            for row in session.scalars(select(table))
        ]
    )
    keys = [site.resources.redis.get(key) for key in site.resources.redis.scan_iter()]
    logged = capsys.readouterr()
    everything = " ".join([*pages, *rows, str(keys), *logged])
    for secret in (IDENTITY, PHONE):
        assert secret not in everything
    assert code not in " ".join([*rows, *logged])
    assert "110101********1230" in pages[1]
