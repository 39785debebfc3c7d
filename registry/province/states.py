"""The life of a batch that a school reports to its province (上报批次): states, events, moves.

Source: the registration notice of 2023, clause 1.4: the school reviews and reports, the province
checks and files; what it filed may still be returned, and is the school's to change again.
"""

from enum import StrEnum


class BatchState(StrEnum):
    """Where a batch stands."""

    SENT = "sent"
    FILED = "filed"
    RETURNED = "returned"


class BatchEvent(StrEnum):
    """What a province can do with a batch."""

    FILE = "file"
    RETURN = "return"


TITLES = {BatchState.SENT: "待省级备案", BatchState.FILED: "已备案", BatchState.RETURNED: "已退回"}

MOVES: dict[tuple[BatchState, BatchEvent], BatchState] = {
    (BatchState.SENT, BatchEvent.FILE): BatchState.FILED,
    (BatchState.SENT, BatchEvent.RETURN): BatchState.RETURNED,
    (BatchState.FILED, BatchEvent.RETURN): BatchState.RETURNED,
}


def sources(event: BatchEvent) -> frozenset[BatchState]:
    """Return the states from which `event` may happen: the WHERE of a guarded UPDATE."""
    return frozenset(state for state, candidate in MOVES if candidate is event)
