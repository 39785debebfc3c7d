"""A row of any table, with whatever it has to stand on: for tests that need just one."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import JSON, Column, String, Table, TypeDecorator, insert
from sqlalchemy.orm import Session

_VALUES: dict[type, Any] = {
    bool: False,
    bytes: b"",
    date: date(2026, 6, 1),
    datetime: datetime(2026, 6, 1, tzinfo=UTC),
    int: 1,
}
_ONE_OF_TWO = {"agreement": "invitation_id"}
"""Columns that may be empty where another is not: here it is they that are filled."""


def a_row(session: Session, table: Table, **values: object) -> int:
    """Insert a row with these values and return its id.

    Every other column that must hold something holds anything; a foreign key, a row of its own.
    """
    row = anything(session, table, values)
    ident: int = session.scalars(insert(table).values(row).returning(table.c.id)).one()
    return ident


def anything(session: Session, table: Table, values: Mapping[str, object]) -> dict[str, object]:
    """Return values for a row, with anything in every other column that must hold something."""
    needed = [each for each in table.columns if each.name not in values and _is_needed(each)]
    return {**values, **{each.name: _anything(session, each) for each in needed}}


def _is_needed(column: Column[Any]) -> bool:
    filled = column.default is not None or column.server_default is not None
    of_two = _ONE_OF_TWO.get(column.table.name) == column.name
    return of_two or not (column.nullable or column.primary_key or filled)


def _anything(session: Session, column: Column[Any]) -> object:
    for key in column.foreign_keys:
        return a_row(session, key.column.table)
    if isinstance(column.type, String):
        return uuid4().hex[: column.type.length]
    if isinstance(column.type, JSON):
        return {}
    if isinstance(column.type, TypeDecorator):
        return _VALUES[column.type.impl_instance.python_type]
    return _VALUES[column.type.python_type]
