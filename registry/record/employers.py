"""Employers known from what was registered before, found by a part of the name, or the code."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from registry.base.text import clean, folded_number
from registry.record import unit_names
from registry.record.tables import Registration
from registry.record.unit_names import SHORTEST

MOST = 20
_LAST = "\U0010ffff"


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
    """Return employers whose name holds the text, or whose unified credit code begins with it.

    At least two characters; names that begin with it first, each name and code once, with what was
    last said of it. A name is found by what stands within it some minutes after it was registered.
    """
    wanted = clean(text)
    if len(wanted) < SHORTEST:
        return []
    limit = min(limit, MOST)
    name = Registration.unit_name
    found = _newest(session, name, _begins(name, wanted), limit)
    if folded_number(wanted).isascii():
        code = Registration.unit_code
        found |= _newest(session, code, _begins(code, folded_number(wanted)), limit)
    if len(found) < limit and (names := unit_names.names_with(session, wanted, limit)):
        found |= _newest(session, name, name.in_(names), limit)
    rows = session.scalars(select(Registration).where(Registration.id.in_(found)))
    known = sorted(
        (_read(row) for row in rows),
        key=lambda each: (not each.name.startswith(wanted), each.name, each.code),
    )
    return known[:limit]


def _begins(column: InstrumentedAttribute[str], beginning: str) -> ColumnElement[bool]:
    return (column >= beginning) & (column < beginning + _LAST)


def _newest(
    session: Session,
    column: InstrumentedAttribute[str],
    fits: ColumnElement[bool],
    limit: int,
) -> set[int]:
    """Return the newest registration of each unit whose `column` fits, along its index."""
    other = Registration.unit_code if column is Registration.unit_name else Registration.unit_name
    return set(
        session.scalars(
            select(func.max(Registration.id))
            .where(
                fits,
                func.substr(Registration.category, 1, 2).in_(unit_names.employing()),
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
