"""How long is left until a last day, counted in days of Asia/Shanghai."""

from collections.abc import Iterable
from datetime import date, datetime

from registry.base.clock import SHANGHAI


def days_left(last: date, at: datetime) -> int:
    """Return how many days are left: 0 on the last day itself, less than 0 after it."""
    return (last - at.astimezone(SHANGHAI).date()).days


def mark(left: int, marks: Iterable[int]) -> int | None:
    """Return which mark was passed last, so many days before the end; None outside them all.

    With 14, 7 and 3 it is 7 on the seventh day and on the four after it: what was missed on its
    day is done later, and never beside the next.
    """
    return min((each for each in marks if 0 <= left <= each), default=None)
