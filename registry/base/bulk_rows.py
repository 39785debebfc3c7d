"""Thousands of rows written by one statement: one parameter, not a statement a row.

The rows travel as JSON: the driver writes an array value by value in Python, which takes
longer than the rest of the statement.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import JSON, Column, FromClause, String, cast, column, func, insert, literal, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.schema import CallableColumnDefault, ScalarElementColumnDefault
from sqlalchemy.types import TypeEngine

from registry.base.database import Base, is_sqlite, iso_text, rows_of

CHUNK = 1000

Rows = Sequence[Mapping[str, Any]]


def insert_rows(session: Session, table: type[Base], rows: Rows) -> None:
    """Insert rows that name the same columns; Python's defaults fill in the others."""
    if not rows:
        return
    made = _defaults(table, rows[0])
    for start in range(0, len(rows), CHUNK):
        part = rows[start : start + CHUNK]
        if made:
            part = [{**row, **{name: make() for name, make in made.items()}} for row in part]
        given = given_rows(session, table, part)
        chosen = select(*given.c)
        names = [each.name for each in given.c]
        session.execute(insert(table).from_select(names, chosen, include_defaults=False))


def given_rows(session: Session, table: type[Base], rows: Rows) -> FromClause:
    """Return rows as a table of values, whose columns have the types that they have in `table`."""
    types = {name: _plain(table.__table__.c[name].type) for name in rows[0]}
    if is_sqlite(session):
        columns = {name: (kind, [row[name] for row in rows]) for name, kind in types.items()}
        return rows_of(session, "given", columns)
    packed = json.dumps(rows, ensure_ascii=False, default=iso_text)
    records = func.json_to_recordset(cast(literal(packed), JSON))
    columns_of_it = [column(name, kind) for name, kind in types.items()]
    return records.table_valued(*columns_of_it, name="given").render_derived(with_types=True)


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
