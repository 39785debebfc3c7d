"""The life of a batch that a school reports to its province (上报批次): states, events, moves.

Source: the registration notice of 2023, clause 1.4: the school reviews and reports, the province
checks and files; what it filed may still be returned, and is the school's to change again.
"""

from enum import StrEnum

from registry.base.state_table import StateTable


class BatchState(StrEnum):
    """Where a batch stands."""

    SENT = "sent"
    FILED = "filed"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"
    """Taken back by the school before the province decided."""


class BatchEvent(StrEnum):
    """What can happen to a batch: a province files or returns it, its school takes it back."""

    FILE = "file"
    RETURN = "return"
    WITHDRAW = "withdraw"


TITLES = {
    BatchState.SENT: "待省级备案",
    BatchState.FILED: "已备案",
    BatchState.RETURNED: "已退回",
    BatchState.WITHDRAWN: "已撤回",
}

BATCH = StateTable(
    moves={
        (BatchState.SENT, BatchEvent.FILE): BatchState.FILED,
        (BatchState.SENT, BatchEvent.RETURN): BatchState.RETURNED,
        (BatchState.FILED, BatchEvent.RETURN): BatchState.RETURNED,
        (BatchState.SENT, BatchEvent.WITHDRAW): BatchState.WITHDRAWN,
    },
    starts={BatchState.SENT},
)
