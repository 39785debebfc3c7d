"""The calendar of the year (本届日程): its days, where each comes from, and what is scheduled."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from flask import render_template, url_for
from sqlalchemy.orm import Session

from notifier.campaigns import automatic_reminders, campaigns
from registry.accounts.tables import Role
from registry.base.clock import SHANGHAI
from registry.numbers import service
from registry.numbers.shape import Issue
from registry.record import graduates
from registry.record.cohort import first_day, last_day
from registry.record.graduate_filter import GraduateFilter
from registry.review.seasons import SeasonRules
from wxapp.core.db import reading
from wxapp.core.resources import now, resources
from wxapp.school.door import blueprint, shown_season, staff_context

NEXT = 3
"""How many coming days the first page names."""
OF_SCHOOL = "学校设置"
NOTICE = "教学厅〔2023〕5号"
GUIDE = "《学校、院系操作指南》"


@dataclass(frozen=True, order=True)
class CalendarDay:
    """A day of the year: what happens, and the rule's source."""

    day: date
    words: str
    source: str
    address: str = ""
    """Of the page where it can be changed or looked at."""


@blueprint.get("/calendar", endpoint="calendar")
def show_calendar() -> str:
    """Show all days of the cohort, those that are over among them."""
    with reading() as session:
        return render_template(
            "school/calendar.html", days=days(session, _months(session)), today=today()
        )


def _months(session: Session) -> Mapping[str, int]:
    scope, people = staff_context().scope, GraduateFilter(staff_context().year)
    by_month = graduates.by_month(session, scope, people)
    return {month: sum(counts.values()) for month, counts in by_month.items()}


def today() -> date:
    """Return the day it is in Asia/Shanghai."""
    return now().astimezone(SHANGHAI).date()


def coming(session: Session, months: Mapping[str, int]) -> list[CalendarDay]:
    """Return the next days of the cohort, today among them; `months` are those of `days`."""
    return [each for each in days(session, months) if each.day >= today()][:NEXT]


def days(session: Session, months: Mapping[str, int]) -> list[CalendarDay]:
    """Return the days of the cohort in their order.

    `months` are how many of its people graduate in which month (YYYYMM).
    """
    context = staff_context()
    rules = shown_season(session)
    return sorted(
        [
            *_of_season(rules),
            *_of_reminders(session, rules),
            *_of_numbers(months),
            CalendarDay(
                resources().settings.keep.goes_on(context.year),
                "本届记录到期，开始删除，需要长期保存的请提前导出",
                "个人信息保存期限",
                _if_whole_school("school.privacy"),
            ),
        ]
    )


def _if_whole_school(endpoint: str) -> str:
    return url_for(endpoint) if staff_context().staff.role == Role.SCHOOL else ""


def _of_season(rules: SeasonRules) -> Iterator[CalendarDay]:
    settings = _if_whole_school("school.settings")
    first, last = first_day(rules.year), last_day(rules.year)
    yield CalendarDay(first, f"{rules.year} 届开始", "9 月 1 日至次年 8 月 31 日毕业的为一届")
    if rules.opens_on:
        yield CalendarDay(rules.opens_on, "毕业去向登记开始", OF_SCHOOL, settings)
    if rules.closes_on != last:
        yield CalendarDay(rules.closes_on, "毕业去向登记和更新截止", OF_SCHOOL, settings)
    yield CalendarDay(last, "毕业生本人更新去向的最后一天，之后由学校说明原因更正", NOTICE)


def _of_reminders(session: Session, rules: SeasonRules) -> Iterator[CalendarDay]:
    """Yield the reminders the system sends by itself, and those somebody scheduled."""
    before = automatic_reminders.SEASON.days if rules.reminds else ()
    for number in before:
        day = rules.closes_on - timedelta(days=number)
        words = f"截止前 {number} 天，自动提醒尚未确认的毕业生"
        yield CalendarDay(day, words, OF_SCHOOL, _if_whole_school("school.settings"))
    for each in campaigns.scheduled(session, staff_context().scope):
        if each.start_at and each.audience.get("year") == rules.year:
            day = each.start_at.astimezone(SHANGHAI).date()
            address = url_for("school.campaign", key=each.key)
            yield CalendarDay(day, f"定时提醒：{each.title}", "消息与提醒", address)


def _of_numbers(months: Mapping[str, int]) -> Iterator[CalendarDay]:
    """Yield until when numbers hold, by the months in which the cohort's people graduate."""
    for issue, title in _ENDING.items():
        for day, number in _ends(months, issue).items():
            words = f"{title}服务结束（{number:,} 人）"
            yield CalendarDay(day, words, f"{GUIDE}{_SECTIONS[issue]}")


_ENDING = {Issue.VERIFICATION: "核验编号查询", Issue.TRANSFER: "转递编号查询"}
_SECTIONS = {Issue.VERIFICATION: "2.1", Issue.TRANSFER: "2.2"}


def _ends(months: Mapping[str, int], issue: Issue) -> dict[date, int]:
    """Return for how many people the service ends on which day."""
    found: dict[date, int] = {}
    for month, number in months.items():
        day = service.last_day(issue, month)
        found[day] = found.get(day, 0) + number
    return found
