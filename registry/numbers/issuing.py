"""Issuing numbers in bulk: the older one is retired, the new one kept hashed, sealed, explained."""

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, String, insert, select, true, update
from sqlalchemy.orm import Session

from registry.base.crypto import Vault
from registry.base.database import one_of
from registry.base.moves import moving
from registry.base.value_tables import rows_of
from registry.numbers import shape
from registry.numbers.sealed_number import LINK, NUMBER, link_hash, place_of
from registry.numbers.shape import Issue, Kind
from registry.numbers.states import ISSUED_NUMBER, NumberEvent
from registry.numbers.tables import IssuedNumber


@dataclass(frozen=True)
class Issuer:
    """By whom numbers of one school are issued, and when."""

    issue: Issue
    school_code: str
    by: str
    """`graduate:<key>` or `staff:<key>`."""
    at: datetime
    authentication_id: int | None = None


@dataclass(frozen=True)
class NumberToIssue:
    """A number to be issued."""

    graduate_id: int
    year: int
    """Of graduation, as printed; not of the cohort."""
    kind: Kind
    registration_id: int
    snapshot: Mapping[str, str]
    ends_on: date


def number_index(vault: Vault, number: str) -> str:
    """Return by what a number is found."""
    return vault.index(NUMBER, number)


def number_indexes(vault: Vault, number: str) -> Sequence[str]:
    """Return all by which a number may be found: two while the index key changes."""
    return vault.indexes(NUMBER, number)


def link_token() -> str:
    """Draw the token of a number's link: 128 bits that say nothing and cannot be guessed."""
    return secrets.token_hex(16)


def issue(session: Session, vault: Vault, issuer: Issuer, wanted: Sequence[NumberToIssue]) -> int:
    """Issue the numbers, each in place of the newest one; the caller has locked the graduates.

    Return how many took the place of an older one.
    """
    replaced = _retire(session, issuer, wanted)
    numbers = _fresh(session, vault, issuer, wanted)
    rows = [
        _row(vault, issuer, each, drawn, replaced.get((each.graduate_id, each.kind), 0) + 1)
        for each, drawn in zip(wanted, numbers.items(), strict=True)
    ]
    if rows:
        table = IssuedNumber.__table__  # without the mapper, which takes as long again
        session.connection().execute(insert(table), rows)  # type: ignore[arg-type]  # it is a Table
    return len(replaced)


def _retire(
    session: Session, issuer: Issuer, wanted: Sequence[NumberToIssue]
) -> dict[tuple[int, str], int]:
    """Make the newest numbers no longer the newest; return their sequences."""
    found: dict[tuple[int, str], int] = {}
    for kind in Kind:
        if not (ids := [each.graduate_id for each in wanted if each.kind is kind]):
            continue
        newest = (
            one_of(session, IssuedNumber.graduate_id, ids),
            IssuedNumber.issue == issuer.issue,
            IssuedNumber.kind == kind,
            IssuedNumber.newest == true(),
        )
        session.execute(
            moving(
                *(ISSUED_NUMBER, IssuedNumber.standing, NumberEvent.REPLACE),
                *newest,
                ended_at=issuer.at,
            )
        )
        rows = session.execute(
            update(IssuedNumber)
            .where(*newest)
            .values(newest=False)
            .returning(IssuedNumber.graduate_id, IssuedNumber.kind, IssuedNumber.sequence)
            .execution_options(synchronize_session=False)
        )
        found |= {(graduate_id, of): sequence for graduate_id, of, sequence in rows}
    return found


def _fresh(
    session: Session, vault: Vault, issuer: Issuer, wanted: Sequence[NumberToIssue]
) -> dict[str, str]:
    """Draw numbers that never existed before, and none twice; return them by their indexes."""
    drawn: dict[str, str] = {}
    for each in wanted:
        while (index := number_index(vault, number := _draw(issuer, each))) in drawn:
            pass
        drawn[index] = number
    indexes = [each for number in drawn.values() for each in number_indexes(vault, number)]
    known = session.scalars(
        select(IssuedNumber.number_index).where(_is_one_of(session, indexes))
    ).all()
    if not known:
        return drawn
    return _fresh(session, vault, issuer, wanted)


def _is_one_of(session: Session, indexes: Collection[str]) -> ColumnElement[bool]:
    rows = rows_of(session, "drawn", {"number_index": (String(), list(indexes))})
    return IssuedNumber.number_index.in_(select(rows.c.number_index))


def _draw(issuer: Issuer, wanted: NumberToIssue) -> str:
    return shape.make(issuer.issue, wanted.year, issuer.school_code)


def _row(
    vault: Vault, issuer: Issuer, wanted: NumberToIssue, drawn: tuple[str, str], sequence: int
) -> dict[str, Any]:
    index, number = drawn
    place = place_of(wanted.graduate_id, issuer.issue, wanted.kind, sequence)
    token = link_token()
    return {
        "graduate_id": wanted.graduate_id,
        "issue": issuer.issue,
        "kind": wanted.kind,
        "sequence": sequence,
        "newest": True,
        "standing": ISSUED_NUMBER.start,
        "number_index": index,
        "number_sealed": vault.seal(NUMBER, place, number),
        "link_sealed": vault.seal(LINK, place, token),
        "link_hash": link_hash(token),
        "registration_id": wanted.registration_id,
        "snapshot": dict(wanted.snapshot),
        "ends_on": wanted.ends_on,
        "issued_at": issuer.at,
        "issued_by": issuer.by,
        "authentication_id": issuer.authentication_id,
        "ended_at": None,
    }
