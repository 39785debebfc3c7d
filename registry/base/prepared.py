"""Queries that are made once, asked of psycopg itself by pages that look.

At each execution SQLAlchemy looks after events, options, caches and a result of its own, which
takes a page longer than the question and its answer. It still writes the query, says how each value
is handed over and each column read, keeps the connections, and says what an error means.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from psycopg import Error
from sqlalchemy import Connection, Dialect, Executable, Row, Select
from sqlalchemy.engine import result_tuple
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine

KEPT = 1024
"""Queries whose text is kept: those asked last."""
Rows = Sequence[Row[*tuple[Any, ...]]]
Converters = Sequence[tuple[Any, Callable[[Any], Any]]]
"""What is converted, by its name or place, and how."""


class _Prepared:
    """A query's text, and how its values are handed over and its columns read."""

    def __init__(self, query: Select[*tuple[Any, ...]], written: SQLCompiler) -> None:
        """Take it as it is written for a kind of database."""
        dialect = written.dialect
        columns = query.selected_columns
        given = {name: each.type for each, name in written.bind_names.items()}
        read = {place: each.type for place, each in enumerate(columns)}
        self._text = str(written)
        self._own = dict(written.params)
        self._given = _converters(given, "bind_processor", dialect)
        self._read = _converters(read, "result_processor", dialect, None)
        self._row = result_tuple(columns.keys())

    def rows(self, connection: Connection, values: Mapping[str, Any]) -> Rows:
        """Ask, and return the rows that are found; raise psycopg's errors."""
        handed_over = {**self._own, **values}
        for name, converted in self._given:
            handed_over[name] = converted(handed_over[name])
        cursor = connection.connection.cursor()
        cursor.execute(self._text, handed_over)
        return [self._row(self._converted(each)) for each in cursor.fetchall()]

    def _converted(self, row: Sequence[Any]) -> Sequence[Any]:
        values = list(row)
        for place, converted in self._read:
            values[place] = converted(values[place])
        return values


def _converters(
    types: Mapping[Any, TypeEngine[Any]], kind: str, dialect: Dialect, *about: object
) -> Converters:
    found = {
        place: getattr(each.dialect_impl(dialect), kind)(dialect, *about)
        for place, each in types.items()
    }
    return [(place, convert) for place, convert in found.items() if convert is not None]


@lru_cache(KEPT)
def _prepared(query: Select[*tuple[Any, ...]], dialect: Dialect) -> _Prepared | None:
    """Return None for a query whose text is finished only by its values: lists in `in_`."""
    written = query.compile(dialect=dialect)
    assert isinstance(written, SQLCompiler)
    return None if written.post_compile_params else _Prepared(query, written)


def rows_of(connection: Connection, query: Executable, values: Mapping[str, Any]) -> Rows | None:
    """Return the rows that a query finds; None where SQLAlchemy is to ask.

    Which it is where something is written or begun, where somebody listens to its statements, and
    where an error came: a look changes nothing, so it is asked once more, and SQLAlchemy then gives
    a lost connection up and raises its own error, without the values.
    """
    if not isinstance(query, Select) or not _is_page(connection):
        return None
    prepared = _prepared(query, connection.dialect)
    try:
        return prepared.rows(connection, values) if prepared else None
    except Error:
        return None


def _is_page(connection: Connection) -> bool:
    """Say whether each statement is by itself (`open_page_readers`), and nobody listens to them."""
    if connection.get_execution_options().get("isolation_level") != "AUTOCOMMIT":
        return False
    heard = connection.engine.dispatch
    return not (heard.before_cursor_execute or heard.after_cursor_execute)
