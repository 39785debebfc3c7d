"""What happened to whose records are, and to their phones; announced like the other events."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class ChangedPerson:
    """One graduate who may be another person now: the name or number, or the first phone is new."""

    graduate_id: int
    renamed: bool
    """Whether it is the name or the number, or the school."""
    phone_sealed: str | None
    """The phone before, and its index."""
    phone_index: str | None
    identity_sealed: str | None = None
    """The identity number before, where it became another."""
    identity_index: str = ""
    new_identity_index: str = ""


@dataclass(frozen=True)
class PeopleChanged:
    """Graduates were added, or their name, identity number or phone changed: whose they are."""

    school_id: int
    graduate_ids: Sequence[int]
    at: datetime
    actor: str
    """Who did it, as the audit log names them."""
    persons: Sequence[ChangedPerson] = ()
    """Those of them who were there before, where more than a phone became another."""
    added: bool = False
    """Whether none of them was there before."""


@dataclass(frozen=True)
class PhoneChange:
    """One graduate's phone as it was, sealed and as blind index, and the index of the new one."""

    graduate_id: int
    sealed: str | None
    index: str | None
    new_index: str | None


@dataclass(frozen=True)
class PhonesChanged:
    """Phones of graduates were changed, by whatever door."""

    school_id: int
    changes: Sequence[PhoneChange]
    actor: str
    """Who did it, as the audit log names them."""
    at: datetime
