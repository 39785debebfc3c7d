"""The life of a confirmation (登记确认状态): states, events, and which may follow which.

Source: the operating guide for schools, 1.1, and the one for graduates, 1.
"""

from enum import StrEnum

from registry.base.state_table import StateTable


class ConfirmationState(StrEnum):
    """Where a graduate stands."""

    NOT_REPORTED = "not_reported"
    UNCONFIRMED = "unconfirmed"
    CONFIRMED = "confirmed"
    DISPUTED = "disputed"


ANSWERED = frozenset({ConfirmationState.CONFIRMED, ConfirmationState.DISPUTED})
"""Where she has given an answer that holds."""


class ConfirmationEvent(StrEnum):
    """What can happen to a confirmation."""

    REPORT = "report"
    CONFIRM = "confirm"
    DISPUTE = "dispute"
    WITHDRAW = "withdraw"
    CHANGE = "change"
    VOID = "void"
    CONFIRMED_AGAIN = "confirmed_again"
    """What reset the answer was undone; so was it with the next."""
    DISPUTED_AGAIN = "disputed_again"


TITLES = {
    ConfirmationState.NOT_REPORTED: "未上报",
    ConfirmationState.UNCONFIRMED: "未确认",
    ConfirmationState.CONFIRMED: "确认无误",
    ConfirmationState.DISPUTED: "确认有误",
}

CONFIRMATION = StateTable(
    moves={
        (ConfirmationState.NOT_REPORTED, ConfirmationEvent.REPORT): ConfirmationState.UNCONFIRMED,
        (ConfirmationState.UNCONFIRMED, ConfirmationEvent.CONFIRM): ConfirmationState.CONFIRMED,
        (ConfirmationState.UNCONFIRMED, ConfirmationEvent.DISPUTE): ConfirmationState.DISPUTED,
        (ConfirmationState.UNCONFIRMED, ConfirmationEvent.CHANGE): ConfirmationState.UNCONFIRMED,
        (ConfirmationState.UNCONFIRMED, ConfirmationEvent.VOID): ConfirmationState.NOT_REPORTED,
        (
            ConfirmationState.UNCONFIRMED,
            ConfirmationEvent.CONFIRMED_AGAIN,
        ): ConfirmationState.CONFIRMED,
        (
            ConfirmationState.UNCONFIRMED,
            ConfirmationEvent.DISPUTED_AGAIN,
        ): ConfirmationState.DISPUTED,
        (ConfirmationState.CONFIRMED, ConfirmationEvent.CHANGE): ConfirmationState.UNCONFIRMED,
        (ConfirmationState.CONFIRMED, ConfirmationEvent.VOID): ConfirmationState.NOT_REPORTED,
        (ConfirmationState.DISPUTED, ConfirmationEvent.WITHDRAW): ConfirmationState.UNCONFIRMED,
        (ConfirmationState.DISPUTED, ConfirmationEvent.CHANGE): ConfirmationState.UNCONFIRMED,
        (ConfirmationState.DISPUTED, ConfirmationEvent.VOID): ConfirmationState.NOT_REPORTED,
    },
    starts={ConfirmationState.NOT_REPORTED},
)
