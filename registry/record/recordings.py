"""What recording registrations changes: how many, of whom, and how to put it back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from registry.record.confirmation.states import ConfirmationEvent, ConfirmationState


@dataclass(frozen=True)
class Recorded:
    """How many graduates each outcome happened to."""

    reported: int = 0
    """Got their first registration."""
    changed: int = 0
    """Otherwise changed: the registration, the basics, or both."""
    unchanged: int = 0
    reset: int = 0
    """Had an answer that is unconfirmed again; among the changed."""
    authorizations_ended: frozenset[int] = frozenset()
    """Whose verification ended, by id of graduate; empty of what is only foreseen."""

    def __add__(self, other: "Recorded") -> "Recorded":
        """Add up two outcomes."""
        return Recorded(
            self.reported + other.reported,
            self.changed + other.changed,
            self.unchanged + other.unchanged,
            self.reset + other.reset,
            self.authorizations_ended | other.authorizations_ended,
        )


@dataclass(frozen=True)
class Foreseen:
    """A graduate who would change, and what: by column of Graduate and of Registration."""

    graduate_id: int
    before: Mapping[str, Any]
    after: Mapping[str, Any]


@dataclass(frozen=True)
class Recording:
    """One graduate as she stood before, and the version in force afterwards."""

    graduate_id: int
    before: Mapping[str, Any]
    """The columns of Graduate that were written, with what stood there."""
    found_at: datetime
    """When she was last changed before."""
    registration_before: int | None
    registration_after: int | None
    confirmation: str
    """A `ConfirmationState`, before."""
    answered_at: datetime | None
    authorization_ended: bool
    """Whether a verification she had authorized ended by it."""


@dataclass(frozen=True)
class PutBack:
    """That a proposal puts an earlier version back: where that came from, and her answer to it."""

    source: str
    source_name: str
    reported_at: datetime | None
    answer: ConfirmationEvent | None
    """Set where her answer was about these very values, and was reset by what is undone."""


ANSWERS_AGAIN = {
    ConfirmationState.CONFIRMED: ConfirmationEvent.CONFIRMED_AGAIN,
    ConfirmationState.DISPUTED: ConfirmationEvent.DISPUTED_AGAIN,
}
