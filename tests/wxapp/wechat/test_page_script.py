"""WeChat's script on our pages: within WeChat only, signed for our own addresses alone."""

import pytest

from notifier.wechat.page_signature import signature_of
from tests.pages import Browser
from tests.wxapp.site import Site

SCRIPT = "https://res.wx.qq.com/open/js/jweixin-1.6.0.js"
WECHAT = {"User-Agent": "Mozilla/5.0 (Linux; Android 14) MicroMessenger/8.0.50"}


def real(site: Site) -> Browser:
    """Open a browser of a site that asks WeChat itself."""
    app = site.app_with(wechat_open_url="https://open.weixin.qq.com", wechat_script_url=SCRIPT)
    return Browser(app.test_client())


def scripts_of(browser: Browser) -> list[str]:
    policy = browser.headers["Content-Security-Policy"]
    (allowed,) = [each for each in policy.split("; ") if each.startswith("script-src")]
    return [each for each in allowed.split()[1:] if not each.startswith("'")]


def test_inside_wechat_the_policy_names_the_one_script(site: Site) -> None:
    browser = real(site).get("/verify/file", headers=WECHAT)
    assert scripts_of(browser) == [SCRIPT]
    assert len(browser.find_all(f"script[src='{SCRIPT}']")) == 1


def test_elsewhere_there_is_none(site: Site) -> None:
    browser = real(site).get("/verify/file")
    assert (scripts_of(browser), "jweixin" in browser.response.text) == ([], False)
    assert browser.find("[data-in-wechat]").has_attr("hidden")


def test_pages_that_it_does_not_help_name_none(site: Site) -> None:
    assert scripts_of(real(site).get("/privacy", headers=WECHAT)) == []


def test_an_address_of_ours_is_signed_with_the_accounts_ticket(site: Site) -> None:
    answer = site.browser().client.get("/wechat/signature?of=/verify/file%3Fa%3D1").get_json()
    ticket = site.app.extensions["quxiang"][1].gateway.page_ticket()
    assert answer["appId"] == site.sandbox.config.app_id
    assert answer["timestamp"] == int(site.clock().timestamp())
    wanted = signature_of(
        ticket, answer["nonceStr"], answer["timestamp"], "http://localhost/verify/file?a=1"
    )
    assert answer["signature"] == wanted


@pytest.mark.parametrize("path", ["", "https://evil.example/", "//evil.example/", "/" * 3000])
def test_nobody_elses_address_is_signed(site: Site, path: str) -> None:
    answer = site.browser().client.get("/wechat/signature", query_string={"of": path})
    assert (answer.status_code, answer.get_json()) == (400, {})


def test_the_ticket_is_asked_for_once(site: Site) -> None:
    before = times_asked(site)
    for _ in range(3):
        assert site.browser().client.get("/wechat/signature?of=/").status_code == 200
    assert times_asked(site) - before == 1


def times_asked(site: Site) -> int:
    calls = [each["path"] for each in site.sandbox.control.calls()]
    return calls.count("/cgi-bin/ticket/getticket")


def test_without_wechat_the_page_goes_without(site: Site) -> None:
    control = site.sandbox.control
    fault = control.fault("errcode", path="/cgi-bin/ticket/getticket", errcode=45009)
    answer = site.browser().client.get("/wechat/signature?of=/")
    control.clear_faults(fault)
    assert (answer.status_code, answer.get_json()) == (503, {})
    assert site.browser().get("/verify/file").status == 200
