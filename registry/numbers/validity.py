"""What is kept of a number's state; whether it ran out is told by its last day."""

from enum import StrEnum


class NumberState(StrEnum):
    """Whether a number is still good, or what ended it. Nothing makes it good again."""

    GOOD = "good"
    LAPSED = "lapsed"
    """What it shows was changed (or voided)."""
    REVOKED = "revoked"
    """The graduate took her consent back."""
    REPLACED = "replaced"
    """It had run out, and another took its place."""
