"""企业微信 signs staff in and binds graduates as every campus does: in the app, and on a desk."""

from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask

from sandbox.doors.wecom_pages import AGENT_ID, CORP_ID, CORP_SECRET, PREFIX, STRANGER
from tests.pages import Browser
from tests.wxapp.core.campuses import (
    NUMBER,
    PASSWORD,
    add_staff,
    app_with_campus,
    at_the_campus,
    way_out,
)
from tests.wxapp.graduate.test_binding import report
from tests.wxapp.graduate.test_binding_by_campus import address_of, begun, bound
from tests.wxapp.site import Site

IN_WECHAT = {"User-Agent": "Mozilla/5.0 (iPhone) MicroMessenger/7.0.1 wxwork/4.1.30"}


def app_with_wecom(site: Site, **changes: Any) -> Flask:  # noqa: ANN401 - any setting's value
    stand_in = f"{site.sandbox.url}{PREFIX}"
    addresses = {"server": stand_in, "open_url": stand_in, "desk_url": stand_in}
    keys = {"client_id": CORP_ID, "client_secret": CORP_SECRET, "agent_id": AGENT_ID}
    usual = {"protocol": "wecom", "title": "企业微信"}
    return app_with_campus(site, **(addresses | keys | usual | changes))


def back_from(address: str, number: str = NUMBER) -> str:
    return at_the_campus(address.partition("#")[0], number)


@pytest.fixture
def app(site: Site) -> Flask:
    return app_with_wecom(site)


def test_a_desk_scans_a_code_and_the_app_knows_who_it_is(site: Site, app: Flask) -> None:
    add_staff(site)
    desk = Browser(app.test_client()).get("/school/graduates")
    address = way_out(desk)
    assert urlsplit(address).path == f"{PREFIX}/wwlogin/sso/login"
    assert desk.get(back_from(address)).path == "/login/campus-first"
    assert desk.submit(login="teacher", password=PASSWORD).path == "/school/graduates"
    answer = app.test_client().get("/login/campus/qinghe", headers=IN_WECHAT)
    inside = urlsplit(answer.headers["Location"])
    assert inside.path == f"{PREFIX}/connect/oauth2/authorize"
    assert inside.fragment == "wechat_redirect"
    again = Browser(app.test_client())
    assert again.get(back_from(way_out(again))).path == "/school/"  # bound: no password


def test_what_came_back_counts_once_and_a_stranger_is_nobody(site: Site, app: Flask) -> None:
    add_staff(site)
    browser = Browser(app.test_client())
    back = back_from(way_out(browser), STRANGER)
    assert "没有确认您的身份" in browser.get(back).find("[role=alert]").text
    assert "已失效" in browser.get(back).find("[role=alert]").text


def test_a_wrong_secret_is_said_without_it(site: Site) -> None:
    browser = Browser(app_with_wecom(site, client_secret="another").test_client())
    page = browser.get(back_from(way_out(browser)))
    assert "暂时无法连接" in page.find("[role=alert]").text
    assert "another" not in page.text


def test_a_graduate_is_bound_by_her_number_there(site: Site, app: Flask) -> None:
    graduate = site.graduate(report)
    phone = site.sandbox.control.add_phone("新来的")
    page = begun(site.enter(phone, browser=Browser(app.test_client())), campus="企业微信")
    page.get(back_from(address_of(page), graduate.student_number))
    assert "绑定成功" in page.text
    assert bound(site) == [graduate.name]


def test_the_stand_in_takes_nothing_but_what_is_right(site: Site, app: Flask) -> None:
    address = way_out(Browser(app.test_client()))
    for right in ("login_type=CorpApp", f"appid={CORP_ID}", f"agentid={AGENT_ID}", "state="):
        with pytest.raises(KeyError):  # it leads nowhere
            back_from(address.replace(right, "other="))
