"""Counts of several matters, asked of the database in few statements.

A first page counts a dozen tables. Asked one by one, asking takes longer than counting.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import islice
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import (
    ColumnElement,
    Select,
    SQLColumnExpression,
    case,
    func,
    literal,
    literal_column,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from registry.base.database import UtcDateTime
from registry.base.detached import read_rows

MADE = 64
"""Statements of several matters that are kept: one for each sort of reader."""
TOGETHER = 3
"""Matters of one statement: psycopg keeps how it sends one of up to 4,096 characters, and reads a
longer one anew each time it is asked."""
Name = TypeVar("Name", bound=str)
Query = Select[int, datetime | None, int]


class MatterCount(NamedTuple):
    """How many of a matter there are."""

    number: int
    since: datetime | None
    """When that came which waits longest; None where nothing does, or nothing tells."""
    late: int
    """Of `number`."""


NOTHING = MatterCount(0, None, 0)


@dataclass(frozen=True)
class Counting:
    """A query of one row, made once, whose columns are those of `MatterCount`; and its values."""

    query: Query
    values: Mapping[str, Any]


def columns(
    since: SQLColumnExpression[Any] | None = None, late: ColumnElement[bool] | None = None
) -> tuple[ColumnElement[int], ColumnElement[Any], ColumnElement[int]]:
    """Return what a query of one row selects, for rows that wait since a moment."""
    return (
        func.count(),
        literal(None, UtcDateTime()) if since is None else func.min(since),
        literal(0) if late is None else func.count(case((late, 1))),
    )


def read_counts(session: Session, asked: Mapping[Name, Counting]) -> dict[Name, MatterCount]:
    """Return what was counted of each matter. Values of one name are the same in all of them."""
    found = dict[Name, MatterCount]()
    for first in range(0, len(asked), TOGETHER):
        found |= _read(session, dict(islice(asked.items(), first, first + TOGETHER)))
    return found


def _read(session: Session, asked: Mapping[Name, Counting]) -> dict[Name, MatterCount]:
    queries = tuple(each.query for each in asked.values())
    rows = read_rows(session, _together(queries), _values(asked.values()))
    by_place = {place: MatterCount(number or 0, since, late) for number, since, late, place in rows}
    return {name: by_place[place] for place, name in enumerate(asked)}


def _values(asked: Iterable[Counting]) -> dict[str, Any]:
    values = dict[str, Any]()
    for each in asked:
        assert all(values.get(name, value) == value for name, value in each.values.items())
        values.update(each.values)
    return values


@lru_cache(MADE)
def _together(queries: tuple[Query, ...]) -> Select[*tuple[Any, ...]]:
    rows = (
        each.add_columns(literal_column(str(at)).label("place")) for at, each in enumerate(queries)
    )
    return select(union_all(*rows).subquery())
