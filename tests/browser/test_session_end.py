"""A page that is left open hides what it shows when its session is over."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Open
from tests.browser.devices import PHONE
from tests.browser.served import served_site
from tests.clock import StandingClock
from tests.wxapp.graduate.verifying import reported
from tests.wxapp.site import Site


@pytest.fixture
def served(database_url: str, redis_url: str, clock: StandingClock) -> Iterator[Site]:
    with served_site(database_url, redis_url, clock) as site:
        yield site


def test_what_a_page_shows_goes_with_its_session(open_page: Open, served: Site) -> None:
    page = open_page(**PHONE)
    page.clock.install()
    openid = served.bind(reported(served))
    page.goto(f"{served.sandbox.url}/phone/{openid}")
    page.goto(f"{served.resources.settings.public_url}/wechat/login?to=me")
    body = page.locator("body")
    expect(body).to_contain_text("证件号码")
    served.clock.move(timedelta(hours=1))
    page.clock.fast_forward("01:00:00")
    expect(body).to_contain_text("证件号码")
    served.clock.move(timedelta(hours=1))
    page.clock.fast_forward("01:00:05")
    expect(body).to_have_text("登录已超时，页面内容已隐藏。重新登录")


def test_what_was_typed_is_there_after_signing_in_again(open_page: Open, served: Site) -> None:
    page, base = open_page(**PHONE), served.resources.settings.public_url
    page.clock.install()
    openid = served.bind(reported(served))
    page.goto(f"{served.sandbox.url}/phone/{openid}")
    page.goto(f"{base}/wechat/login?to=home")
    page.goto(f"{base}/g/breaches/new")
    page.get_by_label("情况说明").fill("让我签空白协议")
    served.clock.move(timedelta(hours=3))
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.clock.fast_forward("03:00:05")
    expect(page.locator("body")).to_have_text("登录已超时，页面内容已隐藏。重新登录")
    page.get_by_role("link", name="重新登录").click()
    expect(page.get_by_label("情况说明")).to_have_value("让我签空白协议")
