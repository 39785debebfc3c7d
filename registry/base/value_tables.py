"""Values as a table: a few bound parameters for thousands of rows, read by one statement."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    JSON,
    ColumnElement,
    FromClause,
    String,
    bindparam,
    cast,
    func,
    literal,
    select,
)
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeEngine

from registry.base.database import is_sqlite

Columns = Mapping[str, tuple[TypeEngine[Any], Sequence[Any]]]


def rows_of(session: Session, name: str, columns: Columns) -> FromClause:
    """Return values as a table, few bound parameters for many rows: for bulk UPDATE and SELECT.

    `columns` gives each column's type and values; JSON carries them (the driver writes an array
    value by value in Python, which takes longer than the rest), so only numbers, texts, moments,
    None, and dicts of these where the type is JSON.
    """
    given = parameters_of(session, name, columns)
    types = {column: kind for column, (kind, _) in columns.items()}
    return _table(session, name, types, lambda key, kind: literal(given[key], kind))


def rows_to_come(session: Session, name: str, types: Mapping[str, TypeEngine[Any]]) -> FromClause:
    """Return a table like that of `rows_of` for a statement that is made once.

    Its values come with each execution, from `parameters_of`.
    """
    return _table(session, name, types, lambda key, kind: bindparam(key, type_=kind))


def parameters_of(session: Session, name: str, columns: Columns) -> dict[str, Any]:
    """Return what `rows_to_come` wants to be executed with."""
    if not is_sqlite(session):
        return {f"{name}_{each}": _as_json(list(values)) for each, (_, values) in columns.items()}
    rows = list(zip(*(values for _, values in columns.values()), strict=True))
    return {f"{name}_rows": json.dumps(rows, default=_as_sqlite_keeps_it)}


def _as_json(values: Sequence[Any]) -> str:
    return json.dumps(values, ensure_ascii=False, default=iso_text)


@lru_cache  # rows written together say the same moment
def iso_text(moment: date) -> str:
    """Return a day or a moment as PostgreSQL reads it."""
    return moment.isoformat()  # a moment's own, which has the time of day


def _table(
    session: Session,
    name: str,
    types: Mapping[str, TypeEngine[Any]],
    given: Callable[[str, TypeEngine[Any]], ColumnElement[Any]],
) -> FromClause:
    if not is_sqlite(session):
        lists = {each: cast(given(f"{name}_{each}", String()), JSON) for each in types}
        taken = {each: func.json_array_elements_text(given) for each, given in lists.items()}
        return select(
            *(_read(session, taken[each], kind).label(each) for each, kind in types.items())
        ).subquery(name)
    packed = given(f"{name}_rows", String())
    each = func.json_each(packed).table_valued("value", name=f"{name}_json")
    return select(
        *(
            func.json_extract(each.c.value, f"$[{place}]", type_=kind).label(column)
            for place, (column, kind) in enumerate(types.items())
        )
    ).subquery(name)


def _read(session: Session, text: ColumnElement[str], kind: TypeEngine[Any]) -> ColumnElement[Any]:
    """Return PostgreSQL's value of one from JSON: a list of numbers is written in braces there."""
    if isinstance(kind.dialect_impl(session.get_bind().dialect), ARRAY):
        text = func.translate(text, "[]", "{}")
    return cast(text, kind)


def _as_sqlite_keeps_it(moment: date) -> str:
    if not isinstance(moment, datetime):
        return moment.isoformat()
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
