"""When a sweep has something to do next, though nobody changes a row until then."""

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime

from notifier.delivery import claim

Rows = Callable[[str], list[sqlite3.Row]]

_NAMED = """
    SELECT lease_until AS moment FROM message WHERE state = 'sending'
    UNION SELECT next_at FROM message WHERE state = 'waiting'
    UNION SELECT start_at FROM campaign UNION SELECT not_after FROM campaign
    UNION SELECT wait_until FROM campaign UNION SELECT paused_until FROM account
    UNION SELECT next_at FROM inbox_event WHERE done_at IS NULL
"""
_WINDOWS = "SELECT maybe_since AS moment FROM message WHERE state = 'waiting'"


def till_next(rows: Rows, at: datetime) -> float:
    """Return the seconds until the next moment that a row names; infinity if there is none."""
    named = _moments(rows(_NAMED))
    closing = [each + claim.WINDOW for each in _moments(rows(_WINDOWS))]
    return min(
        ((each - at).total_seconds() for each in (*named, *closing) if each > at),
        default=float("inf"),
    )


def _moments(found: list[sqlite3.Row]) -> list[datetime]:
    return [
        datetime.fromisoformat(each["moment"]).replace(tzinfo=UTC)
        for each in found
        if each["moment"]
    ]
