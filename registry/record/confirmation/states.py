"""The life of a confirmation (登记确认状态): states, events, and which may follow which.

Source: the operating guide for schools, 1.1, and the one for graduates, 1.
"""

from enum import StrEnum


class State(StrEnum):
    """Where a graduate stands."""

    NOT_REPORTED = "not_reported"
    UNCONFIRMED = "unconfirmed"
    CONFIRMED = "confirmed"
    DISPUTED = "disputed"


class Event(StrEnum):
    """What can happen to a confirmation."""

    REPORT = "report"
    CONFIRM = "confirm"
    DISPUTE = "dispute"
    WITHDRAW = "withdraw"
    CHANGE = "change"
    VOID = "void"


TITLES = {
    State.NOT_REPORTED: "未上报",
    State.UNCONFIRMED: "未确认",
    State.CONFIRMED: "确认无误",
    State.DISPUTED: "确认有误",
}

MOVES: dict[tuple[State, Event], State] = {
    (State.NOT_REPORTED, Event.REPORT): State.UNCONFIRMED,
    (State.UNCONFIRMED, Event.CONFIRM): State.CONFIRMED,
    (State.UNCONFIRMED, Event.DISPUTE): State.DISPUTED,
    (State.UNCONFIRMED, Event.CHANGE): State.UNCONFIRMED,
    (State.UNCONFIRMED, Event.VOID): State.NOT_REPORTED,
    (State.CONFIRMED, Event.CHANGE): State.UNCONFIRMED,
    (State.CONFIRMED, Event.VOID): State.NOT_REPORTED,
    (State.DISPUTED, Event.WITHDRAW): State.UNCONFIRMED,
    (State.DISPUTED, Event.CHANGE): State.UNCONFIRMED,
    (State.DISPUTED, Event.VOID): State.NOT_REPORTED,
}


def sources(event: Event) -> frozenset[State]:
    """Return the states from which `event` may happen: the WHERE of a guarded UPDATE."""
    return frozenset(state for state, candidate in MOVES if candidate is event)


def after(state: State, event: Event) -> State | None:
    """Return the state `event` leads to, or None where it may not happen."""
    return MOVES.get((state, event))
