"""axe-core finds nothing serious, and large text hides nothing, at moments past the story's end."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.devices import PHONE
from tests.browser.moments import MOMENTS, Moment
from tests.browser.phone_checks import hidden_at
from tests.browser.pictures import take_if_wanted
from tests.browser.served import served_site
from tests.browser.test_every_page import faults
from tests.browser.walking import endpoint_of, every_page, is_new
from tests.clock import StandingClock
from tests.pages import Browser as Visitor
from tests.wxapp.employer.conftest import Signing, signing_on
from tests.wxapp.site import Site

pytestmark = [
    *(pytest.mark.slow, pytest.mark.timeout(600)),
    pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True),
]
SIZES = (1.0, 1.5, 2.0)


@pytest.fixture
def signing(database_url: str, redis_url: str, clock: StandingClock) -> Iterator[Signing]:
    with served_site(database_url, redis_url, clock, "localhost", quiet_hours="") as site:
        yield signing_on(site)


@pytest.fixture(scope="module")
def looked_at() -> set[str]:
    """Keep the bones of the pages that were looked at."""
    return set()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """Open a window on a phone, in which pictures are opened too: they have no policy."""
    context: BrowserContext = chromium.new_context(**PHONE, locale="zh-CN")  # type: ignore[arg-type]  # any option
    yield context.new_page()
    context.close()


def go_on(page: Page, site: Site, came: Visitor) -> None:
    """Go on in Chromium where a browser of the tests has come to."""
    cookie = came.client.get_cookie("quxiang")
    assert cookie is not None
    address = site.resources.settings.public_url
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": address}])


def wrong_with(page: Page, kind: str, looked_at: set[str]) -> list[str]:
    if not is_new(page, looked_at):
        return []
    take_if_wanted(page, kind)
    sizes = SIZES if kind.startswith("/g/") else ()
    return [*faults(page, set()), *(each for size in sizes for each in hidden_at(page, size))]


@pytest.mark.parametrize("moment", MOMENTS, ids=lambda each: each.arrange.__name__.strip("_"))
def test_each_page_of_a_moment_can_be_read(
    page: Page, signing: Signing, moment: Moment, looked_at: set[str]
) -> None:
    site = signing.site
    go_on(page, site, moment.arrange(signing))
    walk = every_page(page, site.resources.settings.public_url, *moment.begins.split())
    found = {kind: wrong_with(page, kind, looked_at) for kind in walk}
    assert "\n".join(f"{kind}: {each}" for kind in found for each in found[kind]) == ""
    met = {endpoint_of(site.app, kind) for kind in found}
    assert {*moment.endpoints.split()} - met == set(), sorted(found)
