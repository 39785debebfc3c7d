"""A number as it is kept: sealed, and bound to what of its row never changes."""

import hashlib
from dataclasses import dataclass
from typing import Any

from registry.base.crypto import UnreadableValue, Vault
from registry.numbers.tables import IssuedNumber

NUMBER = "number"
LINK = "report link"
"""The purposes a Vault seals and indexes under."""

COLUMNS = (
    *(IssuedNumber.graduate_id, IssuedNumber.issue, IssuedNumber.kind, IssuedNumber.sequence),
    *(IssuedNumber.number_sealed, IssuedNumber.link_sealed, IssuedNumber.link_hash),
)
"""What `sealed_number` reads."""
PLACE = COLUMNS[:4]
"""What numbers are bound to: which one of whose it is, known before the row has a number."""


def link_hash(token: str) -> str:
    """Return by what a link is found."""
    return hashlib.sha256(token.encode()).hexdigest()


def place_of(graduate_id: int, issue: str, kind: str, sequence: int) -> str:
    """Return what the values of a row are bound to."""
    return f"{graduate_id}/{issue}/{kind}/{sequence}"


@dataclass(frozen=True)
class SealedNumber:
    """A number and the token of its link, both sealed."""

    place: str
    number_sealed: str
    link_sealed: str | None
    """None for what was issued before tokens were kept: then it follows from the index key."""
    link_hash: str

    def number(self, vault: Vault) -> str:
        """Return the number; raise UnreadableValue where it is not this row's."""
        return vault.open(NUMBER, self.place, self.number_sealed)

    def token(self, vault: Vault) -> str:
        """Return the token of the link; raise UnreadableValue where it is not this row's."""
        if self.link_sealed is not None:
            return vault.open(LINK, self.place, self.link_sealed)
        derived = vault.indexes(LINK, self.number(vault))
        found = [each for each in derived if link_hash(each) == self.link_hash]
        if not found:
            raise UnreadableValue(LINK)  # the index key has changed since, and nobody kept it
        return found[0]


def sealed_number(row: Any) -> SealedNumber:  # noqa: ANN401 - a row of COLUMNS, or an IssuedNumber
    """Return the number of a row that has the columns of `COLUMNS`."""
    place = place_of(row.graduate_id, row.issue, row.kind, row.sequence)
    return SealedNumber(place, row.number_sealed, row.link_sealed, row.link_hash)
