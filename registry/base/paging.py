"""Pages of a list, turned by key: the address of a page stays right while rows come and go."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from sqlalchemy import ColumnElement, Select
from sqlalchemy.orm import InstrumentedAttribute

PAGE = 50


class HasKey(Protocol):
    """A row of a list."""

    @property
    def key(self) -> str:
        """Return the random key the row is named by in addresses."""
        ...


Row = TypeVar("Row", bound=HasKey)


@dataclass(frozen=True)
class Place:
    """Where a page begins: after a row, or before one, by key; at the start otherwise."""

    after: str = ""
    before: str = ""


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Some rows, and the places of the pages around them; None where there is none."""

    rows: list[Row]
    previous: Place | None
    next: Place | None


def nearest(
    statement: Select[*tuple[Any, ...]],
    by: InstrumentedAttribute[int],
    start: ColumnElement[int],
    place: Place,
    *,
    newest_first: bool = False,
) -> Select[*tuple[Any, ...]]:
    """Return the query of a page's rows and one more, nearest first; `start` is the id at `place`.

    Backwards they come the wrong way round: `turned` puts that right.
    """
    descending = bool(place.before) != newest_first
    if place != Place():
        statement = statement.where(by < start if descending else by > start)
    return statement.order_by(by.desc() if descending else by).limit(PAGE + 1)


def turned(found: Iterable[Row], place: Place) -> Page[Row]:
    """Return the page of what `nearest` found."""
    nearest_first = list(found)
    more = len(nearest_first) > PAGE
    rows = nearest_first[:PAGE][::-1] if place.before else nearest_first[:PAGE]
    before = more if place.before else bool(place.after)
    after = more or bool(place.before)
    return Page(
        rows=rows,
        previous=Place(before=rows[0].key) if rows and before else None,
        next=Place(after=rows[-1].key) if rows and after else None,
    )
