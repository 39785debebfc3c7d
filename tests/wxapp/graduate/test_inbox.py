"""Her messages are all there, hers alone, and read when she says so."""

from datetime import datetime
from uuid import uuid4

import pytest
from sqlalchemy.orm import Session

from notifier.ledger import graduate_inbox, states
from notifier.ledger.tables import Campaign, Message
from registry.record import events
from registry.record.tables import Graduate
from tests.pages import Browser
from tests.wxapp.school.records import Campus
from tests.wxapp.site import Site


def change_twice(campus: Campus, graduate: Graduate) -> None:
    campus.report(graduate, by=events.OWN)  # told by the result of the review, not as news
    campus.report(graduate, unit_name="海尔集团公司")


@pytest.fixture
def graduate(site: Site) -> Graduate:
    return site.graduate(change_twice)


@pytest.fixture
def browser(site: Site, graduate: Graduate) -> Browser:
    return site.enter(site.bind(graduate), "messages")


def remind(session: Session, graduate: Graduate, state: states.MessageState, at: datetime) -> None:
    campaign = Campaign(
        school_id=graduate.school_id,
        created_by="staff:x",
        title="提醒",
        kind="confirmation_reminder",
        texts={"item": "核对并确认毕业去向登记", "deadline": "2026年6月30日"},
        created_at=at,
    )
    session.add(campaign)
    session.flush()
    message = Message(
        client_msg_id=uuid4().hex,
        business_key=uuid4().hex,
        kind="confirmation_reminder",
        school_id=graduate.school_id,
        campaign_id=campaign.id,
        graduate_id=graduate.id,
        facts='{"state": "unconfirmed"}',
        state=state,
        next_at=at,
        created_at=at,
    )
    session.add(message)


def test_a_change_is_told_with_who_and_what(browser: Browser) -> None:
    assert "登记信息变更通知" in browser.text
    assert "变更内容 毕业去向" in browser.text
    assert "操作方 学校" in browser.text


def test_unread_ones_are_counted_until_she_has_read_them(browser: Browser) -> None:
    assert browser.get("/g/").find(".weui-badge").text == "1"
    assert "未读" in browser.follow("消息").text
    browser.submit(button="本页标为已读")
    assert "未读" not in browser.text
    assert not browser.get("/g/").find_all(".weui-badge")


def test_a_reminder_shows_once_it_was_meant_for_her(
    site: Site, browser: Browser, graduate: Graduate
) -> None:
    waiting = (states.MessageState.WAITING, states.MessageState.SKIPPED)
    with site.resources.sessions.begin() as session:
        for state in waiting:
            remind(session, graduate, state, site.clock())
    assert "去向登记确认提醒" not in browser.get("/g/messages").text
    with site.resources.sessions.begin() as session:
        remind(session, graduate, states.MessageState.DELIVERED, site.clock())
    page = browser.get("/g/messages").text
    assert "截止日期 2026年6月30日" in page
    assert "当前状态 未确认" in page


def test_older_ones_are_a_page_further(site: Site, browser: Browser, graduate: Graduate) -> None:
    with site.resources.sessions.begin() as session:
        for _ in range(graduate_inbox.PAGE):
            remind(session, graduate, states.MessageState.DELIVERED, site.clock())
    assert len(browser.get("/g/messages").find_all("article")) == graduate_inbox.PAGE
    browser.follow("更早的消息")
    assert len(browser.find_all("article")) == 1
    assert "登记信息变更通知" in browser.text


def test_another_graduates_messages_can_be_neither_seen_nor_read(
    site: Site, browser: Browser, graduate: Graduate
) -> None:
    hers = str(browser.find("input[name=keys]")["value"])
    other = site.enter(site.bind(site.graduate(change_twice), "别人"), "messages")
    assert [each["value"] for each in other.find_all("input[name=keys]")] != [hers]
    assert len(other.find_all("article")) == 1
    sent = other.fill("form")
    sent.setlist("keys", [hers])
    other.post("/g/messages/read", sent)
    assert "未读" in browser.get("/g/messages").text
    assert not other.get(f"/g/messages?before={hers}").find_all("article")
