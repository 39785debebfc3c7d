"""The life of a transfer number (转递编号): states, events, which may follow which.

Source: the operating guide for schools, 2.2. One life for each kind (file, household).
"""

from datetime import date
from enum import StrEnum

from registry.base.state_table import StateTable
from registry.numbers.states import NumberState


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

TRANSFER = StateTable(
    moves={
        (TransferState.NONE, TransferEvent.GENERATE): TransferState.VALID,
        (TransferState.VALID, TransferEvent.CHANGE): TransferState.LAPSED,
        (TransferState.VALID, TransferEvent.RUN_OUT): TransferState.EXPIRED,
        (TransferState.LAPSED, TransferEvent.RENEW): TransferState.VALID,
        (TransferState.LAPSED, TransferEvent.RUN_OUT): TransferState.EXPIRED,
    },
    starts={TransferState.NONE},
)
"""No column holds this state: it follows from the newest number's own state and its last day."""


def state_of(number: NumberState | None, ends_on: date | None, today: date) -> TransferState:
    """Return the state by the newest number of the graduate and kind, if there is one."""
    if number is None or ends_on is None:
        return TransferState.NONE
    if today > ends_on:
        return TransferState.EXPIRED
    return TransferState.VALID if number is NumberState.GOOD else TransferState.LAPSED
