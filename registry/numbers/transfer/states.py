"""The life of a transfer number (转递编号): states, events, which may follow which.

Source: the operating guide for schools, 2.2. One life for each kind (file, household).
"""

from datetime import date
from enum import StrEnum

from registry.numbers.validity import NumberState


class TransferState(StrEnum):
    """Whether a graduate's file or household can be sent with a number."""

    NONE = "none"
    VALID = "valid"
    LAPSED = "lapsed"
    EXPIRED = "expired"


class TransferEvent(StrEnum):
    """What can happen to a transfer number."""

    GENERATE = "generate"
    CHANGE = "change"
    """An important field of its kind changed."""
    RENEW = "renew"
    RUN_OUT = "run_out"


TITLES = {
    TransferState.NONE: "未生成",
    TransferState.VALID: "有效",
    TransferState.LAPSED: "待更新",
    TransferState.EXPIRED: "已截止",
}

MOVES: dict[tuple[TransferState, TransferEvent], TransferState] = {
    (TransferState.NONE, TransferEvent.GENERATE): TransferState.VALID,
    (TransferState.VALID, TransferEvent.CHANGE): TransferState.LAPSED,
    (TransferState.VALID, TransferEvent.RUN_OUT): TransferState.EXPIRED,
    (TransferState.LAPSED, TransferEvent.RENEW): TransferState.VALID,
    (TransferState.LAPSED, TransferEvent.RUN_OUT): TransferState.EXPIRED,
}


def after(state: TransferState, event: TransferEvent) -> TransferState | None:
    """Return the state `event` leads to, or None where it may not happen."""
    return MOVES.get((state, event))


def state_of(standing: NumberState | None, ends_on: date | None, today: date) -> TransferState:
    """Return the state by the newest number of the graduate and kind, if there is one."""
    if standing is None or ends_on is None:
        return TransferState.NONE
    if today > ends_on:
        return TransferState.EXPIRED
    return TransferState.VALID if standing is NumberState.GOOD else TransferState.LAPSED
