"""The sandbox's page in a browser: nothing that arrives is missed, also on a telephone."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Route, expect

from sandbox.config import Config
from sandbox.testing import RunningSandbox
from tests.browser.conftest import Open
from tests.browser.devices import PHONE

STEPS = ("关注公众号，点菜单“毕业生—去向登记”", "到查验页面输入姓名和编号")


@pytest.fixture
def sandbox() -> Iterator[RunningSandbox]:
    with RunningSandbox(Config(guide=STEPS)) as running:
        yield running


def test_what_arrives_before_the_page_listens_is_shown(
    sandbox: RunningSandbox, open_page: Open
) -> None:
    """As the welcome does, which is written while the page of who just followed is on its way."""
    openid = sandbox.control.add_phone("沈明书")
    page = open_page(**PHONE)

    def arrive_first(route: Route) -> None:
        sandbox.control.write(openid, "刚刚写的")
        route.continue_()

    page.route("**/live", arrive_first)
    page.goto(f"{sandbox.url}/phone/{openid}")
    expect(page.locator("#chat")).to_contain_text("刚刚写的")


def test_on_a_telephone_a_newcomer_reads_the_steps_and_who_it_is(
    sandbox: RunningSandbox, open_page: Open
) -> None:
    about = "青禾大学 证件号码 140105200310039731"
    sandbox.control.add_phones(
        [{"label": "沈明书", "following": False, "about": about, "tags": ["未绑定"]}]
    )
    page = open_page(**PHONE)
    page.goto(sandbox.url)
    page.get_by_text("试试这三步").filter(visible=True).click()
    expect(page.get_by_role("main")).to_contain_text(about)
    for step in STEPS:
        expect(page.get_by_role("main")).to_contain_text(step)
    page.get_by_role("button", name="关注公众号").click()
    page.get_by_label("设置", exact=True).first.click()
    expect(page.get_by_role("region", name="设置")).to_contain_text(about)
