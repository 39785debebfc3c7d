"""What WeChat's script adds within WeChat, with the platform checking each page's signature."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open
from tests.browser.devices import PHONE
from tests.browser.served import served_site
from tests.browser.test_authorization import come_in, confirm, prove
from tests.clock import StandingClock
from tests.wxapp.site import Site

SAID = "不是本系统的核验二维码"


@pytest.fixture
def served(database_url: str, redis_url: str, clock: StandingClock) -> Iterator[Site]:
    with served_site(database_url, redis_url, clock) as site:
        yield site


def forwarding(page: Page, site: Site) -> str:
    """Authorize, open what forwards the number, and return the address of its QR code."""
    come_in(page, site)
    confirm(page)
    page.get_by_role("button", name="同意授权").click()
    prove(page)
    page.get_by_role("link", name="转给接收单位").first.click()
    words = page.locator("#forward-words").inner_text()
    return words.split("点开查看：")[1].split()[0]


def scan(page: Page, code: str) -> None:
    page.once("dialog", lambda dialog: dialog.accept(code))
    page.get_by_role("button", name="扫描核验二维码").click()


def test_a_number_is_forwarded_as_a_card_and_scanned_by_a_receiver(
    open_page: Open, served: Site
) -> None:
    page = open_page(**PHONE)
    address = forwarding(page, served)
    expect(page.get_by_text("也可以点右上角")).to_be_visible()
    card = page.evaluate("wx.shared")
    assert card["link"] == address
    assert "档案去向核验报告" in card["title"]
    assert page.evaluate("wx.posted") == []
    page.add_init_script("window.__wxjs_environment = 'miniprogram'")
    page.reload()
    page.wait_for_function("wx.posted.length")
    told = {"title": card["title"], "link": address, "page": page.url}
    assert page.evaluate("wx.posted") == [told]
    page.goto(f"{served.resources.settings.public_url}/verify/file")
    scan(page, "https://example.com/v/abc")
    expect(page.get_by_role("status")).to_contain_text(SAID)
    scan(page, address)
    page.wait_for_url(address)


def test_without_the_script_a_page_is_whole(open_page: Open, served: Site) -> None:
    page = open_page(**PHONE)
    page.route(
        "**/jweixin-*.js", lambda route: route.fulfill(content_type="text/javascript", body="")
    )
    page.goto(f"{served.resources.settings.public_url}/verify/file")
    expect(page.get_by_role("button", name="查询")).to_be_visible()
    expect(page.get_by_role("button", name="扫描核验二维码")).to_be_hidden()
