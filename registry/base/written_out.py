"""Conditions whose values stand in the statement itself, not among its parameters."""

from collections.abc import Iterable

from sqlalchemy import ColumnElement, SQLColumnExpression, literal_column


def is_one_of(column: SQLColumnExpression[str], values: Iterable[str]) -> ColumnElement[bool]:
    """Return the condition that a column is one of some words of ours, all in lower case.

    For what is asked each second of a table that grows. An index of few rows serves only a
    condition that is written out, on SQLite always and on PostgreSQL from the tenth execution on:
    then it plans a statement for all values of its parameters alike, and reads the whole table
    for a state that it knows to be rare.
    """
    words = list(values)
    assert all(each.isidentifier() for each in words), words
    written: list[ColumnElement[str]] = [literal_column(f"'{each}'") for each in words]
    return column == written[0] if len(written) == 1 else column.in_(written)
