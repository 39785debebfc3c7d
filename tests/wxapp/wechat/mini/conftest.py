"""A site with a mini program, and a phone that can open it."""

from collections.abc import Iterator

import pytest

from sandbox.testing import RunningSandbox
from tests.clock import StandingClock
from tests.wxapp.site import Site, mini_settings, open_site
from tests.wxapp.wechat.mini.mini_phone import NUMBER, MiniPhone


@pytest.fixture
def site(
    database_url: str, redis_url: str, wechat: RunningSandbox, clock: StandingClock
) -> Iterator[Site]:
    with open_site(database_url, redis_url, wechat, clock, **mini_settings(wechat)) as opened:
        yield opened
    wechat.control.configure(open_platform=True, mini_watermark="", mini_country_as_number=False)
    wechat.control.clear_faults()


@pytest.fixture
def phone(site: Site) -> MiniPhone:
    return MiniPhone(site, site.sandbox.control.add_phone("李娟", number=NUMBER, following=False))
