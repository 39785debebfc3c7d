"""axe-core finds nothing serious on the pages that neither the story nor a moment leads to."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from runtime.campus_logins import CampusLogin
from sandbox.config import Config
from sandbox.testing import RunningSandbox
from tests.browser.arranged_desks import AT_DESKS
from tests.browser.arranged_visits import BETWEEN_SIDES, MUST, ON_PHONES
from tests.browser.devices import DESK, PHONE
from tests.browser.phone_checks import hidden_at
from tests.browser.pictures import take_if_wanted
from tests.browser.served import served_site
from tests.browser.test_every_page import faults
from tests.browser.walking import endpoint_of, kind_of
from tests.clock import StandingClock
from tests.pages import Browser as Visitor
from tests.wxapp.province.test_forwardings import SEED
from tests.wxapp.school.conftest import console_of
from tests.wxapp.site import Site

pytestmark = [
    *(pytest.mark.slow, pytest.mark.timeout(300)),
    pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True),
]
SIZES = (1.0, 1.5, 2.0)


@pytest.fixture(scope="module")
def campus() -> Iterator[CampusLogin]:
    """Play the sign-in of a school of its own."""
    with RunningSandbox(Config()) as played:
        about = {"name": "qinghe", "school": "10425", "protocol": "cas"}
        yield CampusLogin.model_validate({**about, "server": f"{played.url}/campus/cas"})


@pytest.fixture
def served(
    database_url: str, redis_url: str, clock: StandingClock, campus: CampusLogin
) -> Iterator[Site]:
    more: dict[str, object] = {
        "quiet_hours": "",
        "forwarding_keys": f"f1:{SEED}",
        "second_factor": frozenset({MUST.value}),
        "campus_logins": (campus,),
    }
    with served_site(database_url, redis_url, clock, "localhost", **more) as site:
        yield site


@pytest.fixture
def page(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """Open a window as wide as `device` says."""
    device = getattr(request, "param", DESK)
    context: BrowserContext = chromium.new_context(**device, locale="zh-CN")
    yield context.new_page()
    context.close()


def open_where(page: Page, site: Site, came: Visitor) -> None:
    """Open in Chromium the page where a browser of the tests has come to."""
    cookie, address = came.client.get_cookie("quxiang"), site.resources.settings.public_url
    if cookie is not None:
        page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": address}])
    page.goto(f"{address}{came.path}")


def assert_can_be_read(page: Page, site: Site, name: str) -> None:
    assert endpoint_of(site.app, kind_of(page.url)) == name
    take_if_wanted(page, name)
    assert "\n".join(faults(page, set())) == ""


@pytest.mark.parametrize("name", AT_DESKS)
def test_each_page_at_a_desk_can_be_read(page: Page, served: Site, name: str) -> None:
    with served.resources.sessions() as records:
        came = AT_DESKS[name](console_of(served.app, served.resources, records))
    open_where(page, served, came)
    assert_can_be_read(page, served, name)


@pytest.mark.parametrize("name", BETWEEN_SIDES)
def test_each_page_between_sides_can_be_read(page: Page, served: Site, name: str) -> None:
    open_where(page, served, BETWEEN_SIDES[name](served))
    assert_can_be_read(page, served, name)


@pytest.mark.parametrize("page", [PHONE], indirect=True, ids=["phone"])
@pytest.mark.parametrize("name", ON_PHONES)
def test_each_page_on_a_phone_can_be_read(page: Page, served: Site, name: str) -> None:
    open_where(page, served, ON_PHONES[name](served))
    assert_can_be_read(page, served, name)
    assert [each for size in SIZES for each in hidden_at(page, size)] == []
