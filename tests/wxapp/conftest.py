"""The web for tests, with WeChat played by the sandbox."""

from collections.abc import Iterator

import pytest

from sandbox.config import Config
from sandbox.testing import RunningSandbox
from tests.clock import StandingClock
from tests.wxapp.site import Site, open_site


@pytest.fixture(scope="session")
def wechat() -> Iterator[RunningSandbox]:
    """Run WeChat's stand-in for all pages; each test brings phones of its own."""
    with RunningSandbox(Config(redirect_host="localhost")) as running:
        yield running


@pytest.fixture
def site(
    database_url: str, redis_url: str, wechat: RunningSandbox, clock: StandingClock
) -> Iterator[Site]:
    """Give the application over the test's own servers, at the time of the standing clock."""
    with open_site(database_url, redis_url, wechat, clock) as opened:
        yield opened
