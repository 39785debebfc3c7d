"""What an answer was about: kept of it is what no version of the registration says.

A version is never altered, so an answer names the one it was about and keeps beside it what may
change: the graduate's own fields. Answers of before keep all of it, and are read the same way.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.record import important_fields
from registry.record.fields import IMPORTANT, Block
from registry.record.tables import Confirmation, Registration

MOST_ANSWERS = 50
_OF_THE_PERSON = frozenset(name for name, each in IMPORTANT.items() if each.block is Block.BASIC)


@dataclass(frozen=True)
class Given:
    """An answer, and what it was about."""

    answer: Confirmation
    snapshot: dict[str, str]
    """The important fields as text, as she saw them."""


def kept(values: Mapping[str, object]) -> dict[str, str]:
    """Return what of a record's important fields is kept with the answer about them."""
    taken = important_fields.snapshot(values)
    return {name: text for name, text in taken.items() if name in _OF_THE_PERSON}


def snapshot(answer: Confirmation, version: Registration) -> dict[str, str]:
    """Return what an answer was about, by the version that it names."""
    said = important_fields.snapshot({name: getattr(version, name, None) for name in IMPORTANT})
    told = {name: text for name, text in said.items() if name not in _OF_THE_PERSON}
    return {**told, **answer.snapshot}


def given(session: Session, graduate_id: int, most: int | None = MOST_ANSWERS) -> Sequence[Given]:
    """Return what a graduate answered about what, newest first; all of it without `most`."""
    rows = session.execute(
        select(Confirmation, Registration)
        .join(Registration, Registration.id == Confirmation.registration_id)
        .where(Confirmation.graduate_id == graduate_id)
        .order_by(Confirmation.sequence.desc())
        .limit(most)
    )
    return [Given(answer, snapshot(answer, version)) for answer, version in rows]
