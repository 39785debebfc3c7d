"""Which cohort a month of graduation belongs to, and which cohort is in season at a moment."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as some

from registry.base.clock import SHANGHAI
from registry.record import cohort


@pytest.mark.parametrize(
    ("month", "of"),
    [("202601", 2026), ("202606", 2026), ("202608", 2026), ("202609", 2027), ("202612", 2027)],
)
def test_autumn_belongs_to_the_next_years_cohort(month: str, of: int) -> None:
    assert cohort.cohort_of(month) == of


@pytest.mark.parametrize(
    ("at", "of"),
    [
        (datetime(2026, 8, 31, 15, 59, tzinfo=UTC), 2026),
        (datetime(2026, 8, 31, 16, 0, tzinfo=UTC), 2027),  # 1 September in Shanghai
        (datetime(2026, 12, 31, 16, 0, tzinfo=UTC), 2027),
    ],
)
def test_the_season_changes_on_1_september_in_shanghai(at: datetime, of: int) -> None:
    assert cohort.cohort_in_season(at) == of


@given(some.dates(date(2001, 1, 1), date(2098, 12, 31)))
def test_who_graduates_today_is_of_the_cohort_in_season_and_may_register(day: date) -> None:
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=SHANGHAI)
    found = cohort.cohort_of(f"{day:%Y%m}")
    assert found == cohort.cohort_in_season(noon)
    assert found in cohort.cohorts_possible(f"{day:%Y%m}")
    assert date(found - 1, 9, 1) <= day <= cohort.last_day(found)
