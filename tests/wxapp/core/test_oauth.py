"""The way through WeChat: who a browser is, proven once, for this browser only."""

from base64 import b64decode
from datetime import timedelta
from io import BytesIO
from urllib.parse import parse_qs, urlsplit

import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from sqlalchemy import select

from notifier.ledger.tables import Binding
from registry.accounts.tables import WebSession
from registry.record.tables import Graduate
from tests.pages import Browser
from tests.wxapp.school.records import Campus
from tests.wxapp.site import Site
from wxapp.core.targets import HOME, TARGETS, endpoint_of, target_of


def report(campus: Campus, graduate: Graduate) -> None:
    campus.report(graduate)


@pytest.fixture
def openid(site: Site) -> str:
    return site.bind(site.graduate(report))


def way_back(site: Site, browser: Browser, openid: str) -> str:
    browser.get("/wechat/login?to=home")
    assert browser.leads_to is not None
    return site.way_back(browser.leads_to, openid)


def state_of(browser: Browser) -> str:
    return parse_qs(urlsplit(browser.leads_to or "").query)["state"][0]


def cookie_of(browser: Browser) -> str:
    cookie = browser.client.get_cookie("quxiang")
    assert cookie is not None
    return cookie.value


def test_a_menu_entry_leads_to_its_page(site: Site, openid: str) -> None:
    assert site.enter(openid, "confirmation").path == "/g/confirmation"


def test_the_round_is_silent_and_names_our_callback(site: Site) -> None:
    browser = site.browser().get("/wechat/login?to=home")
    asked = parse_qs(urlsplit(browser.leads_to or "").query)
    assert asked["scope"] == ["snsapi_base"]
    assert asked["redirect_uri"] == ["http://localhost/wechat/oauth"]
    assert asked["state"][0].isalnum()


def test_who_is_known_is_not_sent_round_again(site: Site, openid: str) -> None:
    browser = site.enter(openid)
    browser.get("/wechat/login?to=confirmation")
    assert (browser.leads_to, browser.path) == (None, "/g/confirmation")


def test_signing_in_changes_the_token_and_ends_the_old_one(site: Site, openid: str) -> None:
    browser = site.browser()
    back = way_back(site, browser, openid)
    before = cookie_of(browser)
    browser.get(back)
    assert cookie_of(browser) != before
    assert len(site.read(lambda session: session.scalars(select(WebSession.id)).all())) == 1
    planted = site.browser()
    planted.client.set_cookie("quxiang", before)
    assert planted.get("/g/").leads_to is not None


def test_a_state_opens_nothing_in_another_browser(site: Site, openid: str) -> None:
    back = way_back(site, site.browser(), openid)
    other = site.browser()
    other.get("/wechat/login?to=home")
    other.get(back)
    assert other.leads_to is not None, "the other begins a round of its own"
    assert other.get("/g/").leads_to is not None


def test_a_state_without_its_cookie_ends_in_an_explanation(site: Site, openid: str) -> None:
    back = way_back(site, site.browser(), openid)
    stranger = site.browser().get(f"{back[:-1]}1")
    assert stranger.status == 400
    assert "登录没有完成" in stranger.text


def test_a_page_loaded_twice_by_wechat_goes_on(site: Site, openid: str) -> None:
    browser = site.browser()
    back = way_back(site, browser, openid)
    browser.get(back)
    assert browser.get(back).path == "/g/"


def test_a_state_is_used_once(site: Site, openid: str) -> None:
    browser = site.browser()
    back = way_back(site, browser, openid)
    old = cookie_of(browser)
    browser.get(back)
    browser.client.set_cookie("quxiang", old)
    browser.get(back)
    assert browser.leads_to is not None, "a new round, not a session"


def test_a_state_is_too_old_after_ten_minutes(site: Site, openid: str) -> None:
    browser = site.browser()
    back = way_back(site, browser, openid)
    site.clock.move(timedelta(minutes=10))
    browser.get(back)
    assert browser.leads_to is not None


def test_a_code_used_before_begins_the_round_again_once_and_then_explains(
    site: Site, openid: str
) -> None:
    other = site.browser()
    back = way_back(site, other, openid)
    other.get(back)
    spent = parse_qs(urlsplit(back).query)["code"][0]
    browser = site.browser().get("/wechat/login?to=home")
    browser.get(f"/wechat/oauth?code={spent}&state={state_of(browser)}")
    assert browser.leads_to is not None, "once more"
    browser.get(f"/wechat/oauth?code={spent}&state={state_of(browser)}")
    assert browser.status == 400
    assert "登录没有完成" in browser.text


def test_without_a_code_nobody_is_signed_in(site: Site) -> None:
    browser = site.browser().get("/wechat/login?to=home")
    browser.get(f"/wechat/oauth?state={state_of(browser)[:-1]}1")
    assert browser.status == 400


def test_a_silent_wechat_is_said_to_be_silent(site: Site, openid: str) -> None:
    browser = site.browser()
    back = way_back(site, browser, openid)
    fault = site.sandbox.control.fault("status", path="/sns/oauth2/access_token", status=500)
    try:
        browser.get(back)
    finally:
        site.sandbox.control.clear_faults(fault)
    assert browser.status == 503
    assert "微信暂时没有回应" in browser.text


def test_a_snapshot_visitor_is_nobody_and_is_shown_the_button(site: Site, openid: str) -> None:
    site.sandbox.control.change_phone(openid, snapshot=True)
    browser = site.enter(openid)
    assert "使用完整服务" in browser.text
    assert browser.find("svg[role=img]")
    rows = site.read(lambda session: session.scalars(select(WebSession.openid)).all())
    assert set(rows) == {None}
    assert browser.get("/g/").leads_to is not None


def test_an_openid_in_the_address_is_nothing(site: Site, openid: str) -> None:
    browser = site.browser().get(f"/g/?openid={openid}", headers={"X-Openid": openid})
    assert browser.leads_to is not None


def test_a_binding_that_the_school_ends_is_felt_at_once(site: Site, openid: str) -> None:
    browser = site.enter(openid)
    with site.resources.sessions.begin() as session:
        for binding in session.scalars(select(Binding).where(Binding.openid == openid)):
            binding.ended_at = site.clock()
    assert browser.get("/g/").path == "/g/bind"


@pytest.mark.parametrize("after", [timedelta(hours=2), timedelta(hours=12)])
def test_a_session_ends(site: Site, openid: str, after: timedelta) -> None:
    browser = site.enter(openid)
    if after > timedelta(hours=2):
        for _ in range(11):
            site.clock.move(timedelta(hours=1))
            assert browser.get("/g/").leads_to is None
        after = timedelta(hours=1)
    site.clock.move(after)
    assert browser.get("/g/").leads_to is not None


OUTSIDE = (
    "https://evil.example",
    "//evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "///evil.example",
    "/g/../../evil",
    "javascript:alert(1)",
    "%2f%2fevil.example",
    "graduate.home\n",
    "static",
)


@pytest.mark.parametrize("name", OUTSIDE)
def test_a_target_that_is_no_name_leads_home(site: Site, openid: str, name: str) -> None:
    browser = site.enter(openid)
    browser.get("/wechat/login", headers={}).get("/wechat/login?to=" + name.replace("%", "%25"))
    assert (browser.leads_to, browser.path) == (None, "/g/")


@given(st.text())
def test_every_name_leads_to_a_page_of_ours(name: str) -> None:
    assert endpoint_of(name) in TARGETS.values()
    assert target_of(name) in TARGETS
    assert name in TARGETS or endpoint_of(name) == TARGETS[HOME]


def test_no_other_site_signs_anybody_in_without_a_press(site: Site) -> None:
    foreign = {"Sec-Fetch-Site": "cross-site"}
    browser = site.browser().get("/wechat/login?to=confirmation", headers=foreign)
    assert browser.leads_to is None
    assert browser.follow("微信登录").leads_to is not None
    pressed = site.browser().get("/wechat/login", headers={**foreign, "Sec-Fetch-User": "?1"})
    assert pressed.leads_to is not None


def codes_of_pixels(address: str) -> list[str]:
    """Read the QR codes in a picture that an address holds within itself."""
    with Image.open(BytesIO(b64decode(address.partition(",")[2]))) as picture:
        return [each.text for each in zxingcpp.read_barcodes(picture.convert("L"))]


INSIDE = {"User-Agent": "Mozilla/5.0 (iPhone) AppleWebKit/605.1.15 MicroMessenger/8.0.50"}


def test_a_browser_outside_wechat_is_shown_a_code_to_open_the_page_inside(site: Site) -> None:
    wechat = "https://open.weixin.qq.com"
    browser = Browser(site.app_with(wechat_open_url=wechat).test_client())
    browser.get("/g/confirmation")
    assert browser.leads_to is None
    assert "请在微信中打开" in browser.text
    there = "http://localhost/wechat/login?to=confirmation"
    assert browser.find("[data-copy]")["data-copy"] == there
    assert codes_of_pixels(str(browser.find("img")["src"])) == [there]
    leads_to = browser.get("/g/confirmation", INSIDE).leads_to
    assert leads_to is not None
    assert leads_to.startswith(wechat)
