"""A graduate sees where her WeChat is signed in, ends it there, and signs out here."""

from datetime import timedelta

import pytest

from registry.accounts.sessions import hash_of
from tests.pages import Browser
from tests.wxapp.school.records import Campus
from tests.wxapp.site import Site

OPEN_TO_EVERYBODY = ("/g/help", "/g/receipt")
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Safari/604.1 MicroMessenger/8.0"


def enter(site: Site, openid: str) -> Browser:
    browser = site.browser()
    browser.client.environ_base["HTTP_USER_AGENT"] = PHONE
    return site.enter(openid, browser=browser)


def test_she_sees_each_and_ends_one_by_one_or_all_others(site: Site) -> None:
    openid = site.bind(site.graduate())
    here, there, third = (enter(site, openid) for _ in range(3))
    here.get("/g/me").follow("登录管理")
    page = site.prove(openid, here, "sessions")
    assert page.text.count("iPhone · 微信") == 3
    assert page.text.count("与当前相同") == 3
    page.submit(page.find_all("form[action='/g/sessions/end']")[0])
    left = [each for each in (there, third) if each.get("/g/").leads_to is None]
    assert len(left) == 1
    page.submit("form[action='/g/sessions/end-others']")
    assert left[0].get("/g/").leads_to is not None
    assert here.get("/g/").path == "/g/"


@pytest.mark.parametrize(
    ("page", "path"),
    [
        ("/g/sessions", "/g/sessions/end-others"),
        ("/g/unbind", "/g/unbind"),
        ("/g/privacy/withdraw", "/g/privacy/withdraw"),
    ],
)
def test_who_holds_a_session_and_not_her_wechat_ends_nothing(
    site: Site, page: str, path: str
) -> None:
    openid = site.bind(site.graduate())
    there, thief = enter(site, openid), enter(site, openid)
    token = str(thief.get("/g/sessions").find_all("input[name=csrf_token]")[0]["value"])
    for _ in range(2):
        assert not thief.get(page).find_all(f"form[action='{path}']")
        assert thief.post(path, {"csrf_token": token}).leads_to is not None
    assert there.get("/g/").path == "/g/"
    own = site.sandbox.control.add_phone("别人")
    assert site.prove(own, thief, "sessions").path == "/g/bind"
    assert there.get("/g/").path == "/g/"


def test_what_wechat_proved_holds_for_ten_minutes(site: Site) -> None:
    openid = site.bind(site.graduate())
    here, there = enter(site, openid), enter(site, openid)
    site.prove(openid, here, "sessions")
    form = here.fill("form[action='/g/sessions/end-others']")
    site.clock.move(timedelta(minutes=10))
    assert here.post("/g/sessions/end-others", form).leads_to is not None
    assert there.get("/g/").path == "/g/"


def test_she_signs_out(site: Site) -> None:
    here = enter(site, site.bind(site.graduate())).get("/g/sessions")
    here.submit("form[action='/g/sessions/leave']")
    assert "已退出登录" in here.text
    assert here.get("/g/").leads_to is not None


def test_anothers_session_is_not_hers_to_end(site: Site) -> None:
    openid = site.bind(site.graduate())
    here, theirs = enter(site, openid), enter(site, site.bind(site.graduate()))
    site.prove(openid, here, "sessions")
    cookie = theirs.client.get_cookie("quxiang")
    assert cookie is not None
    token = str(here.get("/g/sessions").find_all("input[name=csrf_token]")[0]["value"])
    here.post("/g/sessions/end", {"csrf_token": token, "session": hash_of(cookie.value)})
    assert theirs.get("/g/").path == "/g/"


def test_every_page_of_hers_leads_to_the_way_out(site: Site) -> None:
    browser = enter(site, site.bind(site.graduate(Campus.report)))
    plain = [rule for rule in site.app.url_map.iter_rules() if not rule.arguments]
    for path in (str(rule) for rule in plain if "GET" in (rule.methods or ())):
        if path.startswith("/g/") and not path.startswith(OPEN_TO_EVERYBODY):
            page = browser.client.get(path)
            if page.status_code == 200 and "<html" in page.text:  # no part of one
                assert 'href="/g/sessions"' in page.text, path
