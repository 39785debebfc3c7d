"""核验授权 in a real browser, with scripts and without: proven, authorized, revoked."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from registry.numbers.lookup import looking_up
from tests.browser.conftest import Open
from tests.browser.devices import PHONE
from tests.browser.served import served_site
from tests.browser.width import fits
from tests.clock import StandingClock
from tests.pdf_reading import codes_of
from tests.wxapp.graduate.verifying import reported
from tests.wxapp.site import Site

WIDE_PHONE = {**PHONE, "viewport": {"width": 390, "height": 844}}


@pytest.fixture
def served(database_url: str, redis_url: str, clock: StandingClock) -> Iterator[Site]:
    with served_site(database_url, redis_url, clock) as site:
        yield site


def come_in(page: Page, site: Site) -> None:
    """Bind a graduate whose household is not registered, and open her pages on her phone."""
    openid = site.bind(reported(site, household_type=""))
    page.goto(f"{site.sandbox.url}/phone/{openid}")
    page.goto(f"{site.resources.settings.public_url}/wechat/login?to=authorization")
    expect(page.locator("body")).to_contain_text("完成确认后可授权")


def confirm(page: Page) -> None:
    page.get_by_role("link", name="去确认").click()
    page.get_by_role("button", name="信息无误，确认登记去向").click()
    expect(page.get_by_role("heading", name="确认完成")).to_be_visible()
    page.goto(page.url.replace("confirmation/done", "authorization"))


def prove(page: Page) -> None:
    page.get_by_role("button", name="同意并开始人脸核身").click()
    page.get_by_role("button", name="通过", exact=True).click()


def leads_to_her_report(page: Page, site: Site) -> bool:
    """Read the QR code off the page as it prints, and follow it as a receiver does."""
    expect(page.get_by_role("img", name="档案去向核验报告的二维码")).to_be_visible()
    [code] = codes_of(page.pdf(print_background=True))
    link = f"{site.resources.settings.public_url}/v/"
    token = code.removeprefix(link)
    found = site.read(lambda session: looking_up.by_link(session, token, site.clock()))
    return code.startswith(link) and found.number is not None


@pytest.mark.parametrize("scripts", [True, False], ids=["js", "no js"])
def test_she_proves_herself_authorizes_and_revokes(
    open_page: Open, served: Site, *, scripts: bool
) -> None:
    page = open_page(**WIDE_PHONE, java_script_enabled=scripts)
    come_in(page, served)
    confirm(page)
    page.get_by_role("button", name="同意授权").click()
    prove(page)
    assert leads_to_her_report(page, served)
    expect(page.locator("body")).to_contain_text("尚未登记户口信息")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_hidden()
    page.get_by_role("link", name="撤销", exact=True).click()
    expect(dialog).to_contain_text("立即失效")
    dialog.get_by_role("link", name="取消", exact=True).click()
    expect(dialog).to_be_hidden()
    page.get_by_role("link", name="撤销", exact=True).click()
    dialog.get_by_role("button", name="撤销授权").click()
    expect(page.locator("body")).to_contain_text("您已撤销授权")
    assert fits(page)
