"""Until when the parties of an agreement may act: whole days of Asia/Shanghai, to their end."""

from datetime import date, datetime, time, timedelta

from registry.base.clock import SHANGHAI

LAST_MINUTE = time(23, 59)
MEND_DAYS = 10
"""How long an employer has to amend what the school returned, or she to send it as it is."""
AGREE_DAYS = 5
"""How long a graduate has to agree to amended terms."""
SUPPLEMENT_DAYS = 10
"""How long a graduate has to answer a supplement to what is signed."""
PAPER_DAYS = 60
"""How long both parties have to sign a paper, from its issue or from its last return."""


def last_moment(at: datetime, days: int) -> datetime:
    """Return the last minute of the day that is `days` after `at`."""
    return end_of((at.astimezone(SHANGHAI) + timedelta(days=days)).date())


def end_of(day: date) -> datetime:
    """Return the last minute of a day."""
    return datetime.combine(day, LAST_MINUTE, SHANGHAI)
