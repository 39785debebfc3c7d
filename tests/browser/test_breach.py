"""A report of a breach on a small phone, with scripts and without: filed, read, not too wide."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Open
from tests.browser.devices import PHONE
from tests.browser.served import served_site
from tests.browser.width import fits
from tests.clock import StandingClock
from tests.wxapp.site import Site


@pytest.fixture
def served(database_url: str, redis_url: str, clock: StandingClock) -> Iterator[Site]:
    with served_site(database_url, redis_url, clock) as site:
        yield site


@pytest.mark.parametrize("scripts", [True, False], ids=["js", "no js"])
def test_she_reports_from_her_home_page(open_page: Open, served: Site, *, scripts: bool) -> None:
    phone = open_page(**PHONE, java_script_enabled=scripts)
    phone.goto(f"{served.sandbox.url}/phone/{served.bind(served.graduate())}")
    phone.goto(f"{served.resources.settings.public_url}/wechat/login?to=home")
    phone.get_by_role("link", name="违反“四不准”行为举报").click()
    assert fits(phone)
    for chosen in ("kind-forced", "accused-school", "named-unnamed"):
        phone.locator(f"label[for={chosen}]").click()
    phone.get_by_label("情况说明").fill("班会上要求当天交就业协议。")
    phone.get_by_role("button", name="提交举报").click()
    expect(phone.locator("main")).to_contain_text("待处理")
    expect(phone.locator("main")).to_contain_text("匿名")
    assert fits(phone)
