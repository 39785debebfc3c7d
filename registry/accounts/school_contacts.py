"""The schools and whom a graduate who cannot get in may call: open to everyone."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.accounts.school_tables import School
from registry.base.text import clean

MOST = 20


@dataclass(frozen=True)
class SchoolContacts:
    """Schools by name, what was asked for, and whether there are more than these."""

    asked: str
    schools: Sequence[School]
    more: bool


def find(session: Session, asked: str) -> SchoolContacts:
    """Return the first schools whose name holds what was asked for; all names hold nothing."""
    words = clean(asked)
    found = session.scalars(
        select(School)
        .where(School.name.contains(words, autoescape=True))
        .order_by(School.name, School.id)
        .limit(MOST + 1)
    ).all()
    return SchoolContacts(words, found[:MOST], len(found) > MOST)
