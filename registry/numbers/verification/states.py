"""The life of a verification authorization (核验授权): states, events, which may follow which.

Source: the operating guide for schools, 2.1. What the guide calls 未确认 is 未授权 here, so that it
is not taken for the confirmation's. One life for each kind (file, household).
"""

from datetime import date
from enum import StrEnum

from registry.numbers.validity import Standing


class State(StrEnum):
    """Whether a graduate may be verified."""

    NOT_AUTHORIZED = "not_authorized"
    IN_FORCE = "in_force"
    EXPIRED = "expired"


class Event(StrEnum):
    """What can happen to an authorization."""

    AUTHORIZE = "authorize"
    EXTEND = "extend"
    REVOKE = "revoke"
    CHANGE = "change"
    """An important field of its kind changed."""
    RUN_OUT = "run_out"


TITLES = {
    State.NOT_AUTHORIZED: "未授权",
    State.IN_FORCE: "生效中",
    State.EXPIRED: "已过期",
}

MOVES: dict[tuple[State, Event], State] = {
    (State.NOT_AUTHORIZED, Event.AUTHORIZE): State.IN_FORCE,
    (State.IN_FORCE, Event.EXTEND): State.IN_FORCE,
    (State.IN_FORCE, Event.REVOKE): State.NOT_AUTHORIZED,
    (State.IN_FORCE, Event.CHANGE): State.NOT_AUTHORIZED,
    (State.IN_FORCE, Event.RUN_OUT): State.EXPIRED,
    (State.EXPIRED, Event.AUTHORIZE): State.IN_FORCE,
    (State.EXPIRED, Event.CHANGE): State.NOT_AUTHORIZED,
}


def after(state: State, event: Event) -> State | None:
    """Return the state `event` leads to, or None where it may not happen."""
    return MOVES.get((state, event))


def state_of(standing: Standing | None, ends_on: date | None, today: date) -> State:
    """Return the state by the newest number of the graduate and kind, if there is one."""
    if standing is not Standing.GOOD or ends_on is None:
        return State.NOT_AUTHORIZED
    return State.IN_FORCE if today <= ends_on else State.EXPIRED
