"""Codes of more classes than are asked for at once come one after the other, by one press."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from sandbox.testing import RunningSandbox
from tests.browser.conftest import Open
from tests.browser.devices import DESK, NARROW
from tests.browser.served import served_application
from tests.browser.width import fits
from tests.wxapp.school.conftest import Console, app, console, reachable, records, resources
from tests.wxapp.school.test_bindings import PAGE, asking, classes, wechat

__all__ = ["app", "classes", "console", "reachable", "records", "resources", "wechat"]


@pytest.fixture
def served(
    classes: Console, wechat: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    monkeypatch.setattr("notifier.wechat.posters.MOST_AT_ONCE", 1)
    with served_application(asking(classes, wechat).app) as address:
        yield address


@pytest.fixture(params=[DESK, NARROW], ids=["desk", "phone"])
def page(request: pytest.FixtureRequest, open_page: Open, classes: Console, served: str) -> Page:
    opened = open_page(**request.param)
    cookie = classes.browser().client.get_cookie("quxiang")
    assert cookie is not None
    opened.context.add_cookies([{"name": "quxiang", "value": cookie.value, "url": served}])
    opened.goto(f"{served}{PAGE}")
    return opened


def test_all_codes_come_by_one_press(page: Page) -> None:
    page.get_by_role("button", name="为 2 个班级生成二维码").click()
    expect(page.get_by_role("status")).to_have_text("正在生成，已完成 1 个，还有 1 个")
    assert fits(page)
    expect(page.get_by_role("link", name="打印海报（PDF，2 张）")).to_be_visible(timeout=30_000)
    expect(page.get_by_role("button", name="生成二维码")).to_be_hidden()
