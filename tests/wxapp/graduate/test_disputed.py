"""Who says that something is wrong is led on to where it can be corrected."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from registry.interface import feed, keys
from registry.interface.signatures import Algorithm
from registry.province import batch_decisions, batches
from registry.province.batches import Signature
from registry.record.tables import Graduate
from registry.review import applications
from tests.pages import Browser
from tests.registry.review.casework import AGREEMENT, PROVINCE, Casework
from tests.wxapp.school.records import Campus
from tests.wxapp.site import Site

PAGE = "/g/confirmation"
HMAC = Algorithm.HMAC_SHA256
CALL = "拨打学校咨询电话 010-5550 0100"
Prepared = Callable[[Campus, Graduate], object]


def report(campus: Campus, graduate: Graduate) -> None:
    campus.school.helpline = "010-5550 0100（工作日）"
    campus.report(graduate)


def report_without_helpline(campus: Campus, graduate: Graduate) -> None:
    campus.report(graduate)


def report_in_province(campus: Campus, graduate: Graduate) -> None:
    campus.school.correction_system = "山东省高校毕业生就业信息网"
    campus.school.correction_url = "https://example.com/sd"
    report(campus, graduate)


def report_synced(campus: Campus, graduate: Graduate) -> None:
    report_in_province(campus, graduate)
    campus.school.synced_at = campus.at


def file_with_province(campus: Campus, graduate: Graduate) -> None:
    campus.school.helpline = "010-5550 0100"
    Casework(campus, campus.at).register(graduate)
    signed = Signature("staff:x", "刘老师")
    batch = batches.send_batch(campus.session, campus.scope, 2026, signed, campus.at)
    batch_decisions.file_batch(campus.session, PROVINCE, batch.key, signed, campus.at)
    campus.session.refresh(graduate)


def disputed(site: Site, prepared: Prepared, *items: str, openid: str = "") -> Browser:
    """Say that parts are wrong; return the page that follows."""
    phone = openid or site.bind(site.graduate(prepared))
    browser = site.enter(phone, "confirmation")
    return browser.submit("#wrong", items=list(items))


def buttons(browser: Browser) -> list[tuple[str, str]]:
    found = browser.find_all("a.weui-btn_primary")
    return [(each.get_text(strip=True), str(each["href"])) for each in found]


def here(place: str) -> list[tuple[str, str]]:
    """Return the button that leads to one screen of the form, and back to the review screen."""
    return [("更改登记", f"/g/register/{place}")]


BY_PHONE = [(CALL, "tel:010-55500100")]
CASES = [
    (report, ("destination",), here("destination?check=1"), "请更改登记并提交审核"),
    (report, ("destination", "file"), here("review"), "请更改登记并提交审核"),
    (report, ("file", "basic"), here("transfer?check=1"), "姓名、学历、专业等个人信息请联系"),
    (report, ("basic",), BY_PHONE, "个人信息由学校更正"),
    (report_without_helpline, ("basic",), [], "请联系学校就业指导中心"),
    (
        report_in_province,
        ("household",),
        [("去山东省高校毕业生就业信息网", "https://example.com/sd")],
        "请在山东省高校毕业生就业信息网更新信息",
    ),
    (report_in_province, ("basic",), BY_PHONE, "个人信息由学校更正"),
    (file_with_province, ("file",), BY_PHONE, "由学校请省级退回后更正"),
]


@pytest.mark.parametrize(("prepared", "items", "offered", "said"), CASES)
def test_the_button_leads_to_where_hers_can_be_corrected(
    site: Site,
    prepared: Prepared,
    items: tuple[str, ...],
    offered: list[tuple[str, str]],
    said: str,
) -> None:
    browser = disputed(site, prepared, *items)
    for page in (browser, browser.get(PAGE)):
        assert buttons(page) == offered
        assert said in page.text


def test_the_last_synchronisation_is_named_where_another_system_corrects(site: Site) -> None:
    browser = disputed(site, report_synced, "destination")
    for page in (browser, browser.get(PAGE)):
        assert "最近一次同步" in page.text


def test_no_synchronisation_brings_what_only_the_school_corrects(site: Site) -> None:
    browser = disputed(site, report_synced, "basic")
    for page in (browser, browser.get(PAGE)):
        assert "最近一次同步" not in page.text


def test_after_the_last_day_the_school_is_asked(site: Site) -> None:
    openid = site.bind(site.graduate(report))
    disputed(site, report, "destination", openid=openid)
    site.clock.move(timedelta(days=90))
    browser = site.enter(openid, "confirmation")
    assert buttons(browser) == BY_PHONE
    assert "您反映的问题已提交学校" in browser.text
    assert "更改登记" not in browser.text
    assert browser.get("/g/").find(".phone-thumb a").get_text(strip=True) == "查看如何更正"


def test_before_she_says_so_the_page_promises_nothing_that_is_closed(site: Site) -> None:
    site.clock.move(timedelta(days=90))
    browser = site.enter(site.bind(site.graduate(report)), "confirmation")
    assert "更改登记" not in browser.text
    assert "就业指导中心核实更正" in browser.text


def test_what_she_began_to_change_is_gone_on_with(site: Site) -> None:
    def begun(campus: Campus, graduate: Graduate) -> None:
        report(campus, graduate)
        writer = Casework(campus, campus.at).writer(graduate)
        applications.save(campus.session, writer, AGREEMENT, applications.NEW)

    browser = disputed(site, begun, "destination")
    assert buttons(browser.get(PAGE)) == [("继续填写登记", "/g/register")]


def stages(browser: Browser) -> list[str]:
    return [each.get_text(" ", strip=True) for each in browser.find_all(".strip-step")]


def test_she_reads_how_far_the_other_systems_correction_has_come(site: Site) -> None:
    with site.resources.sessions.begin() as session:
        at = site.clock()
        keys.create(session, site.resources.vault, PROVINCE, HMAC, (at, None), at)
    browser = disputed(site, report_in_province, "destination").get(PAGE)
    waiting = ["反映有误 已提交", "省级接收 待接收", "更新同步 1–2 天", "重新确认 未开始"]
    assert stages(browser) == waiting
    with site.resources.sessions.begin() as session:
        page = feed.read(session, PROVINCE, None, 10, site.clock())
        feed.read(session, PROVINCE, page.next, 10, site.clock())
    assert stages(browser.get(PAGE))[1] == "省级接收 已接收"


def test_without_an_interface_nothing_is_said_of_the_other_systems_reading(site: Site) -> None:
    browser = disputed(site, report_in_province, "destination").get(PAGE)
    assert stages(browser) == ["反映有误 已提交", "更新同步 1–2 天", "重新确认 未开始"]
    assert stages(disputed(site, report_in_province, "basic").get(PAGE)) == []
