"""A graduate authorizes that her reports can be verified: warned, in force, looked up, ended."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from notifier.ledger.tables import Message
from registry.numbers.lookup import looking_up
from registry.numbers.tables import IssuedNumber
from tests.pages import Browser
from tests.wxapp.graduate.registering import FORM, fill_in
from tests.wxapp.graduate.verifying import (
    FILE,
    NUMBER,
    PAGE,
    PROOF,
    again,
    authorized,
    choose,
    confirmed,
    look_up,
    number_on,
    prove,
    reported,
)
from tests.wxapp.site import HOST, Site


def issued(site: Site) -> int:
    wanted = select(func.count()).select_from(IssuedNumber)
    return site.read(lambda session: session.scalars(wanted).one())


def test_once_proven_she_chooses_how_long_and_sees_her_number(site: Site) -> None:
    browser = confirmed(site, reported(site))
    assert [each.get_text(strip=True) for each in browser.find_all(".choice-hint")] == [
        "到 2026年6月17日",
        "到 2026年7月10日",
        "到 2026年9月10日",
        "到 2026年12月31日",
    ]
    prove(choose(browser, validity="month"))
    assert browser.path == PAGE
    assert "档案去向核验报告 生效中" in browser.text
    assert "有效期至 2026年7月10日" in browser.text
    assert "户口去向核验报告 未授权" in browser.text
    assert look_up(site, number_on(browser))
    assert browser.headers["Cache-Control"] == "no-store"


def test_the_number_and_its_link_are_in_no_address_and_on_no_other_page(site: Site) -> None:
    browser = authorized(site, reported(site))
    number = number_on(browser).replace(" ", "")
    assert str(browser.find("img")["src"]).startswith("data:image/png;base64,")
    links = [str(each.get("href", each.get("action"))) for each in browser.find_all("a, form")]
    assert not any(number in each or "/v/" in each for each in links)
    for path in ("/g/", f"{FILE}/views", f"{FILE}/extend", "/g/me"):
        assert number not in browser.get(path).text.replace(" ", ""), path


def test_without_a_confirmation_she_sees_why_not(site: Site) -> None:
    browser = site.enter(site.bind(reported(site)), "authorization")
    disabled = browser.find_all("[aria-disabled=true]")
    assert [each.get_text(strip=True) for each in disabled] == ["完成确认后可授权"] * 2
    assert not browser.find_all("#authorize")
    assert browser.get(PROOF).path == PAGE


def test_without_the_household_block_she_is_warned_and_may_go_on(site: Site) -> None:
    browser = confirmed(site, reported(site, household_type="", household_location=""))
    assert "尚未登记户口信息，现在授权的报告将不含此部分" in browser.text
    ticked = [str(each["value"]) for each in browser.find_all("#authorize [checked][name=kinds]")]
    assert ticked == ["file"]
    assert "档案信息，现在授权" not in browser.text
    prove(choose(browser, "household"))
    assert "户口去向核验报告 生效中" in browser.text


def test_a_report_without_the_block_says_so_until_it_is_registered(site: Site) -> None:
    graduate = reported(site, file_type="", file_unit="")
    browser = authorized(site, graduate)
    assert "这份报告不含档案信息" in browser.text
    site.change(graduate, lambda campus, her: campus.report(her))
    browser.get("/g/confirmation").submit("#right")
    assert "授权后登记信息有变更，原编号已失效" in browser.get(PAGE).text
    assert "这份报告不含" not in choose(browser).text


def test_a_validity_must_be_chosen_and_is_asked_for_again(site: Site) -> None:
    browser = confirmed(site, reported(site))
    for field, sentence in (("validity", "请先选择有效期。"), ("kinds", "请先选择要授权的报告。")):
        sent = browser.fill("#authorize")
        sent.setlist(field, [])
        assert sentence in browser.post(PAGE, sent).find("[role=alert]").get_text()
        assert browser.status == 400
    assert issued(site) == 0


def test_both_kinds_are_authorized_by_one_check(site: Site) -> None:
    browser = confirmed(site, reported(site))
    browser.submit("#authorize")
    assert "授权档案、户口去向核验（1 个月）前" in browser.text
    prove(browser)
    assert "档案去向核验报告 生效中" in browser.text
    assert "户口去向核验报告 生效中" in browser.text
    assert len(set(NUMBER.findall(browser.text))) == 2
    assert issued(site) == 2


def test_the_same_press_twice_is_one_authorization(site: Site) -> None:
    browser = confirmed(site, reported(site))
    sent = browser.fill("#authorize", kinds=["file"], validity="week")
    first = number_on(prove(browser.post(PAGE, sent)))
    assert number_on(browser.post(PAGE, sent)) == first
    assert issued(site) == 1


def test_she_extends_it_under_the_same_number(site: Site) -> None:
    browser = authorized(site, reported(site))
    number = number_on(browser)
    browser.follow("选择其他有效期")
    offered = [str(each["value"]) for each in browser.find_all("input[type=radio]")]
    assert offered == ["month", "quarter", "service"], "only what ends later"
    browser.submit(validity="service")
    assert "有效期至 2026年12月31日" in browser.text
    assert number_on(browser) == number
    assert "延长" not in browser.text
    assert "不能再延长" in browser.get(f"{FILE}/extend").text


def test_one_press_extends_it_for_the_usual_time(site: Site) -> None:
    browser = authorized(site, reported(site))
    number = number_on(browser)
    browser.submit(f"form[action='{FILE}/extend']", "延长至7月10日")
    assert "有效期至 2026年7月10日" in browser.text
    assert number_on(browser) == number
    assert browser.find(f"form[action='{FILE}/extend'] button").get_text() == "延长至9月10日"


def test_what_she_forwards_says_who_where_and_until_when(site: Site) -> None:
    browser = authorized(site, reported(site))
    number = number_on(browser)
    browser.follow("转给接收单位")
    words = browser.find("#forward-words").get_text()
    assert words == browser.find("[data-copy]")["data-copy"]
    first, link, by_number, until = words.splitlines()
    assert first == "李娟的档案去向核验报告"
    token = link.removeprefix(f"点开查看：{HOST}/v/")
    found = site.read(lambda session: looking_up.by_link(session, token, site.clock()))
    assert found.number is not None
    assert by_number == f"或打开 {HOST}/verify/file，输入姓名“李娟”和核验编号 {number}"
    assert until == "有效期至2026年6月17日（含当天）"
    browser.get(f"{PAGE}/household/forward")
    assert browser.path == PAGE, "nothing is in force"


def test_the_same_press_twice_is_one_extension(site: Site) -> None:
    browser = authorized(site, reported(site)).get(f"{FILE}/extend")
    sent = browser.fill("form", validity="service")
    for _ in range(2):
        assert browser.post(f"{FILE}/extend", sent).path == PAGE
    assert "有效期至 2026年12月31日" in browser.text


def test_a_shorter_validity_is_no_extension(site: Site) -> None:
    browser = authorized(site, reported(site), "quarter").get(f"{FILE}/extend")
    sent = browser.fill("form", validity="service")
    sent["validity"] = "week"
    browser.post(f"{FILE}/extend", sent)
    assert "现在的有效期到 9月10日" in browser.find("[role=alert]").get_text()


def test_revoking_says_what_follows_and_ends_the_number_at_once(site: Site) -> None:
    browser = authorized(site, reported(site))
    number = number_on(browser)
    dialog = browser.find("#revoke-file[role=dialog]")
    assert "核验编号和二维码立即失效" in dialog.get_text()
    browser.submit("#revoke-file form")
    assert "档案去向核验报告 未授权 您已撤销授权" in browser.text
    assert not NUMBER.search(browser.text)
    assert not look_up(site, number)


def test_revoking_twice_is_once(site: Site) -> None:
    browser = authorized(site, reported(site))
    sent = browser.fill("#revoke-file form")
    for _ in range(2):
        assert browser.post(f"{FILE}/revoke", sent).status == 200
    assert "您已撤销授权" in browser.text


def test_after_the_last_day_she_authorizes_anew_under_another_number(site: Site) -> None:
    graduate = reported(site)
    browser = authorized(site, graduate)
    old = number_on(browser)
    site.clock.move(timedelta(days=8))
    browser = again(site, graduate)
    assert "档案去向核验报告 已过期 2026年6月17日已到期" in browser.text
    prove(choose(browser))
    assert number_on(browser) != old
    assert not look_up(site, old)


def test_a_change_ends_it_and_the_page_says_so(site: Site) -> None:
    graduate = reported(site)
    browser = authorized(site, graduate)
    site.change(graduate, lambda campus, her: campus.report(her, unit_name="海尔集团公司"))
    browser.get(PAGE)
    assert "授权后登记信息有变更，原编号已失效" in browser.text
    assert "完成确认后可授权" in browser.text


def test_after_the_service_nothing_can_be_authorized(site: Site) -> None:
    graduate = reported(site)
    confirmed(site, graduate)
    site.clock.move(timedelta(days=205))
    browser = again(site, graduate)
    assert "核验服务已于2026年12月31日结束，不能再授权" in browser.text
    assert not browser.find_all("#authorize")


def test_she_sees_how_often_and_when_she_was_looked_up(site: Site) -> None:
    browser = authorized(site, reported(site))
    number = number_on(browser)
    assert "暂无查询" in browser.text
    assert "暂无查询" in browser.get(f"{FILE}/views").text
    look_up(site, number)
    site.clock.move(timedelta(hours=1))
    look_up(site, number, by_link=True)
    look_up(site, "2610425AAAAAAAA")
    browser.get(PAGE).follow("2 次，最近 今天 11:00")
    rows = [each.get_text(" ", strip=True) for each in browser.find_all(".sheet-line")]
    assert rows == ["11:00 扫描二维码", "10:00 输入姓名和核验编号"]
    assert [each.get_text() for each in browser.find_all("summary")] == ["6月10日 · 2 次"]


def test_of_many_lookups_the_latest_are_listed_and_all_counted(site: Site) -> None:
    browser = authorized(site, reported(site))
    number = number_on(browser)
    for _ in range(51):
        look_up(site, number)
    browser.get(f"{FILE}/views")
    assert len(browser.find_all(".sheet-line")) == 50
    assert "共 51 次，这里列出最近 50 次" in browser.text


def test_her_report_comes_as_pdf_while_it_is_in_force(site: Site) -> None:
    browser = authorized(site, reported(site)).get(f"{FILE}/report")
    assert browser.headers["Content-Type"] == "application/pdf"
    assert browser.headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''")
    assert browser.headers["Cache-Control"] == "no-store"
    assert browser.body.startswith(b"%PDF-")
    browser.get(f"{PAGE}/household/report")
    assert browser.status == 400
    assert "现在没有生效的授权" in browser.find("[role=alert]").get_text()


def test_the_home_page_shows_how_it_stands(site: Site) -> None:
    def strip(browser: Browser) -> str:
        return browser.get("/g/").find_all(".strip-step")[2].get_text(" ", strip=True)

    graduate = reported(site)
    browser = site.enter(site.bind(graduate))
    assert strip(browser) == "授权 未开始"
    browser.get("/g/confirmation").submit("#right")
    assert strip(browser) == "授权 未授权"
    prove(choose(browser))
    assert strip(browser) == "授权 生效中"
    assert "档案核验有效期至6月17日。" in browser.text
    site.clock.move(timedelta(days=8))
    assert strip(again(site, graduate)) == "授权 已过期"


@pytest.mark.parametrize("path", ["", "/extend", "/views", "/report", "/face/back/1"])
def test_there_are_two_kinds_and_no_third(site: Site, path: str) -> None:
    browser = confirmed(site, reported(site))
    assert browser.get(f"{PAGE}/transfer{path}").status == 404


def test_another_graduate_sees_nothing_of_it(site: Site) -> None:
    authorized(site, reported(site))
    other = confirmed(site, reported(site))
    assert not NUMBER.search(other.text)
    assert other.get(f"{FILE}/report").status == 400


ENDING = "审核通过后，您的档案核验授权将失效"


def test_before_a_void_is_sent_she_is_told_that_it_ends_her_authorization(site: Site) -> None:
    browser = authorized(site, reported(site))
    assert ENDING in browser.get("/g/void").text


def test_before_a_change_is_sent_she_is_told_that_it_ends_her_authorization(site: Site) -> None:
    browser = authorized(site, reported(site))
    browser.get("/g/").follow("更改去向").follow("开始更改")
    fill_in(browser)
    browser.get(f"{FORM}/destination").submit(button="go=later", unit_name="海尔集团公司")
    browser.get(f"{FORM}/transfer").submit(button="go=later", file_address="海尔路 1 号")
    assert ENDING in browser.get(f"{FORM}/review").text


def test_who_authorized_nothing_is_told_of_no_end(site: Site) -> None:
    confirmed(site, reported(site))
    assert "将失效" not in confirmed(site, reported(site)).get("/g/void").text


def test_a_change_by_the_school_says_that_it_ended_the_authorization(site: Site) -> None:
    graduate, other = reported(site), reported(site)
    authorized(site, graduate)
    confirmed(site, other)
    for each in (graduate, other):
        site.change(each, lambda campus, her: campus.report(her, unit_name="海尔集团公司"))
    facts = select(Message.facts).where(Message.kind == "registration_changed").order_by(Message.id)
    first, second = site.read(lambda session: session.scalars(facts).all())
    assert "核验授权已失效，请重新确认" in first
    assert "请核对后重新确认" in second
    said = "您的档案核验授权已失效，确认去向后可以重新授权"
    assert said in again(site, graduate).get("/g/").text
    assert said not in again(site, other).get("/g/").text
