"""She reads where her file is, what to do when it does not come in, and need not ask an address."""

from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from registry.numbers.posting import noting
from registry.numbers.posting.directory import FileReceiver
from registry.numbers.posting.noting import PostRoom
from registry.numbers.posting.states import PostingWay
from registry.numbers.posting.waybill import Waybill
from registry.record.tables import Graduate
from registry.review.application_moves import current
from tests.pages import Browser
from tests.wxapp.graduate.registering import FORM, TRANSFER, choose
from tests.wxapp.school.records import Campus
from tests.wxapp.site import Site

CENTRE = FileReceiver("青岛市人才服务中心", "福州南路8号", "266071", "档案科", "0532-85012345")
TODAY = date(2026, 6, 10)


def posted(campus: Campus, graduate: Graduate, way: PostingWay = PostingWay.EMS) -> None:
    campus.report(graduate)
    room = PostRoom(campus.scope, "staff:x", campus.at)
    noting.post(campus.session, room, graduate.key, Waybill(way, "EA123456785CN", TODAY), CENTRE)


def act(site: Site, graduate: Graduate, deed: str) -> None:
    """Note something of her posting, a month later."""

    def later(campus: Campus, her: Graduate) -> None:
        room = PostRoom(campus.scope, "staff:x", site.clock())
        key = noting.standing_of(campus.session, [her.id])[her.id].key
        if deed == "receive":
            noting.receive(campus.session, room, key, TODAY + timedelta(days=2))
        else:
            noting.come_back(campus.session, room, key, TODAY + timedelta(days=2), "地址不详")

    site.change(graduate, later)


def section(browser: Browser) -> str:
    return browser.find("section[aria-label=档案寄送]").get_text(" ", strip=True)


def test_she_reads_by_what_it_went_and_where_to(site: Site) -> None:
    graduate = site.graduate(posted)
    openid = site.bind(graduate)
    said = section(site.enter(openid))
    assert "2026年6月10日由学校通过EMS寄出" in said
    assert "EA123456785CN" in said
    assert "青岛市人才服务中心，福州南路8号" in said
    assert "无需操作，收档单位签收后会在此显示" in said
    site.clock.move(timedelta(days=31))
    said = section(site.enter(openid))
    assert "寄出已超过 30 天，学校未收到签收回执" in said
    assert "按单号查询" in said
    act(site, graduate, "receive")
    said = section(site.enter(openid))
    assert "已签收（6月12日）" in said
    assert "30 天" not in said


def test_what_came_back_is_told_with_what_to_do(site: Site) -> None:
    graduate = site.graduate(posted)
    site.clock.move(timedelta(days=3))
    act(site, graduate, "return")
    said = section(site.enter(site.bind(graduate)))
    assert "退件" in said
    assert "档案被退回学校，请核对登记的收档单位和地址" in said


def test_nothing_is_said_of_a_file_that_was_not_posted(site: Site) -> None:
    def reported(campus: Campus, her: Graduate) -> None:
        campus.report(her)

    browser = site.enter(site.bind(site.graduate(reported)))
    assert not browser.find_all("section[aria-label=档案寄送]")


@pytest.mark.parametrize(("typed", "kept"), [("", "福州南路8号"), ("香港中路1号", "香港中路1号")])
def test_the_address_of_a_unit_the_school_has_posted_to_need_not_be_typed(
    site: Site, typed: str, kept: str
) -> None:
    site.graduate(posted)
    graduate = site.graduate()
    browser = site.enter(site.bind(graduate))
    choose(browser, "70")
    phone = "0532-85012346" if typed else ""
    sent = {**TRANSFER, "file_type": "托管单位接收", "file_unit": CENTRE.unit}
    browser.get(f"{FORM}/transfer").submit(**{**sent, "file_address": typed, "file_phone": phone})

    def address(session: Session) -> str:
        draft = current(session, graduate.id)
        return draft.values["file_address"] if draft else ""

    assert site.read(address) == kept
