"""The reminder before an authorization ends, on her phone: an extension where there is one."""

from collections.abc import Iterator
from datetime import date, datetime, time

import pytest
from playwright.sync_api import Page, expect

from notifier.campaigns import authorization_ends
from registry.base.clock import SHANGHAI
from registry.numbers.service import VALIDITY_TITLES, Validity
from tests.browser.conftest import Open
from tests.browser.devices import PHONE
from tests.browser.served import served_site
from tests.browser.test_authorization import confirm, fits, prove
from tests.browser.test_signing import send_cards
from tests.clock import StandingClock
from tests.wxapp.graduate.verifying import reported
from tests.wxapp.site import Site

CARD, EXTEND = "授权到期提醒", "延长至"


@pytest.fixture
def served(database_url: str, redis_url: str, clock: StandingClock) -> Iterator[Site]:
    with served_site(database_url, redis_url, clock, quiet_hours="") as site:
        yield site


def authorized(phone: Page, site: Site) -> str:
    """Have her confirm and authorize, for a month; return her openid."""
    openid = site.bind(reported(site, household_type=""))
    phone.goto(f"{site.sandbox.url}/phone/{openid}")
    phone.goto(f"{site.resources.settings.public_url}/wechat/login?to=authorization")
    confirm(phone)
    phone.get_by_role("button", name="同意授权").click()
    prove(phone)
    expect(phone.get_by_role("img", name="档案去向核验报告的二维码")).to_be_visible()
    return openid


def remind(phone: Page, site: Site, openid: str, day: date) -> None:
    """Come to a day on which she is told, and open the page that the card leads to."""
    site.clock.set(datetime.combine(day, time(10), SHANGHAI))
    with site.resources.sessions.begin() as session:
        assert authorization_ends.write_due(session, site.clock()) == 1
    send_cards(site)
    phone.goto(f"{site.sandbox.url}/phone/{openid}")
    expect(phone.locator("article.card", has_text=CARD).first).to_be_visible()
    assert fits(phone)


def open_card(phone: Page, hint: str) -> None:
    card = phone.locator("article.card", has_text=hint)
    expect(card).to_be_visible()
    card.get_by_role("link", name="查看详情").click()
    expect(phone.get_by_role("img", name="档案去向核验报告的二维码")).to_be_visible()
    assert fits(phone)


def test_it_offers_an_extension_only_where_there_is_one(open_page: Open, served: Site) -> None:
    phone = open_page(**PHONE)
    openid = authorized(phone, served)
    remind(phone, served, openid, date(2026, 6, 25))
    open_card(phone, "可点开延长")
    expect(phone.get_by_role("button", name=EXTEND)).to_be_visible()
    phone.get_by_role("link", name="选择其他有效期").click()
    phone.locator("label", has_text=VALIDITY_TITLES[Validity.SERVICE]).click()
    phone.get_by_role("button", name="延长", exact=True).click()
    expect(phone.locator("body")).to_contain_text("2026年12月31日")
    remind(phone, served, openid, date(2026, 12, 16))
    open_card(phone, "服务到期不能延长")
    expect(phone.get_by_role("button", name=EXTEND)).to_have_count(0)
    expect(phone.get_by_role("link", name="选择其他有效期")).to_have_count(0)
