"""A graduate whose filing the province returned reads why, and what she can do."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from registry.accounts.school_tables import School
from registry.province import batch_decisions, batches
from registry.province.batches import Signature
from registry.record.tables import Graduate
from tests.pages import Browser
from tests.registry.review.casework import PROVINCE, Casework
from tests.wxapp.school.records import Campus
from tests.wxapp.site import Site

SIGNED = Signature("staff:x", "刘老师")


def returned(campus: Campus, graduate: Graduate) -> None:
    """Have what she registered reported to the province, and returned by it."""
    Casework(campus, campus.at).register(graduate)
    batch = batches.send_batch(campus.session, campus.scope, 2026, SIGNED, campus.at)
    reason = "单位所在地与营业执照不符"
    batch_decisions.return_batch(campus.session, PROVINCE, batch.key, SIGNED, reason, campus.at)
    campus.session.refresh(graduate)


@pytest.fixture
def openid(site: Site) -> str:
    return site.bind(site.graduate(returned))


def banner(browser: Browser) -> str:
    return " ".join(each.get_text() for each in browser.find_all(".phone-banner"))


def test_she_reads_the_reason_and_may_change_it(site: Site, openid: str) -> None:
    browser = site.enter(openid)
    assert "单位所在地与营业执照不符" in banner(browser)
    browser.follow("更改登记")
    assert browser.path == "/g/register"


def test_after_the_last_day_she_is_sent_to_the_school(site: Site, openid: str) -> None:
    site.clock.move(timedelta(days=90))
    assert "请联系学校就业指导中心办理" in banner(site.enter(openid))


def test_where_the_province_has_its_own_system_she_is_sent_there(site: Site, openid: str) -> None:
    with site.resources.sessions.begin() as session:
        session.scalars(select(School)).one().correction_system = "山东省高校毕业生就业信息网"
    assert "请在山东省高校毕业生就业信息网更新" in banner(site.enter(openid))


def test_the_message_says_so_in_her_inbox(site: Site, openid: str) -> None:
    browser = site.enter(openid).get("/g/messages")
    assert "省级备案退回" in browser.text
    assert "退回原因见详情，需修改请更改登记" in browser.text
