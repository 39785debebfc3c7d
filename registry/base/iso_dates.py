"""Days and moments as pages send them (ISO 8601), within the years that every database counts.

A day of the year 1 or 9999 can be written, but not moved to another time zone or by a day.
"""

from datetime import date, datetime

YEARS = range(1800, 2200)


def day_of(text: str) -> date:
    """Read a day, such as 2026-06-30; raise ValueError for what is none, or out of `YEARS`."""
    return _within(date.fromisoformat(text))


def moment_of(text: str) -> datetime:
    """Read a moment, such as 2026-06-30T09:00; raise ValueError as `day_of` does."""
    found = datetime.fromisoformat(text)
    _within(found.date())
    return found


def _within(day: date) -> date:
    if day.year not in YEARS:
        raise ValueError("a year that nobody means")
    return day
