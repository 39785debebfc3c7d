"""The condition that a column is one of a list of numbers that comes with each execution.

In a statement that is made once. The list is one value, however long: with a value for each number
the statement would be another one for each length.
"""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Dialect,
    SQLColumnExpression,
    Text,
    bindparam,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction
from sqlalchemy.types import Boolean, TypeDecorator, TypeEngine
from typing_extensions import override


class _Numbers(TypeDecorator[Sequence[int]]):
    """Numbers as an array, and as JSON on SQLite."""

    impl = ARRAY(BigInteger)
    cache_ok = True

    @override
    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return Text() if dialect.name == "sqlite" else ARRAY(BigInteger)

    @override
    def process_bind_param(self, value: Sequence[int] | None, dialect: Dialect) -> Any:
        numbers = list(value or ())
        return json.dumps(numbers) if dialect.name == "sqlite" else numbers


class _IsListed(GenericFunction[bool]):
    """`is_listed(column, list)`, written as each database has it."""

    type = Boolean()
    inherit_cache = True
    name = "is_listed"


@compiles(_IsListed)
def _as_array(element: _IsListed, compiler: SQLCompiler, **options: object) -> str:
    column, listed = (compiler.process(each, **options) for each in element.clauses)
    return f"{column} = ANY ({listed})"


@compiles(_IsListed, "sqlite")
def _as_json(element: _IsListed, compiler: SQLCompiler, **options: object) -> str:
    column, listed = (compiler.process(each, **options) for each in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({listed}))"  # noqa: S608 - what SQLAlchemy wrote


def is_listed(column: SQLColumnExpression[Any], name: str) -> ColumnElement[bool]:
    """Return the condition that a column is one of the numbers given as the value `name`."""
    return _IsListed(column, bindparam(name, type_=_Numbers()))
