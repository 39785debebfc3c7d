"""The orders a list of graduates may stand in, each paged by key along an index of its own."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, literal, not_, select, true, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session

from registry.base import paging
from registry.base.detached import read_rows
from registry.base.paging import Place
from registry.base.written_out import is_one_of
from registry.record.confirmation.states import ANSWERED
from registry.record.scope import MADE, Scope, within
from registry.record.tables import Graduate


class Sort(StrEnum):
    """What a list is ordered by."""

    ENTERED = "entered"
    """The order in which the school brought them in."""
    NAME = "name"
    NUMBER = "number"
    DEPARTMENT = "department"
    """Departments in the order in which they were made."""
    REPORTED = "reported"
    ANSWERED = "answered"


@dataclass(frozen=True)
class Order:
    """What a list is ordered by, and which way."""

    by: Sort = Sort.ENTERED
    descending: bool = False


ENTERED = Order()
_Read = Row[*tuple[Any, ...]]


@dataclass(frozen=True)
class _Part:
    """Graduates who stand together: those without a moment follow those with one, either way."""

    those: ColumnElement[bool]
    holds: Callable[[_Read], bool]
    """Says of a row what `those` says in SQL."""
    by: tuple[InstrumentedAttribute[Any], ...]


def _all_by(*columns: InstrumentedAttribute[Any]) -> tuple[_Part, ...]:
    return (_Part(true(), lambda _: True, columns),)


# That there is a moment is said for the index: read backwards, PostgreSQL's has those without one
# in front, and would pass by half a school.
_HOLDS = and_(Graduate.answered_at.is_not(None), is_one_of(Graduate.confirmation, sorted(ANSWERED)))


def _holds(row: _Read) -> bool:
    """Say of a row whether there is an answer that holds."""
    return row.answered_at is not None and row.confirmation in ANSWERED


_PARTS: dict[Sort, tuple[_Part, ...]] = {
    Sort.ENTERED: _all_by(Graduate.id),
    Sort.NAME: _all_by(Graduate.name, Graduate.id),
    Sort.NUMBER: _all_by(Graduate.student_number),
    Sort.DEPARTMENT: _all_by(Graduate.department_id, Graduate.id),
    Sort.REPORTED: (
        _Part(
            Graduate.reported_at.is_not(None),
            lambda row: row.reported_at is not None,
            (Graduate.reported_at, Graduate.id),
        ),
        _Part(Graduate.reported_at.is_(None), lambda row: row.reported_at is None, (Graduate.id,)),
    ),
    Sort.ANSWERED: (
        _Part(_HOLDS, _holds, (Graduate.answered_at, Graduate.id)),
        _Part(not_(_HOLDS), lambda row: not _holds(row), (Graduate.id,)),
    ),
}


def first(
    session: Session,
    statement: Select[*tuple[Any, ...]],
    values: Mapping[str, Any],
    order: Order,
) -> list[_Read]:
    """Return the rows of the first page and one more of a query that is made once."""
    left, found = paging.PAGE + 1, list[_Read]()
    for part in _PARTS[order.by]:
        here = _ordered(statement, part, left - len(found), descending=order.descending)
        found += read_rows(session, here, values)
        if len(found) == left:
            break
    return found


@lru_cache(MADE)
def _ordered(
    statement: Select[*tuple[Any, ...]], part: _Part, most: int, *, descending: bool
) -> Select[*tuple[Any, ...]]:
    turned = [each.desc() if descending else each for each in part.by]
    return statement.where(part.those).order_by(*turned).limit(most)


def nearest(
    session: Session,
    scope: Scope,
    statement: Select[*tuple[Any, ...]],
    order: Order,
    place: Place,
    most: int | None = None,
) -> list[_Read]:
    """Return the rows of a query over graduates that are nearest to a place, nearest first.

    `most` is a page's and one more unless it is given. Of a place that is not in the scope none.
    """
    left = paging.PAGE + 1 if most is None else most
    start = None if place == Place() else _row(session, scope, place.before or place.after)
    if start is None and place != Place():
        return []
    found: list[_Read] = []
    for part in _parts_from(order, start, backwards=bool(place.before)):
        descending = order.descending != bool(place.before)
        here = statement.where(part.those)
        if start is not None and part.holds(start):
            here = here.where(_beyond(part, start, descending=descending))
        turned = [each.desc() if descending else each for each in part.by]
        found += session.execute(here.order_by(*turned).limit(left - len(found))).all()
        if len(found) == left:
            break
    return found


def _row(session: Session, scope: Scope, key: str) -> _Read | None:
    columns = (
        *(Graduate.id, Graduate.name, Graduate.student_number, Graduate.department_id),
        *(Graduate.reported_at, Graduate.answered_at, Graduate.confirmation),
    )
    return session.execute(select(*columns).where(within(scope), Graduate.key == key)).first()


def _parts_from(order: Order, start: _Read | None, *, backwards: bool) -> Sequence[_Part]:
    """Return the part a place lies in and those that follow it."""
    parts = _PARTS[order.by][::-1] if backwards else _PARTS[order.by]
    if start is None:
        return parts
    first = next(at for at, part in enumerate(parts) if part.holds(start))
    return parts[first:]


def _beyond(part: _Part, start: _Read, *, descending: bool) -> ColumnElement[bool]:
    here = tuple_(*part.by)
    there = tuple_(*(literal(getattr(start, each.key), each.type) for each in part.by))
    return here < there if descending else here > there
