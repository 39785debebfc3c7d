"""统计 in a browser: one click from the home page, charts above their tables, nothing too wide."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open
from tests.browser.devices import DESK, NARROW
from tests.browser.test_every_page import AXE, CHECK
from tests.browser.test_review_by_key import served, signed_in
from tests.wxapp.school.conftest import Console, app, console, records, resources
from tests.wxapp.school.test_statistics import busy

__all__ = ["app", "busy", "console", "records", "resources", "served"]

WIDTH = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
PAGES = ("落实率", "去向结构", "每日进度", "绑定、授权与编号")


@pytest.fixture(params=[DESK, NARROW], ids=["desk", "narrow"])
def home(request: pytest.FixtureRequest, open_page: Open, busy: Console, served: str) -> Page:
    """Open a department's home page."""
    page = open_page(**request.param)
    signed_in(page, busy, served)
    page.goto(f"{served}/school/")
    return page


def test_the_rate_by_department_is_one_click_from_the_home_page(home: Page) -> None:
    home.get_by_label("主菜单").get_by_role("link", name="统计").click()
    expect(home.get_by_role("heading", name="按院系")).to_be_visible()
    expect(home.locator("#rates tbody tr").first).to_contain_text("100.00%")
    expect(home.locator("[data-chart] canvas").first).to_be_visible()  # all of it has come


def test_every_chart_is_drawn_and_has_its_table(home: Page) -> None:
    home.get_by_label("主菜单").get_by_role("link", name="统计").click()
    for title in PAGES:
        home.get_by_label("统计", exact=True).get_by_role("link", name=title).click()
        charts = home.locator("[data-chart]")
        expect(charts.first.locator("canvas")).to_be_visible()
        for chart in charts.all():
            expect(chart.locator("canvas")).to_be_visible()
            expect(home.locator(f"#{chart.get_attribute('data-table')}")).to_be_visible()
        assert home.evaluate(WIDTH) == 0, title
        home.evaluate(AXE.read_text(encoding="utf-8"))
        assert home.evaluate(CHECK, None) == [], title


def test_without_scripts_the_tables_are_there(open_page: Open, busy: Console, served: str) -> None:
    page = open_page(**DESK, java_script_enabled=False)
    signed_in(page, busy, served)
    page.goto(f"{served}/school/statistics")
    expect(page.locator("[data-chart]")).to_be_hidden()
    page.locator("#rates tbody tr").first.get_by_role("link").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("毕业生")
