"""What a phone on a slow network has to fetch before her first page is drawn."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Request, expect

from tests.browser.conftest import Open
from tests.browser.devices import PHONE
from tests.browser.served import served_site
from tests.clock import StandingClock
from tests.wxapp.graduate.verifying import reported
from tests.wxapp.site import Site

MOST_REQUESTS = 5
MOST_BYTES = 35_000

pytestmark = [
    pytest.mark.slow,  # every page is drawn
    pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True),
]


@pytest.fixture
def served(database_url: str, redis_url: str, clock: StandingClock) -> Iterator[Site]:
    with served_site(database_url, redis_url, clock) as site:
        yield site


def test_her_home_page_takes_few_requests_and_bytes(open_page: Open, served: Site) -> None:
    page, base = open_page(**PHONE), served.resources.settings.public_url
    openid = served.bind(reported(served))
    page.goto(f"{served.sandbox.url}/phone/{openid}")
    page.goto(f"{base}/wechat/login?to=home")
    expect(page.locator(".strip")).to_be_visible()
    page.context.new_cdp_session(page).send("Network.clearBrowserCache")
    fetched: list[Request] = []

    def note(request: Request) -> None:  # Playwright wants a function of ours
        fetched.append(request)

    page.on("requestfinished", note)
    page.goto(f"{base}/g/", wait_until="networkidle")
    drawn_with = [each for each in fetched if not each.url.startswith("data:")]
    drawn_with = [each for each in drawn_with if "mark.svg" not in each.url]  # the window's icon
    assert len(drawn_with) <= MOST_REQUESTS, [each.url for each in drawn_with]
    weight = sum(each.sizes()["responseBodySize"] for each in drawn_with)
    assert weight <= MOST_BYTES, weight
