"""A browser's session is a row only where there is something to remember."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from registry.accounts.tables import WebSession
from tests.wxapp.school.records import Campus
from tests.wxapp.site import Site
from wxapp.core import limits


def rows(site: Site) -> list[WebSession]:
    return list(site.read(lambda session: session.scalars(select(WebSession)).all()))


def seen_at(site: Site) -> datetime:
    (row,) = rows(site)
    return row.seen_at


def test_a_passer_by_leaves_no_row_and_gets_no_cookie(site: Site) -> None:
    browser = site.browser()
    for path in ("/", "/g/help", "/healthz", "/nothing"):
        browser.get(path)
    assert browser.client.get_cookie("quxiang") is None
    assert rows(site) == []


def test_a_made_up_cookie_is_not_taken_over(site: Site) -> None:
    browser = site.browser()
    browser.client.set_cookie("quxiang", "made-up")
    browser.get("/login")
    cookie = browser.client.get_cookie("quxiang")
    assert cookie is not None
    assert cookie.value != "made-up"


def test_that_it_is_in_use_is_written_once_a_minute(site: Site) -> None:
    browser = site.enter(site.bind(site.graduate(Campus.report)))
    began = seen_at(site)
    site.clock.move(timedelta(seconds=59))
    browser.get("/g/")
    assert seen_at(site) == began
    site.clock.move(timedelta(seconds=1))
    browser.get("/g/")
    assert seen_at(site) == site.clock()


def test_a_flood_of_strangers_stops_being_written_down(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = site.browser().get("/login")
    monkeypatch.setattr(limits, "STRANGERS", "5 per minute")
    paths = ["/login", "/school/", "/wechat/login"] * 3
    answers = [site.browser().client.get(path) for path in paths]
    assert [answer.status_code for answer in answers[5:]] == [429] * 4
    assert "请稍等一分钟再试" in answers[5].get_data(as_text=True)
    assert len(rows(site)) == 1 + 5
    assert known.get("/login").status == 200
    with site.browser().client.get("/static/mark.svg") as picture:
        assert picture.status_code == 200
    assert site.browser().client.get("/healthz").status_code == 200


def test_over_https_the_cookie_is_bound_to_the_host(site: Site) -> None:
    app = site.app_with(public_url="https://dj.example.edu.cn")
    answer = app.test_client().get("/login", base_url="https://dj.example.edu.cn")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-quxiang=")
    assert "; Secure" in cookie
    assert "Domain=" not in cookie
    assert "; Path=/;" in cookie
    assert "max-age=31536000" in answer.headers["Strict-Transport-Security"]
