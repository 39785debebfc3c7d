"""Figures of a large province come to the page that waits for them, and so does a forecast."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open
from tests.browser.devices import DESK, NARROW
from tests.browser.served import served_application
from tests.browser.width import fits
from tests.wxapp.province.test_figures import count, large
from tests.wxapp.school.conftest import Console, app, console, other, records, resources, template

__all__ = ["app", "console", "large", "other", "records", "resources", "template"]


@pytest.fixture
def served(large: Console) -> Iterator[str]:
    with served_application(large.app) as address:
        yield address


@pytest.fixture(params=[DESK, NARROW], ids=["desk", "phone"])
def page(request: pytest.FixtureRequest, open_page: Open, large: Console, served: str) -> Page:
    opened = open_page(**request.param)
    cookie = large.browser("province").client.get_cookie("quxiang")
    assert cookie is not None
    opened.context.add_cookies([{"name": "quxiang", "value": cookie.value, "url": served}])
    return opened


def test_the_structure_comes_to_the_page_that_waits(
    page: Page, large: Console, served: str
) -> None:
    page.goto(f"{served}/province/destinations")
    expect(page.get_by_role("status")).to_contain_text("正在统计全省数据")
    assert fits(page)
    assert count(large)
    expect(page.get_by_text("截至 今天 10:00")).to_be_visible()
    assert fits(page)


def test_the_forecast_comes_to_the_form(page: Page, served: str, template: None) -> None:
    page.goto(f"{served}/province/reminders/new")
    expect(page.locator("#seen")).to_contain_text("共 2 所学校 20 人")
