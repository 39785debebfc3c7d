"""A browser's session is a row only where there is something to remember."""

import hashlib
from datetime import datetime, timedelta

import pytest
from itsdangerous.encoding import base64_decode
from sqlalchemy import select

from registry.accounts.tables import WebSession
from tests.wxapp.school.records import Campus
from tests.wxapp.site import Site
from wxapp.core import limits
from wxapp.core.limits import CalmPeople


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


def test_what_one_person_asks_for_in_a_minute_has_an_end(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "PERSON", "6 per minute")
    openid = site.bind(site.graduate(Campus.report))
    windows = [site.enter(openid), site.enter(openid)]
    answers = [window.client.get("/g/").status_code for window in windows * 5]
    assert 429 in answers
    assert answers[-1] == 429
    assert site.enter(site.bind(site.graduate(Campus.report), "王芳")).status == 200


def test_who_asks_calmly_is_counted_by_the_process_alone(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits.FirstFilter, "calm", CalmPeople())
    browser = site.enter(site.bind(site.graduate(Campus.report)))
    browser.get("/g/")
    assert not _counted(site)
    monkeypatch.setattr(limits, "PERSON", "19 per minute")
    browser.get("/g/")
    assert len(_counted(site)) == 1


def test_each_person_is_counted_anew_in_each_minute() -> None:
    calm = CalmPeople()
    assert [calm.count(who, 59.9) for who in ("a", "b", "a")] == [1, 1, 2]
    assert [calm.count(who, 60) for who in ("a", "a", "b")] == [1, 2, 1]


def _counted(site: Site) -> list[object]:
    return [each for each in site.resources.redis.scan_iter() if b"person" in bytes(each)]


def test_what_takes_long_has_an_end_of_its_own(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "DEMANDING", "2 per minute")
    browser = site.enter(site.bind(site.graduate(Campus.report)))
    asked = [browser.client.get("/g/sheet/download").status_code for _ in range(3)]
    assert asked[-1] == 429
    assert asked[0] != 429
    assert browser.get("/g/").status == 200


def test_every_view_that_takes_long_is_a_view(site: Site) -> None:
    assert site.app.view_functions.keys() >= limits.DEMANDING_VIEWS


def test_a_form_is_signed_by_sha_256(site: Site) -> None:
    token = str(site.browser().get("/login").fill("form")["csrf_token"])
    assert len(base64_decode(token.rpartition(".")[2])) == hashlib.sha256().digest_size


def test_a_page_that_asks_how_long_it_lasts_does_not_make_it_last(site: Site) -> None:
    browser = site.enter(site.bind(site.graduate(Campus.report)))
    began = seen_at(site)
    site.clock.move(timedelta(hours=1))
    assert browser.client.get("/session").get_json() == {"seconds": 3600}
    assert seen_at(site) == began
    assert browser.client.get("/session?keep=1").get_json() == {"seconds": 7200}
    assert seen_at(site) == site.clock()
    site.clock.move(timedelta(hours=2))
    assert browser.client.get("/session").get_json() == {"seconds": 0}


def test_a_stranger_has_no_session_that_ends(site: Site) -> None:
    assert site.browser().client.get("/session").get_json() == {"seconds": 0}
    assert "session.js" not in site.browser().get("/login").response.text


def test_who_leaves_leaves_nothing_in_the_browser(site: Site) -> None:
    openid = site.bind(site.graduate(Campus.report))
    browser = site.prove(openid, site.enter(openid), "unbind")
    browser.get("/g/unbind").submit("form")
    assert browser.headers["Clear-Site-Data"] == '"cache", "storage"'
