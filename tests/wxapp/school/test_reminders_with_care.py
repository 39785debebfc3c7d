"""A reminder is sent with care: not twice a day, from kept audiences, by somebody who is named."""

import pytest
from sqlalchemy import delete, select, update

from notifier.campaigns.effect import measure_due
from notifier.ledger.tables import Campaign, Message
from registry.record.tables import Graduate
from tests.pages import Browser
from tests.wxapp.school.conftest import Console

TOLD = "其中 1 人今天已收到或即将收到同样的消息"
NEW = "/school/campaigns/new"


def words(browser: Browser) -> str:
    return " ".join(browser.text.split())


def draft(console: Console, role: str = "school", **written: str) -> Browser:
    browser = console.browser(role).get(NEW)
    return browser.submit("main form", "下一步：核对", **{"deadline": "2026-06-30", **written})


def forget(console: Console) -> None:
    """Delete the cards that ask each one for the first time."""
    with console.resources.sessions.begin() as session:
        session.execute(delete(Message))


def tell(console: Console, state: str = "delivered") -> None:
    """Give the one who is reached a card of a reminder, now."""
    draft(console)
    at = console.resources.clock()
    with console.resources.sessions.begin() as session:
        moments = dict.fromkeys(("started_at", "finished_at", "effect_due"), at)
        values = {"state": "finished", **moments}
        session.execute(update(Campaign).values(values))
        campaign = session.scalars(select(Campaign)).one()
        graduate = session.scalars(select(Graduate.id).where(Graduate.name == "李娟")).one()
        names = dict.fromkeys(("client_msg_id", "business_key"), "m1")
        moments = dict.fromkeys(("next_at", "created_at", "final_at"), at)
        session.add(
            Message(
                kind=campaign.kind,
                school_id=campaign.school_id,
                campaign_id=campaign.id,
                graduate_id=graduate,
                state=state,
                **names,
                **moments,
            )
        )


def test_who_had_the_same_card_today_is_named_before_it_is_sent_again(reachable: Console) -> None:
    forget(reachable)
    assert "今天已收到" not in words(reachable.browser().get(NEW))
    tell(reachable)
    assert TOLD in words(reachable.browser().get(NEW))
    assert TOLD in words(draft(reachable))


def test_a_card_that_failed_or_of_another_day_is_not_the_same_card_today(
    reachable: Console,
) -> None:
    forget(reachable)
    tell(reachable, "failed")
    assert "今天已收到" not in words(reachable.browser().get(NEW))
    with reachable.resources.sessions.begin() as session:
        yesterday = reachable.resources.clock().replace(hour=1, day=9)
        session.execute(update(Message).values(state="delivered", created_at=yesterday))
    assert "今天已收到" not in words(reachable.browser().get(NEW))


@pytest.mark.usefixtures("template")
def test_the_list_says_for_whom_and_who_started_it_when(reachable: Console) -> None:
    browser = draft(reachable, role="department", state="")
    browser.submit("form[action*='move/start']")
    page = words(reachable.browser().get("/school/campaigns"))
    assert "2026 届 · 除确认无误以外 · 计算机学院 待开始" in page
    assert "王老师 今天 10:00 开始" in page
    with reachable.resources.readers() as session:
        assert session.scalars(select(Campaign.started_by)).one() == (
            reachable.staff["department"].actor
        )


def test_who_cannot_be_reached_is_not_among_those_to_be_reached(reachable: Console) -> None:
    tell(reachable)
    with reachable.resources.sessions.begin() as session:
        session.execute(update(Message).values(state="skipped", reason="not_bound"))
    row = words(reachable.browser().get("/school/campaigns"))
    assert "已完成 0 0 0 1 王老师" in row


def test_the_button_names_the_moment_that_was_chosen(reachable: Console) -> None:
    browser = draft(reachable, start_at="2026-06-20T09:00")
    assert "6月20日 09:00 发送给 1 人" in words(browser)
    late = draft(reachable, start_at="2026-06-20T23:00")
    assert "6月21日 08:00 发送给 1 人" in words(late)


@pytest.mark.usefixtures("template")
def test_the_page_shows_what_a_reminder_did(reachable: Console) -> None:
    tell(reachable)
    browser = reachable.browser().get("/school/campaigns").follow("去向登记确认提醒")
    assert not browser.find_all("[aria-labelledby=effect]")
    measure_due(reachable.resources.sessions, reachable.resources.clock())
    browser.get(browser.path)
    effect = " ".join(browser.find("[aria-labelledby=effect]").get_text().split())
    assert "人数 1 0 1 天内 （未满 1 天） 0 0.0% 0 —" in effect
    home = reachable.browser().get("/school/")
    last = " ".join(home.find("[aria-labelledby=reminder]").get_text().split())
    assert "收到提醒 1 人 未能送达 0 人 收到后 1 天内确认无误（未满 1 天） 0 人" in last


def save(browser: Browser, name: str, **written: object) -> Browser:
    sent = browser.fill("main form", audience_name=name, **written)  # type: ignore[arg-type]  # a test's own words
    return browser.post("/school/campaigns/audiences", sent)


def test_an_audience_is_kept_under_a_name_and_fills_the_form_again(reachable: Console) -> None:
    key = reachable.campus.departments[1].key
    browser = reachable.browser().get(NEW)
    written = {"departments": [key], "state": "disputed", "bound": "yes", "title": "化工提醒"}
    save(browser, "化工有误", **written)
    assert "已保存到常用发送对象" in browser.text
    assert browser.fill("main form")["title"] == "化工提醒"
    browser.get(NEW).follow("化工有误")
    filled = browser.fill("main form")
    assert (filled["state"], filled["bound"], filled.getlist("departments")) == (
        "disputed",
        "yes",
        [key],
    )
    assert filled["title"] == "去向登记确认提醒"


def test_an_audience_for_all_states_stays_so(reachable: Console) -> None:
    browser = reachable.browser().get(NEW)
    save(browser, "全部", state="")
    assert browser.get(NEW).follow("全部").fill("main form")["state"] == ""


def test_a_list_of_student_numbers_is_not_kept(reachable: Console) -> None:
    browser = save(reachable.browser().get(NEW), "名单", student_numbers="S1")
    assert browser.status == 400
    assert "学号名单不能保存" in browser.text


def test_what_is_shared_fills_no_form_of_a_department_it_is_not_for(reachable: Console) -> None:
    key = reachable.campus.departments[1].key
    save(reachable.browser().get(NEW), "化工", departments=[key], audience_shared="yes")
    browser = reachable.browser("department").get(NEW).follow("化工")
    assert browser.status == 400
    assert "不在您的范围内" in browser.text


def test_another_s_audience_is_neither_seen_nor_removed_unless_shared(reachable: Console) -> None:
    save(reachable.browser("department").get(NEW), "院系自用")
    browser = reachable.browser().get(NEW)
    assert "院系自用" not in browser.text
    save(browser, "学校共用", audience_shared="yes")
    theirs = reachable.browser("department").get(NEW)
    assert "学校共用" in theirs.text
    assert len(theirs.find_all("button[formaction*=audiences]")) == 2
    mine = theirs.find("button[formaction*='audiences/']")["formaction"]
    theirs.post(str(mine), theirs.fill("main form"))
    assert "已删除" in theirs.text
    assert "院系自用" not in theirs.text
