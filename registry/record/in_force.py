"""What is in force for graduates of a school, locked for whoever is about to change it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, func, inspect, select
from sqlalchemy.orm import Session

from registry.base.database import one_of
from registry.record.fields import IMPORTANT, Block
from registry.record.tables import Graduate, Registration

_GRADUATE, _REGISTRATION = Graduate.__table__, Registration.__table__
"""The bare tables: to the mapper's layer thousands of rows cost as much as all that reads them."""
_OF_A_GRADUATE = dict(inspect(Graduate).columns)
_OF_A_REGISTRATION = dict(inspect(Registration).columns)
_WIDTH = len(_OF_A_GRADUATE) + 1


@dataclass(frozen=True, slots=True)
class InForce:
    """What stands of one graduate: values, since thousands of mapped objects cost as much again."""

    graduate: Mapping[str, Any]
    """Every column of Graduate."""
    registration: Mapping[str, Any] | None
    """Every column of Registration; None where nothing is in force."""
    last_version: int
    """The number of the last version, in force or voided; 0 for none."""


def lock(session: Session, school_id: int, ids: Sequence[int]) -> None:
    """Lock the graduates, in the order of whoever locks several.

    Apart from reading them: a query that waits for a lock still sees the other tables as before.
    """
    lock_of_schools(session, [school_id], ids)


def lock_of_schools(session: Session, school_ids: Sequence[int], ids: Sequence[int]) -> None:
    """Lock graduates of some schools as `lock` does."""
    session.execute(
        select(Graduate.id)
        .where(one_of(session, Graduate.school_id, school_ids), one_of(session, Graduate.id, ids))
        .order_by(Graduate.id)
        .with_for_update(key_share=True)
    )


def current(session: Session, school_ids: Sequence[int], ids: Sequence[int]) -> dict[int, InForce]:
    """Return what is in force for graduates of some schools, by id, as it stands now."""
    earlier = _REGISTRATION.alias()  # of a graduate whose destination was voided
    last = select(func.max(earlier.c.version)).where(earlier.c.graduate_id == _GRADUATE.c.id)
    in_force = _GRADUATE.c.registration_id == _REGISTRATION.c.id
    statement = (
        select(
            func.coalesce(_REGISTRATION.c.version, last.scalar_subquery(), 0),
            *_OF_A_GRADUATE.values(),
            *_OF_A_REGISTRATION.values(),
        )
        .select_from(_GRADUATE.outerjoin(_REGISTRATION, in_force))
        .where(
            one_of(session, _GRADUATE.c.school_id, school_ids),
            one_of(session, _GRADUATE.c.id, ids),
        )
    )
    found = map(_in_force, session.execute(statement).all())
    return {each.graduate["id"]: each for each in found}


def _in_force(row: Row[*tuple[Any, ...]]) -> InForce:
    graduate = dict(zip(_OF_A_GRADUATE, row[1:_WIDTH], strict=True))
    registration = dict(zip(_OF_A_REGISTRATION, row[_WIDTH:], strict=True))
    return InForce(graduate, registration if registration["id"] else None, row[0])


def values_of(graduate: Graduate, registration: Registration | None) -> dict[str, Any]:
    """Return the important fields of the record in force, ready for a snapshot."""
    return {
        name: getattr(graduate if about.block is Block.BASIC else registration, name, "")
        for name, about in IMPORTANT.items()
    }
