"""The list of graduates on a desk and on a phone: how much is seen, in how many clicks it acts."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from registry.record.list_tables import Selection
from tests.browser.conftest import Open
from tests.browser.devices import DESK, NARROW
from tests.browser.served import served_application
from tests.pdf_reading import pages_of
from tests.wxapp.school.conftest import Console, app, console, reachable, records, resources

__all__ = ["app", "console", "reachable", "records", "resources"]

A4 = 794
"""Pixels of a page's width."""
LINE = 26
"""Pixels of a row; three of them are a card on a phone, with what lies between."""


NOTHING_HIDDEN = "part => part.scrollWidth <= part.clientWidth"


@pytest.fixture
def served(reachable: Console) -> Iterator[str]:
    """Serve a school of sixty, three of whom have reported."""
    for number in range(57):
        reachable.campus.graduate(f"同学{number:02}", number % 2, class_name="软件工程2201班")
    reachable.campus.save()
    with served_application(reachable.app) as address:
        yield address


def opened(open_page: Open, console: Console, served: str, device: Mapping[str, Any]) -> Page:
    page = open_page(**device)
    cookie = console.browser().client.get_cookie("quxiang")
    assert cookie is not None
    page.context.add_cookies([{"name": "quxiang", "value": cookie.value, "url": served}])
    page.goto(f"{served}/school/graduates")
    return page


@pytest.fixture
def desk(open_page: Open, reachable: Console, served: str) -> Page:
    return opened(open_page, reachable, served, DESK)


@pytest.fixture(params=[DESK, NARROW], ids=["desk", "phone"])
def either(
    request: pytest.FixtureRequest, open_page: Open, reachable: Console, served: str
) -> Page:
    """Open the list on a desk and on a phone: a job takes as many clicks on either."""
    return opened(open_page, reachable, served, request.param)


def test_twenty_people_are_seen_on_a_desk_without_scrolling(desk: Page) -> None:
    boxes = [row.bounding_box() for row in desk.locator("tbody tr").all()]
    seen = [box for box in boxes if box and box["y"] + box["height"] <= 800]
    assert len(seen) >= 20
    wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    assert not desk.evaluate(wide)


def test_the_columns_of_a_desk_stand_beside_one_another_and_a_class_is_whole(
    open_page: Open, reachable: Console, served: str
) -> None:
    campus = reachable.campus
    named = {"student_number": "202339010001", "major": "计算机科学与技术"}
    long = campus.graduate("欧阳明远", 0, class_name="计算机科学与技术2203班", **named)
    campus.report(long, unit_name="新疆维吾尔自治区乌鲁木齐市天山区人力资源和社会保障局")
    campus.save()
    desk = opened(open_page, reachable, served, DESK)
    desk.goto(f"{served}/school/graduates?sort=-reported")
    row = desk.locator("tbody tr", has_text="欧阳明远")

    assert desk.locator(".rows").evaluate(NOTHING_HIDDEN)
    for part in (".p-class", ".p-number", ".p-reported"):
        assert row.locator(part).evaluate(NOTHING_HIDDEN), part


def test_a_person_is_three_lines_on_a_phone(
    open_page: Open, reachable: Console, served: str
) -> None:
    page = opened(open_page, reachable, served, NARROW)
    heights = [
        box["height"] for row in page.locator("tbody tr").all() if (box := row.bounding_box())
    ]
    assert max(heights) <= 3 * LINE + 14
    wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    assert not page.evaluate(wide)


def test_all_are_reminded_in_three_clicks(either: Page) -> None:
    either.get_by_label("勾选本页全部").click()
    either.get_by_role("button", name="发提醒").click()
    expect(either.get_by_label("学号，一行一个")).not_to_have_value("")
    either.get_by_role("button", name="下一步").click()
    expect(either.get_by_role("heading", level=1)).to_have_text("去向登记确认提醒")


def test_a_list_is_exported_in_two_clicks(either: Page) -> None:
    either.get_by_role("button", name="导出 60 人").click()
    with either.expect_download() as download:
        either.get_by_role("button", name="下载").click()
    assert download.value.suggested_filename.endswith(".xlsx")


def test_a_list_is_printed_from_the_first_page_on(desk: Page) -> None:
    first, *others = pages_of(desk.pdf(format="A4"))
    assert "毕业生60人" in first
    assert "李娟" in first
    assert all("学号" in each for each in (first, *others)), (
        "each page has the heading of the table"
    )


def test_a_printed_list_cuts_nothing(desk: Page, reachable: Console) -> None:
    long = "青岛市黄岛区隐珠街道海之韵信息技术开发与咨询服务股份有限公司第二分公司"
    reachable.campus.report(reachable.campus.graduate("欧阳"), unit_name=long)
    reachable.campus.save()
    desk.goto(f"{desk.url}?q=欧阳")
    assert any(long in each for each in cut_cells(desk)), "a screen shows it when it is pointed at"
    desk.emulate_media(media="print")
    desk.set_viewport_size({"width": A4, "height": 1123})
    assert cut_cells(desk) == []


def cut_cells(page: Page) -> list[str]:
    """Return what the cells say whose words are wider than they are."""
    cells = page.locator(".rows :is(td, th)")
    cut = "cells => cells.filter(each => each.scrollWidth > each.clientWidth + 1)"
    said: list[str] = cells.evaluate_all(f"cells => ({cut})(cells).map(each => each.textContent)")
    return said


def test_a_list_is_ordered_on_a_phone(open_page: Open, reachable: Console, served: str) -> None:
    page = opened(open_page, reachable, served, NARROW)
    page.get_by_role("link", name="姓名", exact=True).click()
    expect(page).to_have_url(re.compile("sort=name"))


def test_shift_ticks_all_between_and_a_turned_page_keeps_them(
    desk: Page, reachable: Console
) -> None:
    expect(desk.get_by_role("group", name="批量办理")).to_be_hidden()
    ticks = desk.locator("[data-tick]")
    ticks.nth(1).click()
    ticks.nth(4).click(modifiers=["Shift"])
    bar = desk.get_by_role("group", name="批量办理")
    expect(bar).to_contain_text("已勾选 4 人")
    desk.get_by_role("link", name="下一页").click()
    expect(desk.locator("[data-tick]")).to_have_count(10)
    desk.locator("[data-tick]").first.click()
    expect(bar).to_contain_text("已勾选 5 人")
    desk.get_by_role("link", name="上一页").click()
    expect(ticks.nth(4)).to_be_checked()
    bar.get_by_role("button", name="转递编号").click()
    expect(desk.get_by_role("heading", level=1)).to_have_text("档案转递")
    with reachable.resources.readers() as session:
        assert session.scalars(select(Selection.size)).all() == [5]


def test_a_class_is_offered_while_it_is_typed(desk: Page) -> None:
    desk.get_by_text("筛选", exact=True).first.click()
    desk.get_by_role("combobox", name="班级").fill("工程")
    expect(desk.locator("#l-class option")).to_have_count(1)
    desk.get_by_role("combobox", name="班级").fill("软件工程2201班")
    desk.locator(".tool-box").get_by_role("button", name="筛选").click()
    expect(desk.locator("h1 + span")).to_have_text("57 人")
