"""The reminder before an authorization ends, on her phone: an extension where there is one."""

from collections.abc import Iterator
from datetime import date, datetime, time

import pytest
from playwright.sync_api import Page, expect

from notifier.campaigns import authorization_ends
from registry.base.clock import SHANGHAI
from registry.numbers.service import VALIDITY_TITLES, Validity
from registry.record.tables import Graduate, Source
from tests.browser.conftest import Open
from tests.browser.devices import PHONE
from tests.browser.served import served_site
from tests.browser.test_authorization import confirm, prove
from tests.browser.test_signing import send_cards
from tests.browser.width import fits
from tests.clock import StandingClock
from tests.wxapp.school.records import Campus
from tests.wxapp.site import Site

CARD, EXTEND, OTHER = "授权到期提醒", "延长至", "选择其他有效期"


@pytest.fixture
def served(database_url: str, redis_url: str, clock: StandingClock) -> Iterator[Site]:
    with served_site(database_url, redis_url, clock, quiet_hours="") as site:
        yield site


def authorized(phone: Page, site: Site, month: str, validity: Validity) -> str:
    """Have one who graduated in a month confirm and authorize; return her openid."""

    def report(campus: Campus, her: Graduate) -> None:
        her.graduation_month = month
        campus.report(her, Source.IMPORT, household_type="")

    openid = site.bind(site.graduate(report))
    phone.goto(f"{site.sandbox.url}/phone/{openid}")
    phone.goto(f"{site.resources.settings.public_url}/wechat/login?to=authorization")
    confirm(phone)
    phone.locator("label", has_text=VALIDITY_TITLES[validity]).click()
    phone.get_by_role("button", name="同意授权").click()
    prove(phone)
    expect(phone.get_by_role("img", name="档案去向核验报告的二维码")).to_be_visible()
    return openid


def remind(phone: Page, site: Site, openid: str, day: date, hint: str) -> None:
    """Come to the day on which she is told, and open the page that the card leads to."""
    site.clock.set(datetime.combine(day, time(10), SHANGHAI))
    with site.resources.sessions.begin() as session:
        assert authorization_ends.write_due(session, site.clock()) == 1
    send_cards(site)
    phone.goto(f"{site.sandbox.url}/phone/{openid}")
    card = phone.locator("article.card", has_text=CARD)
    expect(card).to_contain_text(hint)
    assert fits(phone)
    card.get_by_role("link", name="查看详情").click()
    expect(phone.get_by_role("img", name="档案去向核验报告的二维码")).to_be_visible()
    assert fits(phone)


def test_where_it_can_be_extended_the_card_says_so_and_leads_to_it(
    open_page: Open, served: Site
) -> None:
    phone = open_page(**PHONE)
    openid = authorized(phone, served, "202606", Validity.MONTH)
    remind(phone, served, openid, date(2026, 6, 25), "可点开延长")
    expect(phone.get_by_role("button", name=EXTEND)).to_be_visible()
    phone.get_by_role("link", name=OTHER).click()
    phone.locator("label", has_text=VALIDITY_TITLES[Validity.SERVICE]).click()
    phone.get_by_role("button", name="延长", exact=True).click()
    expect(phone.locator("body")).to_contain_text("2026年12月31日")
    expect(phone.get_by_role("button", name=EXTEND)).to_have_count(0)


def test_where_the_service_ends_no_extension_is_spoken_of_nor_offered(
    open_page: Open, served: Site
) -> None:
    phone = open_page(**PHONE)
    openid = authorized(phone, served, "202512", Validity.SERVICE)
    remind(phone, served, openid, date(2026, 6, 15), "之后不能再延长")
    expect(phone.locator("body")).to_contain_text("2026年6月30日")
    expect(phone.get_by_role("button", name=EXTEND)).to_have_count(0)
    expect(phone.get_by_role("link", name=OTHER)).to_have_count(0)
