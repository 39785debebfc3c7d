"""A graduate asks to have her destination voided."""

import pytest

from registry.record.tables import Graduate
from registry.review.application_moves import current
from registry.review.states import Level
from tests.pages import Browser
from tests.wxapp.graduate.registering import FORM, choose, decide
from tests.wxapp.school.records import Campus
from tests.wxapp.site import Site

PAGE = "/g/void"


@pytest.fixture
def graduate(site: Site) -> Graduate:
    return site.graduate(Campus.report)


@pytest.fixture
def browser(site: Site, graduate: Graduate) -> Browser:
    return site.enter(site.bind(graduate)).get(PAGE)


def test_from_the_request_to_registering_anew(
    site: Site, browser: Browser, graduate: Graduate
) -> None:
    browser.submit(note="与单位解约")
    assert "作废申请等待院系审核" in browser.text
    assert "作废申请正在等待院系审核" in browser.get("/g/").text
    assert browser.get(FORM).path == PAGE
    decide(site, graduate, Level.DEPARTMENT)
    assert "作废申请等待学校审核" in browser.get(PAGE).text
    decide(site, graduate, Level.SCHOOL)
    assert site.state_of(graduate) == "not_reported"
    assert "去登记（" in browser.get("/g/").find(".phone-thumb a").get_text(strip=True)
    assert "不需要作废" in browser.get(PAGE).text


def test_what_was_not_agreed_to_says_why_and_may_be_asked_again(
    site: Site, browser: Browser, graduate: Graduate
) -> None:
    browser.submit(note="与单位解约")
    decide(site, graduate, Level.DEPARTMENT, "请先上传解约函")
    banner = browser.get(PAGE).find(".phone-banner").get_text(" ", strip=True)
    assert banner == "上次的作废申请，院系没有同意 请先上传解约函"
    assert banner in browser.get("/g/").text
    browser.get(PAGE).submit(note="已上传解约函")
    assert "已上传解约函" in browser.text


def test_a_reason_is_wanted_and_a_long_one_is_kept_on_the_screen(
    site: Site, browser: Browser, graduate: Graduate
) -> None:
    browser.submit(note=" ")
    assert browser.status == 400
    assert "请写明作废原因" in browser.find("[role=alert]").get_text()
    browser.submit(note="长" * 201)
    assert "原因请控制在 200 字以内" in browser.find("[role=alert]").get_text()
    assert browser.find("textarea").get_text(strip=True) == "长" * 201
    assert site.read(lambda session: current(session, graduate.id)) is None


def test_it_is_taken_back_and_asked_once(site: Site, browser: Browser, graduate: Graduate) -> None:
    sent = browser.fill("form", note="与单位解约")
    browser.post(PAGE, sent)
    assert browser.post(PAGE, sent).status == 200
    browser.submit(button="撤回作废申请")
    assert site.read(lambda session: current(session, graduate.id)) is None
    assert site.state_of(graduate) == "unconfirmed"


def test_with_a_draft_open_there_is_no_form(browser: Browser) -> None:
    choose(browser, "11")
    assert "请先撤回或放弃它" in browser.get(PAGE).text
    assert not browser.find_all("textarea")
