"""Until when numbers hold: the service's end by the month of graduation, and what she chose."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as some

from registry.base.errors import RuleError
from registry.numbers import service
from registry.numbers.service import Validity
from registry.numbers.shape import Issue


@pytest.mark.parametrize(
    ("month", "verification", "transfer"),
    [
        ("202306", date(2023, 12, 31), date(2024, 3, 31)),
        ("202401", date(2024, 7, 31), date(2025, 3, 31)),
        ("202408", date(2025, 2, 28), date(2025, 3, 31)),
        ("202308", date(2024, 2, 29), date(2024, 3, 31)),
        ("202612", date(2027, 6, 30), date(2027, 3, 31)),
    ],
)
def test_the_service_ends_as_the_guides_say(month: str, verification: date, transfer: date) -> None:
    assert service.last_day(Issue.VERIFICATION, month) == verification
    assert service.last_day(Issue.TRANSFER, month) == transfer


@pytest.mark.parametrize(
    ("validity", "end"),
    [
        (Validity.WEEK, date(2026, 8, 7)),
        (Validity.MONTH, date(2026, 8, 31)),
        (Validity.QUARTER, date(2026, 10, 31)),
        (Validity.SERVICE, date(2026, 12, 31)),
    ],
)
def test_a_chosen_validity_counts_from_the_day_in_shanghai(validity: Validity, end: date) -> None:
    late_in_july = datetime(2026, 7, 30, 17, tzinfo=UTC)  # already the 31st in Shanghai
    assert service.chosen_end(validity, "202606", late_in_july) == end


def test_a_month_from_the_last_of_january_ends_with_february() -> None:
    begun = datetime(2027, 1, 31, 4, tzinfo=UTC)
    assert service.chosen_end(Validity.MONTH, "202612", begun) == date(2027, 2, 28)


@given(some.sampled_from(list(Validity)), some.dates(date(2026, 7, 1), date(2026, 12, 31)))
def test_no_validity_goes_beyond_the_service(validity: Validity, day: date) -> None:
    at = datetime(day.year, day.month, day.day, 4, tzinfo=UTC)
    assert day <= service.chosen_end(validity, "202606", at) <= date(2026, 12, 31)


def test_after_the_service_nothing_can_be_chosen() -> None:
    new_year = datetime(2026, 12, 31, 16, tzinfo=UTC)
    with pytest.raises(RuleError, match="service_over"):
        service.chosen_end(Validity.WEEK, "202606", new_year)
