"""Posting files by hand and mouse: the slips of a department, one posting, its receipt."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from registry.record.tables import Graduate, Source
from tests.browser.conftest import Open
from tests.browser.devices import DESK, NARROW, PHONE
from tests.browser.served import served_application
from tests.browser.width import fits
from tests.wxapp.school.conftest import Console, app, console, records, resources

__all__ = ["app", "console", "records", "resources"]

CARD = 3 * 26 + 14
"""Pixels of a person on a phone: three lines, with what lies between."""
TO = {"file_address": "福州南路8号", "file_postcode": "266071", "file_phone": "0532-85012345"}


@pytest.fixture
def served(console: Console) -> Iterator[str]:
    with served_application(console.app) as address:
        yield address


@pytest.fixture
def graduates(console: Console) -> list[Graduate]:
    campus = console.campus
    found = [
        campus.report(campus.graduate(name, department), Source.IMPORT, **TO)
        for name, department in (("李娟", 0), ("王建国", 0), ("赵敏", 1))
    ]
    campus.save()
    return found


def opened(page: Page, console: Console, served: str) -> Page:
    """Sign in as the school, and open the list of files to be transferred."""
    cookie = console.browser().client.get_cookie("quxiang")
    assert cookie is not None
    page.context.add_cookies([{"name": "quxiang", "value": cookie.value, "url": served}])
    page.goto(f"{served}/school/transfer")
    return page


@pytest.fixture
def many(console: Console) -> None:
    """Let thirty have destinations, and files to be posted."""
    for number in range(30):
        console.campus.report(console.campus.graduate(f"同学{number:02}", number % 2))
    console.campus.save()


@pytest.mark.usefixtures("many")
@pytest.mark.parametrize("path", ["transfer", "transfer?kind=household", "verification"])
def test_twenty_are_seen_on_a_desk_and_three_lines_of_each_on_a_phone(
    open_page: Open, console: Console, served: str, path: str
) -> None:
    desk = opened(open_page(**DESK), console, served)
    desk.goto(f"{served}/school/{path}")
    boxes = [row.bounding_box() for row in desk.locator("tbody tr").all()]
    assert len([box for box in boxes if box and box["y"] + box["height"] <= 800]) >= 20
    assert fits(desk)
    assert desk.locator(".rows").evaluate("each => each.scrollWidth - each.clientWidth") == 0
    phone = opened(open_page(**NARROW), console, served)
    phone.goto(f"{served}/school/{path}")
    rows = [row.bounding_box() for row in phone.locator("tbody tr").all()]
    assert max(box["height"] for box in rows if box) <= CARD
    assert fits(phone)


WIDEST = "each => { each.textContent = each.textContent.slice(0, 7) + ' WWWW WWWW WWW' }"
"""The widest number that may be drawn, behind the school's own digits."""


@pytest.mark.parametrize("device", [DESK, NARROW], ids=["desk", "phone"])
def test_a_number_and_a_waybill_are_read_whole_in_the_list(
    open_page: Open,
    console: Console,
    served: str,
    graduates: list[Graduate],
    device: dict[str, object],
) -> None:
    card = console.browser().get(f"/school/transfer/file/{graduates[0].key}")
    card.submit("main form[action$='/number']")
    longest = {"number": "EA123456785CN", "posted_on": "2025-12-31"}
    card.submit("main form[action$='/posting']", None, **longest)
    page = opened(open_page(**device), console, served)
    row = page.locator("tbody tr", has_text="EA123456785CN")
    expect(row.locator(".issued-number")).to_be_visible()
    row.locator(".issued-number").evaluate(WIDEST)
    for cell in (".b-state", ".b-then"):
        hidden = "each => each.scrollWidth - each.clientWidth"
        assert row.locator(cell).evaluate(hidden) <= 0, cell
    assert fits(page)


@pytest.mark.parametrize("more", [{}, {"java_script_enabled": False}], ids=["script", "none"])
def test_what_else_a_list_can_do_is_folded_on_a_phone_alone(
    open_page: Open,
    console: Console,
    served: str,
    graduates: list[Graduate],
    more: dict[str, object],
) -> None:
    desk = opened(open_page(**DESK, **more), console, served)
    expect(desk.get_by_text("更多", exact=True)).to_be_hidden()
    expect(desk.get_by_role("button", name="地址标签")).to_be_visible()
    phone = opened(open_page(**NARROW, **more), console, served)
    expect(phone.get_by_role("button", name="地址标签")).to_be_hidden()
    phone.get_by_text("更多", exact=True).focus()
    phone.keyboard.press("Enter")
    phone.get_by_role("button", name="地址标签").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("地址标签")


def test_what_is_folded_on_a_phone_is_reached_by_touch_and_by_key_alone(
    open_page: Open, console: Console, served: str, graduates: list[Graduate]
) -> None:
    phone = opened(open_page(**NARROW), console, served)
    more, labels = phone.get_by_text("更多", exact=True), "地址标签"
    more.tap()
    expect(phone.get_by_role("button", name=labels)).to_be_visible()
    more.tap()
    expect(phone.get_by_role("button", name=labels)).to_be_hidden()
    more.focus()
    phone.keyboard.press("Space")
    button = phone.get_by_role("button", name=labels)
    for _ in range(10):
        phone.keyboard.press("Tab")
        if button.evaluate("each => each === document.activeElement"):
            break
    expect(button).to_be_focused()
    assert fits(phone)
    phone.keyboard.press("Enter")
    expect(phone.get_by_role("heading", level=1)).to_have_text(labels)


@pytest.mark.parametrize("device", [DESK, NARROW], ids=["desk", "phone"])
def test_slips_of_a_department_take_five_clicks(
    open_page: Open,
    console: Console,
    served: str,
    graduates: list[Graduate],
    device: dict[str, object],
) -> None:
    page = opened(open_page(**device), console, served)
    page.locator("summary", has_text="筛选").click()
    page.get_by_label("院系").select_option(label="计算机学院")
    page.get_by_role("button", name="筛选", exact=True).click()
    page.get_by_role("button", name="档案转递单").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="下载").click()
    assert download.value.suggested_filename.startswith("档案转递单_2026届_")


@pytest.mark.parametrize("device", [DESK, PHONE], ids=["desk", "phone"])
def test_a_posting_and_its_receipt_are_typed(
    open_page: Open,
    console: Console,
    served: str,
    graduates: list[Graduate],
    device: dict[str, object],
) -> None:
    page = opened(open_page(**device), console, served)
    assert fits(page)
    page.get_by_role("link", name="李娟").click()
    page.get_by_label("单号").fill("EA123456785CN")
    assert page.get_by_label("档案转递单位地址").input_value() == "福州南路8号"
    page.get_by_role("button", name="登记寄送").click()
    expect(page.get_by_text("通过EMS寄出，单号")).to_be_visible()
    assert fits(page)
    page.get_by_label("签收日期").fill("2026-06-10")
    page.get_by_role("button", name="登记签收").click()
    expect(page.get_by_role("button", name="撤销签收登记")).to_be_visible()
    page.goto(f"{served}/school/transfer?posting=received")
    expect(page.get_by_role("link", name="李娟")).to_be_visible()
    page.goto(f"{served}/school/receivers")
    expect(page.get_by_role("link", name="青岛市人才服务中心")).to_be_visible()
    assert fits(page)
