"""The calendar of the year says each day with its source; a page says what it is for."""

from datetime import timedelta

from notifier.campaigns import campaigns
from notifier.campaigns.audience import Audience
from notifier.campaigns.campaigns import Draft
from notifier.ledger.tables import AccountTemplate
from tests.pages import Browser
from tests.wxapp.school.conftest import Console
from tests.wxapp.school.test_home import close_in
from wxapp.school.page_help import HELP

CALENDAR = "/school/calendar"


def lines(browser: Browser) -> list[str]:
    return [" ".join(each.get_text().split()) for each in browser.find_all("main tbody tr")]


def test_the_days_of_the_year_stand_in_order_with_their_sources(console: Console) -> None:
    console.campus.graduate()
    console.campus.save()
    close_in(console, 14)
    found = lines(console.browser().get(CALENDAR))
    assert found[0] == "2025年9月1日 2026 届开始 9 月 1 日至次年 8 月 31 日毕业的为一届 已过"
    assert "2026年6月10日 截止前 14 天，自动提醒尚未确认的毕业生 学校设置 今天" in found
    assert "2026年6月24日 毕业去向登记和更新截止 学校设置 还有 14 天" in found
    assert any("2026年12月31日 核验编号查询服务结束（1 人）" in each for each in found)
    assert any("2027年3月31日 转递编号查询服务结束（1 人）" in each for each in found)
    assert [each[:4] for each in found] == sorted(each[:4] for each in found)


def test_a_reminder_that_is_scheduled_stands_in_the_calendar_of_who_sees_it(
    console: Console, template: AccountTemplate
) -> None:
    campus, at = console.campus, console.resources.clock() + timedelta(days=3)
    draft = Draft(
        "六月提醒", "confirmation_reminder", Audience(2026), {"deadline": "2026-06-30"}, at
    )
    with console.resources.sessions.begin() as session:
        made = campaigns.create(session, campus.scope, draft, by="test", at=campus.at)
        campaigns.start(session, campus.scope, made.key, at=campus.at)
    browser = console.browser().get("/school/")
    assert "2026年6月13日 定时提醒：六月提醒" in " ".join(browser.text.split())
    assert browser.follow("本届日程").follow("定时提醒：六月提醒").status == 200
    assert "六月提醒" not in console.browser("department").get(CALENDAR).text


def test_a_department_is_led_to_no_setting_it_may_not_see(console: Console) -> None:
    links = console.browser("department").get(CALENDAR).find_all("main tbody a")
    assert not links


def test_a_page_without_words_of_its_own_has_those_of_its_entry(console: Console) -> None:
    browser = console.browser().get("/school/graduates/new")
    assert HELP["school.new_person"].sentences[0] in browser.text
