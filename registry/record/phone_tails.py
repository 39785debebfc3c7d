"""Finding people by the last four digits of their phone, of which nothing is kept.

An index of four digits would say too much of a stolen database, so the phones of a scope are opened
and compared here (docs/decisions/0124-phones-by-their-end.md).
"""

from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from registry.base.crypto import Vault
from registry.codes import identity
from registry.record.scope import Scope, within
from registry.record.tables import Graduate

BATCH = 2_000
"""Phones a round trip."""
MOST_OPENED = 60_000
"""Phones opened for one search."""
MOST_FOUND = 50
"""People found by one search."""


class FoundByTail(NamedTuple):
    """Whom a search by the end of a phone found."""

    ids: list[int]
    has_more: bool = False
    """Whether the phones of more people end so."""
    is_cut: bool = False
    """Whether the scope has more phones than are opened for one search."""


class _Phone(NamedTuple):
    id: int
    year: int
    phone_sealed: str


def find(session: Session, vault: Vault, scope: Scope, tail: str) -> FoundByTail:
    """Return whose phone now ends with these digits, newest cohort first, ended records last.

    Only her own phone counts, as for the whole of one. Raises UnreadableValue where a key is
    missing.
    """
    found = list[int]()
    for number, row in enumerate(_phones(session, scope)):
        if number == MOST_OPENED:
            return FoundByTail(found, is_cut=True)
        if vault.open(identity.PHONE, row.id, row.phone_sealed).endswith(tail):
            if len(found) == MOST_FOUND:
                return FoundByTail(found, has_more=True)
            found.append(row.id)
    return FoundByTail(found)


def _phones(session: Session, scope: Scope) -> Iterator[_Phone]:
    """Yield all phones of a scope in the order of `ix_graduate_entered`, backwards.

    Batch by batch, for a page that looks has no transaction in which a cursor could stand.
    """
    order = (Graduate.year.desc(), Graduate.id.desc())
    wanted = select(Graduate.id, Graduate.year, Graduate.phone_sealed).where(
        within(scope), Graduate.phone_sealed.is_not(None)
    )
    page = wanted.order_by(*order).limit(BATCH)
    while rows := [_Phone(each.id, each.year, each.phone_sealed) for each in session.execute(page)]:
        yield from rows
        last = rows[-1]
        before = tuple_(Graduate.year, Graduate.id) < (last.year, last.id)
        page = wanted.where(before).order_by(*order).limit(BATCH)
