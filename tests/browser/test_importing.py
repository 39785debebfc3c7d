"""A roster is brought in by hand and mouse: four clicks, the choice of the file among them."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Open
from tests.browser.devices import DESK, NARROW
from tests.browser.served import served_application
from tests.wxapp.school.conftest import Console, app, console, records, resources
from tests.wxapp.school.test_imports import GOOD, HEADER, number_of_graduates, work

__all__ = ["app", "console", "records", "resources"]

ROSTER = {
    "name": "名单.csv",
    "mimeType": "text/csv",
    "buffer": f"{HEADER}\n{GOOD}".encode("utf-8-sig"),
}


@pytest.fixture
def served(console: Console) -> Iterator[str]:
    with served_application(console.app) as address:
        yield address


@pytest.mark.parametrize("device", [DESK, NARROW], ids=["desk", "phone"])
def test_a_roster_is_brought_in_by_four_clicks(
    open_page: Open, console: Console, served: str, device: dict[str, object]
) -> None:
    page = open_page(**device)
    cookie = console.browser().client.get_cookie("quxiang")
    assert cookie is not None
    page.context.add_cookies([{"name": "quxiang", "value": cookie.value, "url": served}])
    page.goto(f"{served}/school/")
    page.get_by_role("link", name="导入", exact=True).click()
    with page.expect_file_chooser() as chooser:
        page.locator("main input[type=file]").click()
    chooser.value.set_files(ROSTER)  # type: ignore[arg-type]  # a payload, as its own type wants it
    page.get_by_role("button", name="上传并核对").click()
    work(console)
    page.get_by_role("button", name="确认导入 1 人").click()
    work(console)
    expect(page.get_by_text("导入完成").first).to_be_visible()
    assert number_of_graduates(console) == 1
