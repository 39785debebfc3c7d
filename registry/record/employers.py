"""Employers known from what was registered before, found by the beginning of name or code."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from registry.base.text import clean, folded_number
from registry.codes.categories import GROUPS, Group
from registry.record.tables import Registration

SHORTEST = 2
MOST = 20
_LAST = "\U0010ffff"
_EMPLOYING = frozenset({Group.EMPLOYED, Group.GRASSROOTS})
"""A business of one's own or a workshop often bears its owner's name: it is shown to nobody."""


@dataclass(frozen=True)
class KnownEmployer:
    """A unit as it was last registered; no contact, since that is a person."""

    name: str
    code: str
    nature: str
    industry: str
    location_code: str
    location: str
    address: str


def find_employers(session: Session, text: str, limit: int = 10) -> list[KnownEmployer]:
    """Return employers whose name or unified credit code begins with the text, by name.

    At least two characters; each name and code once, with what was last said of it.
    """
    wanted = clean(text)
    if len(wanted) < SHORTEST:
        return []
    limit = min(limit, MOST)
    found = _newest(session, Registration.unit_name, wanted, limit)
    if folded_number(wanted).isascii():
        found |= _newest(session, Registration.unit_code, folded_number(wanted), limit)
    rows = session.scalars(select(Registration).where(Registration.id.in_(found)))
    known = sorted((_read(row) for row in rows), key=lambda each: (each.name, each.code))
    return known[:limit]


def _newest(
    session: Session, column: InstrumentedAttribute[str], beginning: str, limit: int
) -> set[int]:
    """Return the newest registration of each unit whose `column` begins so, along the index."""
    other = Registration.unit_code if column is Registration.unit_name else Registration.unit_name
    employing = [code for code, group in GROUPS.items() if group in _EMPLOYING]
    return set(
        session.scalars(
            select(func.max(Registration.id))
            .where(
                column >= beginning,
                column < beginning + _LAST,
                func.substr(Registration.category, 1, 2).in_(employing),
            )
            .group_by(column, other)
            .order_by(column, other)
            .limit(limit)
        )
    )


def _read(row: Registration) -> KnownEmployer:
    return KnownEmployer(
        row.unit_name,
        row.unit_code,
        row.unit_nature,
        row.unit_industry,
        row.unit_location_code,
        row.unit_location,
        row.unit_address,
    )
