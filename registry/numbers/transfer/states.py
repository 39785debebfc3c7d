"""The life of a transfer number (转递编号): states, events, which may follow which.

Source: the operating guide for schools, 2.2. One life for each kind (file, household).
"""

from datetime import date
from enum import StrEnum

from registry.numbers.validity import Standing


class State(StrEnum):
    """Whether a graduate's file or household can be sent with a number."""

    NONE = "none"
    VALID = "valid"
    LAPSED = "lapsed"
    EXPIRED = "expired"


class Event(StrEnum):
    """What can happen to a transfer number."""

    GENERATE = "generate"
    CHANGE = "change"
    """An important field of its kind changed."""
    RENEW = "renew"
    RUN_OUT = "run_out"


TITLES = {
    State.NONE: "未生成",
    State.VALID: "有效",
    State.LAPSED: "待更新",
    State.EXPIRED: "已截止",
}

MOVES: dict[tuple[State, Event], State] = {
    (State.NONE, Event.GENERATE): State.VALID,
    (State.VALID, Event.CHANGE): State.LAPSED,
    (State.VALID, Event.RUN_OUT): State.EXPIRED,
    (State.LAPSED, Event.RENEW): State.VALID,
    (State.LAPSED, Event.RUN_OUT): State.EXPIRED,
}


def after(state: State, event: Event) -> State | None:
    """Return the state `event` leads to, or None where it may not happen."""
    return MOVES.get((state, event))


def state_of(standing: Standing | None, ends_on: date | None, today: date) -> State:
    """Return the state by the newest number of the graduate and kind, if there is one."""
    if standing is None or ends_on is None:
        return State.NONE
    if today > ends_on:
        return State.EXPIRED
    return State.VALID if standing is Standing.GOOD else State.LAPSED
