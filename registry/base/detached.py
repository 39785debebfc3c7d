"""Rows read as objects that belong to no session: what every page of somebody asks.

A session keeps track of each object it reads, to write down what is changed of it and to hand out
the same one again. That takes two to three times as long as the query of a page, which changes
nothing of what it shows.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Executable, inspect
from sqlalchemy.orm import InstrumentedAttribute, Mapper, Session
from sqlalchemy.orm.attributes import instance_dict, instance_state

from registry.base import prepared
from registry.base.database import Base
from registry.base.prepared import Rows

Columns = Sequence[InstrumentedAttribute[Any]]


def read_rows(session: Session, statement: Executable, values: Mapping[str, Any]) -> Rows:
    """Return rows of columns by a statement that is made once.

    What the session has not written yet is written first, as by its own queries.
    """
    session.flush()
    connection = session.connection()
    rows = prepared.rows_of(connection, statement, values)
    return connection.execute(statement, dict(values)).all() if rows is None else rows


class Detached:
    """Reads rows that begin with all columns of some tables, in their order.

    Columns that are deferred are left out, and relationships are for the caller to set.
    """

    def __init__(self, *kinds: type[Base]) -> None:
        """Take the tables' classes."""
        self._kinds = [_Kind(each) for each in kinds]
        self._width = sum(len(each.names) for each in self._kinds)

    @property
    def columns(self) -> Columns:
        """Return what the statement selects first."""
        return [column for each in self._kinds for column in each.columns]

    def read(
        self, session: Session, statement: Executable, values: Mapping[str, Any]
    ) -> list[tuple[Any, ...]]:
        """Return the objects of each row, None for one not joined, and what follows them."""
        rows = read_rows(session, statement, values)
        return [(*self._objects(row), *row[self._width :]) for row in rows]

    def _objects(self, row: Sequence[Any]) -> list[Base | None]:
        made, begins = list[Base | None](), 0
        for each in self._kinds:
            ends = begins + len(each.names)
            made.append(each.made(row[begins:ends]))
            begins = ends
        return made


class _Kind:
    """A table's class, and how an object of it is made of a row's values."""

    def __init__(self, kind: type[Base]) -> None:
        mapper: Mapper[Any] = inspect(kind)
        self.names = [each.key for each in mapper.column_attrs if not each.deferred]
        self.columns: Columns = [getattr(kind, each) for each in self.names]
        self._mapper = mapper
        self._identity = self.names.index(mapper.get_property_by_column(mapper.primary_key[0]).key)

    def made(self, values: Sequence[Any]) -> Base | None:
        identity = values[self._identity]
        if identity is None:
            return None
        made: Base = self._mapper.class_manager.new_instance()
        instance_dict(made).update(zip(self.names, values, strict=True))
        # Its place in the table, as an object has it that has left its session.
        instance_state(made).key = self._mapper.identity_key_from_primary_key((identity,))
        return made
