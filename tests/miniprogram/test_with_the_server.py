"""The mini program and the server keep to one contract: each plays its own part."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from tests.browser.served import served_site
from tests.clock import StandingClock
from tests.miniprogram.played import START, WEB, Played, playing
from tests.pages import Browser
from tests.wxapp.graduate.test_binding import ask, code_on_the_phone, prove, report
from tests.wxapp.school.records import PHONE
from tests.wxapp.site import Site

pytestmark = [pytest.mark.in_ci, pytest.mark.slow("a server, and node with a DOM")]
NUMBER = PHONE


@pytest.fixture
def site(database_url: str, redis_url: str, clock: StandingClock) -> Iterator[Site]:
    mini = {
        "mini_app_id": "wx7c41d8e95a3b2f60",
        "mini_app_secret": "1679091c5a880faf6fb5e6087eb1b2dc",
    }
    with served_site(database_url, redis_url, clock, **mini) as served:
        yield served


@pytest.fixture
def openid(site: Site) -> str:
    return site.sandbox.control.add_phone("李娟", number=NUMBER, following=False)


@pytest.fixture
def mini(site: Site) -> Iterator[Played]:
    with playing(site.resources.settings.public_url) as played:
        yield played


def codes(site: Site, openid: str) -> list[str]:
    return [site.sandbox.control.login_code(openid)]


def open_web_view(site: Site, mini: Played) -> Browser:
    """Open what the mini program hands to its web-view, whose script sends the fragment."""
    address = urlsplit(mini.open(WEB)["address"])
    token, _, secret = address.fragment.partition("&device=")
    browser = site.browser().get(address.path)
    return browser.submit("#enter", token=token, device=secret)


def test_one_tap_signs_in_and_signing_out_here_ends_the_pages(
    site: Site, openid: str, mini: Played
) -> None:
    graduate = site.graduate(report)
    shown = mini.open(START, {"to": "confirmation"}, codes=codes(site, openid))
    assert shown["view"] == "consent"
    assert "谁处理您的信息" in shown["text"]
    number = site.sandbox.control.phone_code(openid)
    shown = mini.fire(
        "#phone", "getphonenumber", detail={"code": number}, codes=codes(site, openid)
    )
    assert (shown["view"], shown["gone"]) == ("home", ["/pages/web/web"])
    browser = open_web_view(site, mini)
    assert (browser.path, graduate.name in browser.text) == ("/g/confirmation", True)
    assert mini.again()["view"] == "home"
    assert mini.fire("#leave")["view"] == "left"
    assert graduate.name not in browser.get("/g/").text


def test_signing_out_on_the_page_ends_it_here(site: Site, openid: str, mini: Played) -> None:
    site.graduate(report)
    number = site.sandbox.control.phone_code(openid)
    mini.open(START, codes=codes(site, openid))
    mini.fire("#phone", "getphonenumber", detail={"code": number}, codes=codes(site, openid))
    browser = open_web_view(site, mini)
    browser.get("/g/sessions").submit("form[action$='/leave']")
    shown = mini.again()
    assert (shown["view"], "登录已结束" in shown["text"]) == ("left", True)


def test_without_the_number_she_binds_on_the_page_and_comes_back_to_the_menu(
    site: Site, openid: str, mini: Played
) -> None:
    site.graduate(report)
    mini.open(START, codes=codes(site, openid))
    mini.fire("#other", codes=codes(site, openid))
    browser = open_web_view(site, mini)
    ask(browser)
    prove(browser, code_on_the_phone(site))
    assert mini.again()["view"] == "home"


def test_what_the_server_refuses_is_said_in_its_own_words(
    site: Site, openid: str, mini: Played
) -> None:
    site.sandbox.control.fault("errcode", path="/sns/jscode2session", errcode=40226)
    shown = mini.open(START, codes=codes(site, openid))
    assert (shown["view"], "账号存在风险" in shown["text"]) == ("refused", True)
