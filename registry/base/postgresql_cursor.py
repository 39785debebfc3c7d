"""A cursor of psycopg that describes what it found only to whoever looks.

psycopg makes an object of each column whenever it is asked whether there are any, and SQLAlchemy
asks that after each statement. It looks at them only the first time: a page's forty columns took
longer to describe than to read.
"""

from collections.abc import Iterator, Sequence
from typing import Any, cast, overload

from psycopg import Column, Cursor
from typing_extensions import override


class _Columns(Sequence[Column]):
    """The columns of a result, made when they are looked at."""

    def __init__(self, cursor: Cursor[Any], count: int) -> None:
        self._cursor = cursor
        self._count = count

    @override
    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, at: int) -> Column: ...

    @overload
    def __getitem__(self, at: slice) -> list[Column]: ...

    @override
    def __getitem__(self, at: int | slice) -> Column | list[Column]:
        if isinstance(at, slice):
            return [self[each] for each in range(self._count)[at]]
        return Column(self._cursor, range(self._count)[at])

    @override
    def __iter__(self) -> Iterator[Column]:
        return (Column(self._cursor, each) for each in range(self._count))


class LazyCursor(Cursor[Any]):
    """psycopg's own, but for when its description is made."""

    @property
    @override
    def description(self) -> list[Column] | None:
        """Return the columns of what was found; None where it cannot have any."""
        found = self.pgresult
        if found is None or not found.nfields:
            return super().description
        return cast("list[Column]", _Columns(self, found.nfields))
