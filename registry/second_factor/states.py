"""The life of a request to reset a second factor (重置二次验证): one asks, another decides."""

from enum import StrEnum

from registry.base.state_table import StateTable


class ResetState(StrEnum):
    """Where a request stands."""

    ASKED = "asked"
    DONE = "done"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"


class ResetEvent(StrEnum):
    """What can happen to a request."""

    APPROVE = "approve"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    LAPSE = "lapse"


RESET = StateTable(
    moves={
        (ResetState.ASKED, ResetEvent.APPROVE): ResetState.DONE,
        (ResetState.ASKED, ResetEvent.REFUSE): ResetState.REFUSED,
        (ResetState.ASKED, ResetEvent.WITHDRAW): ResetState.WITHDRAWN,
        (ResetState.ASKED, ResetEvent.LAPSE): ResetState.LAPSED,
    },
    starts={ResetState.ASKED},
)
