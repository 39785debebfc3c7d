"""Working days (工作日): Monday to Friday, but for holidays and the days that make up for them.

Source: the State Council's notice on the holidays of each year (2026: 国办发明电〔2025〕7号, of 4
November 2025). A year whose notice is not entered yet has its Mondays to Fridays, which leaves the
other party a few days less; `quxiang check` says so. How to enter one: docs/operations.md.
"""

from datetime import date, datetime, time, timedelta

from registry.base.clock import SHANGHAI

_FREE = (
    (date(2026, 1, 1), date(2026, 1, 3)),
    (date(2026, 2, 15), date(2026, 2, 23)),
    (date(2026, 4, 4), date(2026, 4, 6)),
    (date(2026, 5, 1), date(2026, 5, 5)),
    (date(2026, 6, 19), date(2026, 6, 21)),
    (date(2026, 9, 25), date(2026, 9, 27)),
    (date(2026, 10, 1), date(2026, 10, 7)),
)
"""First and last day of each holiday."""
_MADE_UP = frozenset(
    {
        *(date(2026, 1, 4), date(2026, 2, 14), date(2026, 2, 28)),
        *(date(2026, 5, 9), date(2026, 9, 20), date(2026, 10, 10)),
    }
)
"""Saturdays and Sundays on which offices work."""
_SATURDAY = 5
_NOTICE_MONTH = 11
LAST_MINUTE = time(23, 59)
OPENS, CLOSES = time(9), time(18)
"""Of an office, in Asia/Shanghai."""


def unknown_years(at: datetime) -> list[int]:
    """Return the years whose holidays are counted with by now and are not entered.

    That is this year, and from November on, when its notice comes out, the next.
    """
    today = at.astimezone(SHANGHAI).date()
    wanted = [today.year, *([today.year + 1] if today.month >= _NOTICE_MONTH else [])]
    known = {first.year for first, _ in _FREE}
    return [each for each in wanted if each not in known]


def is_working_day(day: date) -> bool:
    """Say whether offices work on a day."""
    if any(first <= day <= last for first, last in _FREE):
        return False
    return day in _MADE_UP or day.weekday() < _SATURDAY


def in_office_hours(at: datetime) -> bool:
    """Say whether offices are open at a moment."""
    here = at.astimezone(SHANGHAI)
    return is_working_day(here.date()) and OPENS <= here.time() < CLOSES


def end_of_working_days(at: datetime, number: int) -> datetime:
    """Return the last minute (Asia/Shanghai) of so many working days, which begin the day after."""
    day = at.astimezone(SHANGHAI).date()
    while number:
        day += timedelta(days=1)
        number -= is_working_day(day)
    return datetime.combine(day, LAST_MINUTE, SHANGHAI)
