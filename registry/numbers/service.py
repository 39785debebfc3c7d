"""Until when numbers hold: the end of the service, and what a graduate may choose within it.

Sources: the report's fourth note (graduation month and six months), the guide for schools, figure 8
(31 March of the year after graduation). A month of graduation has no day: its end is meant.
"""

from calendar import monthrange
from datetime import date, datetime, timedelta
from enum import StrEnum

from registry.base.clock import SHANGHAI
from registry.base.errors import RuleError
from registry.numbers.shape import Issue

MONTHS_AFTER_GRADUATION = 6
TRANSFER_MONTH, TRANSFER_DAY = 3, 31


class Validity(StrEnum):
    """How long a graduate lets herself be verified."""

    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    SERVICE = "service"


USUAL = Validity.MONTH
"""What the form offers first: most receivers have looked by then, and a longer one is asked for."""

VALIDITY_TITLES = {
    Validity.WEEK: "7 天",
    Validity.MONTH: "1 个月",
    Validity.QUARTER: "3 个月",
    Validity.SERVICE: "到服务期结束",
}

_MONTHS = {Validity.MONTH: 1, Validity.QUARTER: 3}


def today(at: datetime) -> date:
    """Return the day it is in Asia/Shanghai."""
    return at.astimezone(SHANGHAI).date()


def graduation_year(graduation_month: str) -> int:
    """Return the year of a month of graduation (YYYYMM): numbers begin with it."""
    return int(graduation_month[:4])


def last_day(issue: Issue, graduation_month: str) -> date:
    """Return the last day of the service for who graduated in a month (YYYYMM)."""
    year, month = graduation_year(graduation_month), int(graduation_month[4:6])
    if issue is Issue.TRANSFER:
        return date(year + 1, TRANSFER_MONTH, TRANSFER_DAY)
    return _month_end(date(year, month, 1), MONTHS_AFTER_GRADUATION)


def earliest_transferred(today: date) -> str:
    """Return the earliest month of graduation (YYYYMM) whose transfer service still runs."""
    runs_on = (today.month, today.day) <= (TRANSFER_MONTH, TRANSFER_DAY)
    return f"{today.year - 1 if runs_on else today.year}01"


def chosen_end(validity: Validity, graduation_month: str, at: datetime) -> date:
    """Return the last day of a validity chosen now: never beyond the service.

    Raises RuleError `service_over`.
    """
    last = last_day(Issue.VERIFICATION, graduation_month)
    begun = today(at)
    if begun > last:
        sentence = f"核验服务已于{last.year}年{last.month}月{last.day}日结束，不能再授权。"
        raise RuleError("service_over", f"{sentence}接收单位可用学校的转递编号核验。")
    return min(last, _end_of(validity, begun, last))


def _end_of(validity: Validity, begun: date, last: date) -> date:
    if validity is Validity.SERVICE:
        return last
    if validity is Validity.WEEK:
        return begun + timedelta(days=7)
    return _months_later(begun, _MONTHS[validity])


def _months_later(day: date, months: int) -> date:
    """Return the same day some months later, or that month's last."""
    end = _month_end(day, months)
    return end.replace(day=min(day.day, end.day))


def _month_end(day: date, months: int) -> date:
    later, month = divmod(day.month - 1 + months, 12)
    year = day.year + later
    return date(year, month + 1, monthrange(year, month + 1)[1])
