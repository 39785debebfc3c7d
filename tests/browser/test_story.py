"""The story in a real browser: the console on a desk, WeChat's stand-in on a phone."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from commands.ports import any_port
from commands.story.rosters import national_xlsx, somebody
from sandbox.control import Control
from tests.browser.conftest import Open
from tests.browser.devices import DESK, PHONE
from tests.browser.width import fits
from tests.story.demo import demo_at, facts_of

WIDE_PHONE = {**PHONE, "viewport": {"width": 390, "height": 844}}
SECONDS = 400
CARD = "去向登记确认提醒"

pytestmark = [pytest.mark.slow, pytest.mark.timeout(SECONDS)]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """Run one demo for all, and give what it says of itself."""
    repository = Path(__file__).parent.parent.parent
    with demo_at(repository, tmp_path_factory.mktemp("demo"), any_port()) as running:
        yield facts_of(running)


@pytest.fixture
def console(open_page: Open, demo: dict[str, Any]) -> Page:
    """Sign in to the console of the first school."""
    page = open_page(**DESK)
    page.goto(demo["console"])
    page.get_by_label("登录名").fill(demo["accounts"][0]["login"])
    page.get_by_label("密码").fill(demo["accounts"][0]["password"])
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    return page


@pytest.fixture
def phone(open_page: Open, demo: dict[str, Any]) -> Page:
    """Open the phone of the first person who waits to be bound."""
    page = open_page(**WIDE_PHONE)
    page.goto(f"{demo['sandbox']}/phone/{demo['people'][0]['openid']}")
    return page


def _bind(phone: Page, demo: dict[str, Any]) -> None:
    """Follow, open the menu, and bind by the code that came to the phone."""
    person = demo["people"][0]
    phone.get_by_role("button", name="关注公众号").click()
    _open_menu(phone, "去向登记")
    phone.get_by_label("姓名").fill(person["name"])
    phone.get_by_label("证件号码").fill(person["identity_number"])
    with Control(demo["sandbox"]) as control:
        phone.get_by_role("button", name="获取验证码").click()
        expect(phone.locator("#code-note")).to_be_visible()
        code = control.sms(person["phone_number"])[-1]["params"][0]
    phone.get_by_label("验证码").fill(code)
    phone.get_by_role("button", name="同意并绑定").click()
    expect(phone.locator("body")).to_contain_text("绑定")


def _open_menu(phone: Page, entry: str) -> None:
    phone.get_by_text("毕业生", exact=True).click()
    phone.get_by_role("link", name=entry, exact=True).click()


def test_a_roster_is_brought_in(console: Page, demo: dict[str, Any]) -> None:
    console.get_by_role("link", name="导入", exact=True).click()
    content = national_xlsx([somebody(1, "欧阳听雪"), somebody(2, "")])
    console.get_by_label("选择文件").set_input_files(
        {
            "name": "名单.xlsx",
            "mimeType": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "buffer": content,
        }
    )
    console.get_by_role("button", name="上传并核对").click()
    console.get_by_role("button", name="确认导入 1 人").click()
    expect(console.locator("#live")).to_contain_text("导入完成")
    console.get_by_role("link", name="查看毕业生").click()
    expect(console.locator("table")).to_contain_text("欧阳听雪")
    console.set_viewport_size({"width": 390, "height": 844})
    assert fits(console)


def test_she_binds_is_reminded_live_and_confirms(
    phone: Page, console: Page, demo: dict[str, Any]
) -> None:
    _bind(phone, demo)
    assert fits(phone)
    phone.goto(f"{demo['sandbox']}/phone/{demo['people'][0]['openid']}")
    _remind(console)
    card = phone.locator("article.card", has_text=CARD)
    expect(card).to_be_visible()
    assert fits(phone)
    expect(console.locator("#live")).to_contain_text("已完成")
    expect(console.locator("#live")).to_contain_text(re.compile(r"已送达 [1-9]"))
    card.get_by_role("link", name="查看详情").click()
    phone.get_by_role("button", name="信息无误，确认登记去向").click()
    expect(phone.locator("body")).to_contain_text("确认完成")
    _see_her_confirmed(console, demo)


def _remind(console: Page) -> None:
    """Write a reminder to all who have not confirmed, and send it."""
    console.get_by_role("link", name="消息与提醒").click()
    console.get_by_role("link", name="新建提醒").first.click()
    console.get_by_label("提醒名称").fill("六月核对提醒")
    console.get_by_role("button", name="下一步：核对").click()
    console.get_by_role("button", name=re.compile(r"发送给 \d+ 人")).click()


def _see_her_confirmed(console: Page, demo: dict[str, Any]) -> None:
    console.get_by_role("link", name="毕业生", exact=True).click()
    console.get_by_role("link", name=re.compile(r"^确认无误 \d+")).click()
    expect(console.locator("table")).to_contain_text(demo["people"][0]["name"])


def test_on_a_wide_screen_pages_open_beside_the_phone(
    open_page: Open, demo: dict[str, Any]
) -> None:
    person = demo["people"][1]
    page = open_page(**DESK)
    page.goto(f"{demo['sandbox']}/phone/{person['openid']}")
    expect(page.locator(".about")).to_contain_text(person["identity_number"])
    expect(page.get_by_role("region", name="试试这三步")).to_be_visible()
    page.get_by_role("button", name="关注公众号").click()
    _open_menu(page, "去向登记")
    opened = page.frame_locator("iframe[name=opened]")
    expect(opened.get_by_label("证件号码")).to_be_visible()
    page.get_by_text("接口调用记录", exact=True).click()
    drawer = page.frame_locator("iframe[title^=接口调用记录]")
    expect(drawer.get_by_role("heading", level=1)).to_contain_text("接口调用记录")


@pytest.mark.parametrize("options", [{}, {"java_script_enabled": False}], ids=["js", "no js"])
def test_a_snapshot_visitor_is_told_what_to_press(
    open_page: Open, demo: dict[str, Any], options: dict[str, bool]
) -> None:
    with Control(demo["sandbox"]) as control:
        openid = control.add_phone(label="快照访客", snapshot=True)
    page = open_page(**WIDE_PHONE, **options)
    page.goto(f"{demo['sandbox']}/phone/{openid}")
    _open_menu(page, "去向登记")
    expect(page.locator("body")).to_contain_text("使用完整服务")
    assert page.locator("form").count() == 0
