"""Cohorts (届): the year of graduates whom a school registers together, 1 September to 31 August.

Who graduates from September to December belongs to the next year's cohort, unless the school's
roster says otherwise. Numbers, reports and ends of service follow the month as printed, not this.
"""

from datetime import date, datetime

from registry.base.clock import SHANGHAI

FIRST_MONTH = 9


def cohort_of(graduation_month: str) -> int:
    """Return the cohort of a month of graduation (YYYYMM)."""
    return _cohort(int(graduation_month[:4]), int(graduation_month[4:6]))


def cohort_in_season(at: datetime) -> int:
    """Return the cohort whose destinations are registered at a moment, by Asia/Shanghai's day."""
    day = at.astimezone(SHANGHAI)
    return _cohort(day.year, day.month)


def cohorts_possible(graduation_month: str) -> tuple[int, int]:
    """Return the cohorts a school may put a month of graduation (YYYYMM) in."""
    year = int(graduation_month[:4])
    return year, year + 1


def first_day(cohort: int) -> date:
    """Return the day on which a cohort's season begins: 1 September of the year before."""
    return date(cohort - 1, FIRST_MONTH, 1)


def last_day(cohort: int) -> date:
    """Return the last day a graduate may change what is registered: 31 August of the cohort.

    Source: the registration notice of 2023, clause 1.3.
    """
    return date(cohort, FIRST_MONTH - 1, 31)


def _cohort(year: int, month: int) -> int:
    return year + (month >= FIRST_MONTH)
