"""axe-core finds nothing serious on pages that only a form leads to: refusals and results."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open
from tests.browser.devices import PHONE
from tests.browser.phone_checks import hidden_at
from tests.browser.served import served_site
from tests.browser.test_every_page import faults
from tests.clock import StandingClock
from tests.wxapp.graduate.verifying import reported
from tests.wxapp.site import Site

SIZES = (1.0, 2.0)


@pytest.fixture
def served(database_url: str, redis_url: str, clock: StandingClock) -> Iterator[Site]:
    with served_site(database_url, redis_url, clock) as site:
        yield site


def send(page: Page, form: str = "main form", button: str = "") -> None:
    """Send a form of the page as it stands, whatever its fields want."""
    pressed = page.locator(form).first
    pressed.evaluate(
        "(form, button) => { form.noValidate = true;"
        " form.requestSubmit(button ? form.querySelector(button) : null); }",
        button,
    )
    page.wait_for_load_state()


def said(page: Page) -> None:
    expect(page.locator("[role=alert]").first).to_be_visible()


def without_any_field(path: str, form: str) -> Callable[[Page, str], None]:
    def look(page: Page, base: str) -> None:
        page.goto(f"{base}{path}")
        send(page, form)
        said(page)

    return look


def destination(page: Page, base: str) -> None:
    page.goto(f"{base}/g/register/category")
    send(page, "form.register-form", "[value='10']")
    expect(page.locator("#unit_name")).to_be_visible()
    send(page, "form.register-form")
    expect(page.locator(".field-problem").first).to_be_visible()


def transfer(page: Page, base: str) -> None:
    page.goto(f"{base}/g/register/transfer")
    send(page, "form.register-form", ".weui-btn_primary")
    expect(page.locator(".field-problem").first).to_be_visible()


def stale(page: Page, base: str) -> None:
    page.goto(f"{base}/g/breaches/new")
    form = page.locator("form.register-form")
    form.evaluate("(form) => { form.csrf_token.value = form.owner.value = ''; }")
    send(page, "form.register-form")
    expect(page.get_by_role("heading", name="页面已过期")).to_be_visible()


def restored(page: Page, base: str) -> None:
    page.goto(f"{base}/g/breaches/new")
    page.locator("form.register-form").evaluate("(form) => { form.csrf_token.value = ''; }")
    send(page, "form.register-form")
    expect(page.get_by_text("已恢复登录超时前填写的内容")).to_be_visible()


def nothing_found(page: Page, base: str) -> None:
    page.goto(f"{base}/verify/file")
    page.get_by_label("毕业生姓名").fill("王芳")
    page.locator("#number").fill("2026000000000")
    send(page, ".paper form")
    said(page)


def left(page: Page, base: str) -> None:
    page.goto(f"{base}/g/sessions")
    page.get_by_role("button", name="退出登录").click()
    expect(page.get_by_role("heading", name="已退出登录")).to_be_visible()


PAGES = (
    without_any_field("/g/confirmation", "#wrong"),
    without_any_field("/g/breaches/new", "form.register-form"),
    without_any_field("/g/offline/new", "form.register-form"),
    without_any_field("/g/receipt", "main form"),
    *(destination, transfer, stale, restored, nothing_found, left),
)


@pytest.mark.slow
def test_nothing_keeps_anybody_from_reading_what_a_form_answers(
    open_page: Open, served: Site
) -> None:
    page, base = open_page(**PHONE), served.resources.settings.public_url
    openid = served.bind(reported(served))
    page.goto(f"{served.sandbox.url}/phone/{openid}")
    page.goto(f"{base}/wechat/login?to=home")
    found = dict[str, list[str]]()
    for come_to in PAGES:
        come_to(page, base)
        name = f"{come_to.__name__} {page.url}"
        found[name] = [
            *faults(page, set()),
            *(each for size in SIZES for each in hidden_at(page, size)),
        ]
    assert "\n".join(f"{name}: {each}" for name in found for each in found[name]) == ""


def test_what_keeps_her_from_being_bound_can_be_read(open_page: Open, served: Site) -> None:
    page, base = open_page(**PHONE), served.resources.settings.public_url
    reported(served)
    stranger = served.sandbox.control.add_phone("生人")
    page.goto(f"{served.sandbox.url}/phone/{stranger}")
    page.goto(f"{base}/wechat/login?to=home")
    page.get_by_label("姓名").fill("王芳")
    page.get_by_label("证件号码").fill("11010119900101001X")
    page.get_by_label("验证码").fill("123456")
    page.get_by_role("button", name="同意并绑定").click()
    said(page)
    assert faults(page, set()) == []
    assert [each for size in SIZES for each in hidden_at(page, size)] == []
