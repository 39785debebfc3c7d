"""The day of a moment in Asia/Shanghai, asked of the database."""

from datetime import date
from typing import Any

from sqlalchemy import Date
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class shanghai_day(FunctionElement[date]):  # noqa: N801 - it is written like a function of SQL
    """The day on which a moment is in Asia/Shanghai, for a column that keeps UTC."""

    type = Date()
    inherit_cache = True


@compiles(shanghai_day, "sqlite")
def _of_sqlite(element: Any, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401 - the extension's own signature
    # SQLite knows no zones; Shanghai has had no other offset since 1991.
    return f"date({compiler.process(element.clauses, **options)}, '+8 hours')"


@compiles(shanghai_day, "postgresql")
def _of_postgresql(element: Any, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401 - the same
    moment = compiler.process(element.clauses, **options)
    return f"CAST(({moment}) AT TIME ZONE 'Asia/Shanghai' AS date)"
