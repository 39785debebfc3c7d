"""Thousands of rows written by one statement: a few parameters, not a statement a row.

A column that says the same in all rows is one parameter; each of the others travels as a list in
JSON: the driver writes an array value by value in Python, which takes longer than the rest of the
statement.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    FromClause,
    String,
    cast,
    insert,
    literal,
    null,
    select,
)
from sqlalchemy.orm import Session
from sqlalchemy.sql.schema import CallableColumnDefault, ScalarElementColumnDefault
from sqlalchemy.types import TypeEngine

from registry.base.database import Base
from registry.base.value_tables import rows_of

CHUNK = 1000

Rows = Sequence[Mapping[str, Any]]
Lists = Mapping[str, Sequence[Any]]


def insert_rows(session: Session, table: type[Base], rows: Rows) -> None:
    """Insert rows that name the same columns; Python's defaults fill in the others."""
    if not rows:
        return
    made = _defaults(table, rows[0])
    for start in range(0, len(rows), CHUNK):
        part = rows[start : start + CHUNK]
        filled_in = {name: [make() for _ in part] for name, make in made.items()}
        given = _given(session, table, {**_lists(part), **filled_in})
        names = [each.name for each in given.c]
        chosen = select(*given.c)
        session.execute(insert(table).from_select(names, chosen, include_defaults=False))


def given_rows(session: Session, table: type[Base], rows: Rows) -> FromClause:
    """Return rows as a table of values, whose columns have the types that they have in `table`."""
    return _given(session, table, _lists(rows))


def _lists(rows: Rows) -> dict[str, list[Any]]:
    return {name: [row[name] for row in rows] for name in rows[0]}


def _given(session: Session, table: type[Base], lists: Lists) -> FromClause:
    types = {name: _plain(table.__table__.c[name].type) for name in lists}
    alike = {name: values[0] for name, values in lists.items() if _are_alike(values)}
    own = [name for name in lists if name not in alike] or [next(iter(lists))]  # as many as rows
    given = rows_of(session, "listed", {name: (types[name], lists[name]) for name in own})
    same = [_one_value(alike[name], types[name]).label(name) for name in lists if name not in own]
    return select(*given.c, *same).subquery("given")


def _are_alike(values: Sequence[Any]) -> bool:
    return values.count(values[0]) == len(values)


def _one_value(value: object, kind: TypeEngine[Any]) -> ColumnElement[Any]:
    return literal(value, kind) if value is not None else cast(null(), kind)


def _plain(kind: TypeEngine[Any]) -> TypeEngine[Any]:
    """Return a text's type without its length: what is longer is refused by the table, not cut."""
    return String() if isinstance(kind, String) else kind


def _defaults(table: type[Base], row: Mapping[str, Any]) -> dict[str, Callable[[], Any]]:
    """Return what makes the values of the columns that rows do not name, where Python does."""
    absent = (each for each in table.__table__.c if each.name not in row)
    return {
        each.name: _made_by(each)
        for each in absent
        if isinstance(each, Column) and each.default is not None
    }


def _made_by(filled: Column[Any]) -> Callable[[], Any]:
    made = filled.default
    if isinstance(made, CallableColumnDefault):
        return lambda: made.arg(None)  # type: ignore[arg-type]  # random_key asks for no context
    assert isinstance(made, ScalarElementColumnDefault)
    return lambda: made.arg
