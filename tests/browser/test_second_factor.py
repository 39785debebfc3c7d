"""二次验证 in a real browser: set up by its QR code at a desk, asked for on a small screen."""

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from registry.accounts.staff import NewStaff, create_staff
from registry.accounts.tables import Role
from tests.browser.conftest import Open
from tests.browser.devices import DESK, PHONE
from tests.browser.served import served_site
from tests.browser.width import fits
from tests.clock import StandingClock
from tests.pdf_reading import codes_of
from tests.registry.second_factor.phone import Phone
from tests.wxapp.site import Site

PASSWORD = "correct horse battery"


@pytest.fixture
def served(database_url: str, redis_url: str, clock: StandingClock) -> Iterator[Site]:
    with served_site(database_url, redis_url, clock, second_factor="operator") as site:
        with site.resources.sessions.begin() as session:
            new = NewStaff("ops.liu", "刘工", Role.OPERATOR)
            create_staff(session, new, PASSWORD, site.clock())
        yield site


def sign_in(page: Page, site: Site) -> None:
    page.goto(f"{site.resources.settings.public_url}/login")
    page.get_by_label("登录名").fill("ops.liu")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()


def scan(page: Page) -> Phone:
    """Read the QR code off the page as it prints, as an app does."""
    [code] = codes_of(page.pdf(print_background=True))
    return Phone(parse_qs(urlsplit(code).query)["secret"][0])


def test_a_phone_is_set_up_at_a_desk_and_asked_for_on_a_phone(
    open_page: Open, served: Site
) -> None:
    desk = open_page(**DESK)
    sign_in(desk, served)
    expect(desk.get_by_role("heading", name="设置二次验证")).to_be_visible()
    phone = scan(desk)
    assert fits(desk)
    small = open_page(**PHONE)
    sign_in(small, served)
    expect(small.get_by_role("heading", name="设置二次验证")).to_be_visible()
    assert fits(small)
    desk.get_by_label("动态码").fill(phone.code(served.clock()))
    desk.get_by_role("button", name="开启二次验证").click()
    expect(desk.locator(".phone-codes li")).to_have_count(10)
    assert fits(desk)
    desk.get_by_role("link", name="已保存，继续").click()
    expect(desk).to_have_url(f"{served.resources.settings.public_url}/ops/")

    served.clock.move(timedelta(minutes=1))
    sign_in(small, served)
    expect(small.get_by_role("heading", name="二次验证")).to_be_visible()
    assert fits(small)
    small.get_by_label("动态码").fill(phone.code(served.clock()))
    small.get_by_role("button", name="登录", exact=True).click()
    expect(small).to_have_url(f"{served.resources.settings.public_url}/ops/")
