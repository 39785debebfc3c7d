"""The life of a number: good until an event ends it. That it ran out is told by its last day.

Source: the operating guide for schools, 2.1 and 2.2.
"""

from enum import StrEnum

from registry.base.state_table import StateTable


class NumberState(StrEnum):
    """Whether a number is still good, or what ended it."""

    GOOD = "good"
    LAPSED = "lapsed"
    """What it shows was changed (or voided)."""
    REVOKED = "revoked"
    """The graduate took her consent back."""
    REPLACED = "replaced"
    """It had run out, and another took its place."""


class NumberEvent(StrEnum):
    """What can end a number."""

    LAPSE = "lapse"
    REVOKE = "revoke"
    REPLACE = "replace"


ISSUED_NUMBER = StateTable(
    moves={
        (NumberState.GOOD, NumberEvent.LAPSE): NumberState.LAPSED,
        (NumberState.GOOD, NumberEvent.REVOKE): NumberState.REVOKED,
        (NumberState.GOOD, NumberEvent.REPLACE): NumberState.REPLACED,
    },
    starts={NumberState.GOOD},
)
"""Nothing makes a number good again: what ended is followed by a new number."""
