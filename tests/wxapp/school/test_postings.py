"""The page of one graduate's file: it is posted, comes in or back, and mistakes are taken back."""

from datetime import date

import pytest
from sqlalchemy import select

from registry.accounts.tables import AuditEntry
from registry.numbers.posting.tables import Posting
from registry.record.tables import Graduate
from tests.pages import Browser
from tests.wxapp.school.conftest import Console

TODAY = date(2026, 6, 10)
POST = "form[action$='/posting']"


@pytest.fixture
def graduate(console: Console) -> Graduate:
    campus = console.campus
    found = campus.report(
        campus.graduate("李娟"), file_address="福州南路8号", file_phone="0532-85012345"
    )
    campus.save()
    return found


def the_card(console: Console, graduate: Graduate, role: str = "school") -> Browser:
    return console.browser(role).get(f"/school/transfer/file/{graduate.key}")


def post(browser: Browser, number: str = "EA123456785CN", **more: str) -> Browser:
    return browser.submit(POST, number=number, **more)


def chips(browser: Browser) -> list[str]:
    return [
        each.get_text(" ", strip=True) for each in browser.find_all(".chips[aria-label=寄送] a")
    ]


def test_a_file_is_posted_from_what_is_registered(console: Console, graduate: Graduate) -> None:
    browser = the_card(console, graduate)
    assert "尚未生成转递编号，收档单位无法核验" in browser.text
    form = browser.fill(POST, number="ea 123456785 cn")
    assert (form["unit"], form["address"]) == ("青岛市人才服务中心", "福州南路8号")
    assert form["posted_on"] == "2026-06-10"
    browser.post(f"/school/transfer/file/{graduate.key}/posting", form)
    browser.post(f"/school/transfer/file/{graduate.key}/posting", form)
    assert "2026年6月10日 通过EMS寄出，单号 EA123456785CN" in browser.text
    (row,) = console.campus.session.scalars(select(Posting))
    assert (row.unit, row.phone, row.posted_on) == (form["unit"], "0532-85012345", TODAY)
    assert not browser.find_all(POST), "one at a time"


def test_what_was_typed_stays_where_it_is_refused(console: Console, graduate: Graduate) -> None:
    browser = post(the_card(console, graduate), "单号", postcode="26607", phone="1")
    assert browser.status == 400
    assert "单号应为 5 至 40 位数字或字母" in browser.find("[role=alert]").get_text()
    post(browser, "12345678", phone="1")
    assert "请填写手机号" in browser.find("#wrong-phone").get_text()
    assert browser.fill(POST)["number"] == "12345678"
    assert not console.campus.session.scalars(select(Posting)).all()


def test_the_receipt_is_noted_and_taken_back(console: Console, graduate: Graduate) -> None:
    browser = post(the_card(console, graduate))
    browser.submit("form[action*='/received']", received_on="2026-06-09")
    assert "签收日期不能早于寄出日期（2026-06-10）" in browser.text
    browser.submit("form[action*='/received']", received_on="2026-06-10")
    assert "已签收" in browser.text
    browser.submit("form[action*='/withdraw']")
    assert "已寄出" in browser.text
    browser.submit("form[action*='/returned']", returned_on="2026-06-10", reason="地址不详")
    assert "2026年6月10日，地址不详" in browser.text
    post(browser, "370001234", way="confidential")
    assert "退件，已重寄" in browser.text
    browser.submit("form[action*='/remove']", reason="单号填错")
    assert "已删除" in browser.text
    assert "单号填错" in browser.text
    assert "撤销退件登记" in browser.text
    actions = console.campus.session.scalars(
        select(AuditEntry.action).where(AuditEntry.subject == f"graduate:{graduate.key}")
    )
    deeds = [each for each in actions if each.startswith("file_")]
    assert deeds == [
        *("file_posted", "file_received", "file_arrival_withdrawn", "file_returned"),
        *("file_posted", "file_posting_removed"),
    ]


def test_the_list_counts_and_finds_by_where_files_are(console: Console, graduate: Graduate) -> None:
    campus = console.campus
    campus.report(campus.graduate("赵敏"))
    campus.report(campus.graduate("王建国"), file_type="暂存学校", file_unit="")
    campus.save()
    post(the_card(console, graduate))
    browser = console.browser().get("/school/transfer?posting=posted")
    assert chips(browser) == ["寄送 全部 3", "未寄 1", "已寄 1", "已签收 0", "退件 0", "不用寄送 1"]
    assert [each.get_text() for each in browser.find_all("td a")] == ["李娟"]
    assert "6月10日 EA123456785CN" in browser.text
    assert "1 人" in browser.find(".heading").get_text()
    browser.get("/school/transfer?posting=stays")
    assert [each.get_text() for each in browser.find_all("td a")] == ["王建国"]
    assert chips(browser.get("/school/transfer?q=赵敏"))[:2] == ["寄送 全部 1", "未寄 1"]
    assert browser.get("/school/transfer?posting=no").status == 400
    assert not chips(browser.get("/school/transfer/household?posting=posted"))


def test_a_file_that_stays_has_no_form(console: Console) -> None:
    campus = console.campus
    stays = campus.report(campus.graduate("王建国"), file_type="暂存学校", file_unit="")
    campus.save()
    browser = the_card(console, stays)
    assert "档案转递类型为“暂存学校”，不用寄送" in browser.text
    assert not browser.find_all(POST)


def test_the_directory_fills_and_checks_addresses(console: Console, graduate: Graduate) -> None:
    campus = console.campus
    blank = campus.report(campus.graduate("赵敏"))
    moved = campus.report(campus.graduate("王建国"), file_address="香港中路1号")
    campus.save()
    assert "暂无收档单位" in console.browser().get("/school/receivers").text
    post(the_card(console, graduate))
    browser = the_card(console, blank)
    assert browser.fill(POST)["address"] == "福州南路8号"
    browser = the_card(console, moved)
    warned = "档案转递单位地址与上次寄往该单位时（福州南路8号）不同"
    assert warned in browser.text
    post(browser, "EA1234567", unit="济南市人才服务中心", address="", phone="")
    browser.get("/school/receivers?q=青岛")
    assert "福州南路8号" in browser.find("tbody").get_text()
    assert len(browser.get("/school/receivers").find_all("tbody tr")) == 2
    assert "没有找到“上海”" in browser.get("/school/receivers?q=上海").text


def test_a_department_posts_its_own(console: Console, graduate: Graduate) -> None:
    assert "已寄出" in post(the_card(console, graduate, "department")).text
