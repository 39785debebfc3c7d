"""The life of a report: received, looked at, answered, taken up once more, closed."""

from enum import StrEnum

from registry.base.state_table import StateTable


class BreachState(StrEnum):
    """Where a report stands."""

    RECEIVED = "received"
    HANDLING = "handling"
    ANSWERED = "answered"
    REOPENED = "reopened"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


class BreachEvent(StrEnum):
    """What can happen to a report."""

    BEGIN = "begin"
    ANSWER = "answer"
    REOPEN = "reopen"
    CLOSE = "close"
    WITHDRAW = "withdraw"
    RAISE = "raise"
    """The office above takes it over."""


BREACH = StateTable(
    moves={
        (BreachState.RECEIVED, BreachEvent.BEGIN): BreachState.HANDLING,
        (BreachState.RECEIVED, BreachEvent.ANSWER): BreachState.ANSWERED,
        (BreachState.HANDLING, BreachEvent.ANSWER): BreachState.ANSWERED,
        (BreachState.RECEIVED, BreachEvent.WITHDRAW): BreachState.WITHDRAWN,
        (BreachState.HANDLING, BreachEvent.WITHDRAW): BreachState.WITHDRAWN,
        (BreachState.RECEIVED, BreachEvent.RAISE): BreachState.RECEIVED,
        (BreachState.HANDLING, BreachEvent.RAISE): BreachState.RECEIVED,
        (BreachState.ANSWERED, BreachEvent.REOPEN): BreachState.REOPENED,
        (BreachState.ANSWERED, BreachEvent.CLOSE): BreachState.CLOSED,
        # The second answer is the last: she can reopen a report once.
        (BreachState.REOPENED, BreachEvent.ANSWER): BreachState.CLOSED,
    },
    starts={BreachState.RECEIVED},
)

WAITING = BREACH.sources(BreachEvent.ANSWER)
"""States in which an answer is owed."""
TITLES = {
    BreachState.RECEIVED: "待处理",
    BreachState.HANDLING: "处理中",
    BreachState.ANSWERED: "已答复",
    BreachState.REOPENED: "复核中",
    BreachState.CLOSED: "已办结",
    BreachState.WITHDRAWN: "已撤回",
}
