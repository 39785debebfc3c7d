"""The first page: what has waited too long, and who has not confirmed as the end comes near."""

from datetime import date, timedelta

import pytest

from notifier.ledger.tables import Binding
from registry.province import batch_decisions, batches
from registry.province.batches import Signature
from registry.record.confirmation.confirm import Reply, answer
from registry.record.tables import Answer, Graduate
from registry.review.seasons import SeasonRules, set_season
from registry.review.states import LEVEL_CHOICES
from tests.clock import StandingClock
from tests.registry.review.casework import PROVINCE, Casework
from tests.registry.statements import statements
from tests.wxapp.school.conftest import Console
from tests.wxapp.school.review_records import Submissions, submissions

__all__ = ["submissions"]

TODAY = date(2026, 6, 10)
LATE = "份登记超过 2 天未审核"


def close_in(console: Console, days: int) -> None:
    rules = SeasonRules(2026, LEVEL_CHOICES[0], None, TODAY + timedelta(days=days))
    with console.resources.sessions.begin() as session:
        set_season(session, console.campus.school.id, rules, "test", console.resources.clock())


@pytest.fixture
def people(console: Console) -> list[Graduate]:
    """Report three, one of them in the other department, who all have to confirm."""
    campus = console.campus
    named = {"李娟": 0, "王建国": 0, "赵敏": 1}
    found = [campus.report(campus.graduate(name, place)) for name, place in named.items()]
    campus.save()
    return found


STATEMENTS = 19
"""With which the first page is asked of the database, whoever asks for it."""


@pytest.mark.parametrize("login", ["school", "department"])
@pytest.mark.usefixtures("people")
def test_the_first_page_takes_few_statements(console: Console, login: str) -> None:
    browser = console.browser(login)
    browser.get("/school/")
    with console.resources.sessions() as session, statements(session) as said:
        browser.get("/school/")
    asked = [each for each in said if each != "BEGIN"]
    assert len(asked) <= STATEMENTS, asked


def test_what_waits_for_two_whole_days_is_named_apart(
    console: Console, submissions: Submissions, clock: StandingClock
) -> None:
    submissions.add("李娟")
    clock.move(timedelta(days=2))
    submissions.add("王建国")
    assert LATE not in console.browser("department").get("/school/").text
    clock.move(timedelta(days=1))
    browser = console.browser("department").get("/school/")
    assert "2 份登记待审核" in " ".join(browser.text.split())
    browser.follow(LATE)
    assert "李娟" in browser.text
    assert "王建国" not in browser.text


def test_what_waits_for_another_level_is_not_late_for_this_one(
    console: Console, submissions: Submissions, clock: StandingClock
) -> None:
    submissions.add("李娟")
    clock.move(timedelta(days=5))
    assert LATE not in console.browser().get("/school/").text


@pytest.mark.parametrize(("days", "said"), [(14, True), (3, True), (15, False), (-1, False)])
def test_departments_are_named_as_the_end_comes_near(
    console: Console, people: list[Graduate], *, days: int, said: bool
) -> None:
    close_in(console, days)
    page = console.browser().get("/school/").text
    assert ("人未确认：计算机学院" in page) is said
    assert (f"距截止还有 {days} 天" in page) is said


def test_the_last_day_is_called_today(console: Console, people: list[Graduate]) -> None:
    close_in(console, 0)
    assert "今天截止" in console.browser().get("/school/").text


def test_a_department_s_line_leads_to_exactly_those_who_have_not_confirmed(
    console: Console, people: list[Graduate]
) -> None:
    close_in(console, 7)
    done = people[0]
    with console.resources.sessions.begin() as session:
        reply = Reply(Answer.CORRECT, done.registration_id or 0)
        answer(session, done.id, reply, channel="wechat", at=console.resources.clock())
    browser = console.browser().get("/school/")
    browser.follow("人未确认：计算机学院")
    assert "王建国" in browser.text
    assert "李娟" not in browser.text
    assert "赵敏" not in browser.text


def test_a_department_itself_is_not_told_of_departments(
    console: Console, people: list[Graduate]
) -> None:
    close_in(console, 7)
    page = console.browser("department").get("/school/").text
    assert "人尚未确认" in page
    assert "截止前未确认的" not in page


def test_only_so_many_departments_are_named_the_slowest_first(
    console: Console, people: list[Graduate], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wxapp.school.home.DEPARTMENTS", 1)
    close_in(console, 7)
    browser = console.browser().get("/school/")
    assert "人未确认：计算机学院" in browser.text
    assert "人未确认：化工学院" not in browser.text
    browser.follow("另有 1 个院系，看统计")
    assert "化工学院" in browser.text


def test_what_the_province_returned_is_named_and_leads_to_whom_and_why(console: Console) -> None:
    campus, signed = console.campus, Signature("staff:x", "刘老师")
    Casework(campus, campus.at).register(campus.graduate("李娟"))
    batch = batches.send_batch(campus.session, campus.scope, 2026, signed, campus.at)
    batch_decisions.return_batch(
        campus.session, PROVINCE, batch.key, signed, "行业填写不全", campus.at
    )
    campus.save()
    assert "被省级退回" not in console.browser("department").get("/school/").text
    browser = console.browser().get("/school/")
    browser.follow("人被省级退回（6月10日上报的批次）")
    assert "行业填写不全" in browser.text
    assert browser.follow("李娟").find("h1").get_text() == "李娟"
    assert "原因：行业填写不全" in browser.text


def page_words(console: Console, role: str = "school") -> str:
    return " ".join(console.browser(role).get("/school/").text.split())


def test_a_line_says_how_long_the_oldest_of_it_has_waited(
    console: Console, submissions: Submissions, clock: StandingClock
) -> None:
    submissions.add("李娟")
    assert "今天新增，审核后本人会收到结果" in page_words(console, "department")
    clock.move(timedelta(days=2))
    submissions.add("王建国")
    assert "最久已等 2 天，审核后本人会收到结果" in page_words(console, "department")


def test_the_progress_stands_above_what_waits_with_the_last_day(
    console: Console, people: list[Graduate]
) -> None:
    close_in(console, 14)
    page = page_words(console)
    assert "距登记截止（6月24日）还有 14 天" in page
    assert page.index("登记确认进度 共 3 人") < page.index("等您处理")


def test_what_changed_since_yesterday_leads_to_exactly_those(
    console: Console, people: list[Graduate], clock: StandingClock
) -> None:
    clock.move(timedelta(days=2))
    with console.resources.sessions.begin() as session:
        reply = Reply(Answer.CORRECT, people[0].registration_id or 0)
        answer(session, people[0].id, reply, channel="wechat", at=clock())
        session.add(Binding(openid="o1", graduate_id=people[1].id, bound_at=clock()))
        before = clock() - timedelta(days=2)
        session.add(Binding(openid="o2", graduate_id=people[2].id, bound_at=before))
        ended = {"bound_at": clock(), "ended_at": clock()}
        session.add(Binding(openid="o3", graduate_id=people[0].id, **ended))
    browser = console.browser().get("/school/")
    words = " ".join(browser.find("[aria-labelledby=changes]").get_text().split())
    assert words == "昨天以来 上报去向 0 人 确认无误 1 人 确认有误 0 人 绑定微信 1 人"
    browser.get(str(browser.find_all("[aria-labelledby=changes] a")[0]["href"]))
    assert "李娟" in browser.text
    assert "王建国" not in browser.text
    browser.get("/school/").follow("绑定微信")
    assert "1 人" in browser.find(".heading").get_text()
    assert people[1].name in browser.text


def test_a_new_school_is_led_through_its_first_steps(console: Console) -> None:
    close_in(console, 14)
    browser = console.browser().get("/school/")
    steps = " ".join(browser.find("[aria-labelledby=steps]").get_text().split())
    assert "导入名单 未完成" in steps
    assert "建立院系和辅导员账号 已完成" in steps
    assert "核对本届设置 已完成" in steps
    assert "首次使用" not in page_words(console, "department")
