"""Who has several records sees the one in season, and switches to the others."""

import re
from collections.abc import Sequence

import pytest
from sqlalchemy import select, update

from notifier.binding import sms_after_commit
from notifier.ledger.tables import Binding, Message
from registry.codes.identity import identity_index, phone_index
from registry.record.tables import Graduate
from tests.pages import Browser
from tests.wxapp.school.records import Campus, open_campus
from tests.wxapp.site import Site

Both = tuple[Graduate, Graduate]
NEW, IDENTITY = "19900007777", "110101200303071230"


def of_2022(campus: Campus, graduate: Graduate) -> None:
    graduate.year, graduate.graduation_month = 2022, "202206"
    campus.report(graduate, unit_name="齐鲁制药有限公司")


def of_2028(campus: Campus, graduate: Graduate) -> None:
    graduate.year, graduate.graduation_month = 2028, "202806"


@pytest.fixture
def both(site: Site) -> Both:
    """Give her records of 2022 and of 2026, the year in season."""
    return site.graduate(of_2022), site.graduate(lambda campus, her: campus.report(her))


@pytest.fixture
def openid(site: Site, both: Both) -> str:
    return bind_all(site, both)


@pytest.fixture
def browser(site: Site, openid: str) -> Browser:
    return site.enter(openid)


def bind_all(site: Site, records: Sequence[Graduate]) -> str:
    openid = site.bind(records[0])
    with site.resources.sessions.begin() as session:
        for each in records[1:]:
            row = Binding(openid=openid, graduate_id=each.id, joined=True, bound_at=site.clock())
            session.add(row)
    return openid


def shown(browser: Browser) -> str:
    return browser.find("h1 small").get_text(strip=True)


def test_her_pages_open_on_the_record_in_season(site: Site, both: Both) -> None:
    later = site.graduate(of_2028)
    assert shown(site.enter(bind_all(site, [later, *both]))) == "2026 届"


def test_without_one_in_season_they_open_on_the_newest(site: Site, both: Both) -> None:
    later = site.graduate(of_2028)
    assert shown(site.enter(bind_all(site, [both[0], later]))) == "2028 届"


def test_the_switch_names_the_others_and_is_remembered(browser: Browser) -> None:
    browser.follow("切换到：测试大学10425 2022 届")
    assert shown(browser) == "2022 届"
    assert "齐鲁制药有限公司" in browser.text
    assert shown(browser.get("/g/")) == "2022 届"
    assert shown(browser.follow("切换到：测试大学10425 2026 届")) == "2026 届"


def test_who_has_one_record_sees_no_switch(site: Site, both: Both) -> None:
    assert "切换到" not in site.enter(site.bind(both[0])).text


def test_nobody_elses_record_is_opened_by_its_key(site: Site, both: Both) -> None:
    hers, anothers = both
    browser = site.enter(bind_all(site, [hers, site.graduate(of_2028)]))
    assert shown(browser.get(f"/g/?record={anothers.key}")) == "2028 届"


def test_a_form_acts_on_the_record_it_was_shown_for(
    site: Site, both: Both, browser: Browser
) -> None:
    earlier, in_season = both
    browser.get("/g/confirmation")
    other_window = Browser(browser.client)
    other_window.get(f"/g/?record={earlier.key}")
    assert shown(other_window) == "2022 届"
    browser.submit("#right")
    assert site.state_of(in_season) == "confirmed"
    assert site.state_of(earlier) == "unconfirmed"


def test_a_message_leads_to_the_record_it_is_about(
    site: Site, both: Both, openid: str, browser: Browser
) -> None:
    earlier, _ = both
    wanted = select(Message.client_msg_id).where(Message.graduate_id == earlier.id)
    message = site.read(lambda session: session.scalars(wanted).first())
    assert shown(browser.get(f"/g/?message={message}")) == "2022 届"
    new = site.browser().get(f"/g/?message={message}")
    assert new.leads_to is not None
    assert shown(new.get(site.way_back(new.leads_to, openid))) == "2022 届"


def test_she_adds_the_record_of_a_school_that_has_another_phone(site: Site, both: Both) -> None:
    vault = site.resources.vault
    with site.resources.sessions.begin() as session:
        campus = open_campus(session, site.clock(), "10002", vault)
        campus.graduate(phone=NEW, phone_index=phone_index(vault, NEW))
        session.execute(update(Graduate).values(identity_index=identity_index(vault, IDENTITY)))
    browser = site.enter(bind_all(site, both), "me").follow("添加其他毕业记录")
    browser.submit("form", "获取验证码", name="李娟", identity_number=IDENTITY)
    sms_after_commit.settle()
    (code,) = re.findall(r"\d{6}", site.sandbox.control.sms(NEW)[-1]["text"])
    browser.submit(button="同意并绑定", code=code)
    assert "绑定成功" in browser.text
    assert len(browser.get("/g/").find_all("nav[aria-label=其他毕业记录] a")) == 2


def test_her_inbox_holds_the_messages_of_all_records(both: Both, browser: Browser) -> None:
    browser.get("/g/messages")
    messages = [each.get_text(" ", strip=True) for each in browser.find_all("article.message")]
    assert len(messages) == 2
    assert "2026 届" in messages[0]
    assert "2022 届" in messages[1]
    browser.get(str(browser.find_all("a.message-more")[1]["href"]))
    assert shown(browser.get("/g/")) == "2022 届"
    browser.get("/g/messages").submit("form")
    assert not browser.find_all("article .mark")


def test_a_record_that_was_ended_is_shown_no_more(site: Site, both: Both, openid: str) -> None:
    earlier, in_season = both
    site.change(in_season, lambda _campus, her: setattr(her, "year", -2026))
    browser = site.enter(openid)
    assert shown(browser) == "2022 届"
    assert "切换到" not in browser.text
    site.change(earlier, lambda _campus, her: setattr(her, "year", -2022))
    assert "您的毕业记录已停用" in browser.get("/g/").text
