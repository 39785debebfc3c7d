"""A first registration of three answers is sent from the screen they stand on, as shown there."""

import pytest

from registry.record.tables import Graduate
from registry.review.states import ApplicationState
from tests.pages import Browser
from tests.wxapp.graduate.registering import FORM, application, choose
from tests.wxapp.site import Site


@pytest.fixture
def graduate(site: Site) -> Graduate:
    return site.graduate()


@pytest.fixture
def browser(site: Site, graduate: Graduate) -> Browser:
    return site.enter(site.bind(graduate), "register")


def test_three_answers_are_sent_from_the_screen_they_stand_on(
    site: Site, browser: Browser, graduate: Graduate
) -> None:
    choose(browser, "70")
    assert "提交后由院系先审核" in browser.text
    browser.submit(button="go=send")
    assert "尚未选择档案转递方式" in browser.text
    assert application(site, graduate).state == ApplicationState.DRAFT
    sent = browser.fill("form", "确认无误，提交审核")
    browser.post(f"{FORM}/transfer", sent)
    assert "等待院系审核" in browser.text
    assert browser.post(f"{FORM}/transfer", sent).path == f"{FORM}/progress", "twice is once"


def test_what_another_window_changed_is_not_sent_unseen(
    site: Site, browser: Browser, graduate: Graduate
) -> None:
    choose(browser, "70").submit(button="go=send")
    older = browser.fill("form", "确认无误，提交审核")
    choose(browser, "72")
    browser.post(f"{FORM}/transfer", older)
    assert "登记内容已在其他页面更新" in browser.find("[role=alert]").get_text()
    assert application(site, graduate).state == ApplicationState.DRAFT
