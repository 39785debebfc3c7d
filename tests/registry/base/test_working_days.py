"""Working days: weekends and holidays are none, the days that make up for a holiday are."""

from datetime import date, datetime

import pytest

from registry.base.clock import SHANGHAI
from registry.base.working_days import end_of_working_days, is_working_day, unknown_years


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 6, 18), True),
        (date(2026, 6, 19), False),
        (date(2026, 6, 20), False),
        (date(2026, 2, 14), True),
        (date(2026, 2, 16), False),
        (date(2026, 2, 28), True),
        (date(2026, 10, 10), True),
        (date(2026, 10, 11), False),
        (date(2031, 10, 8), True),
    ],
)
def test_a_day_is_one_of_work_or_not(day: date, *, works: bool) -> None:
    assert is_working_day(day) is works


@pytest.mark.parametrize(
    ("at", "unknown"),
    [
        (datetime(2026, 10, 31, tzinfo=SHANGHAI), []),
        (datetime(2026, 11, 1, tzinfo=SHANGHAI), [2027]),
        (datetime(2031, 5, 1, tzinfo=SHANGHAI), [2031]),
        (datetime(2031, 12, 1, tzinfo=SHANGHAI), [2031, 2032]),
    ],
)
def test_years_without_their_notice_are_said(at: datetime, unknown: list[int]) -> None:
    assert unknown_years(at) == unknown


@pytest.mark.parametrize(
    ("begun", "ends"),
    [
        (datetime(2026, 6, 10, 10, 0, tzinfo=SHANGHAI), date(2026, 6, 17)),
        (datetime(2026, 6, 16, 23, 58, tzinfo=SHANGHAI), date(2026, 6, 24)),
        (datetime(2026, 2, 13, 9, 0, tzinfo=SHANGHAI), date(2026, 2, 27)),
        (datetime(2026, 2, 7, 9, 0, tzinfo=SHANGHAI), date(2026, 2, 13)),
    ],
)
def test_five_working_days_end_with_the_fifth_one_after_today(begun: datetime, ends: date) -> None:
    last = datetime(ends.year, ends.month, ends.day, 23, 59, tzinfo=SHANGHAI)
    assert end_of_working_days(begun, 5) == last
