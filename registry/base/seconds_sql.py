"""How long after one moment another is, asked of the database."""

from typing import Any

from sqlalchemy import Float
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class seconds_after(FunctionElement[float]):  # noqa: N801 - it is written like a function of SQL
    """Seconds from the first of two columns of moments to the second; to a millisecond."""

    type = Float()
    inherit_cache = True


@compiles(seconds_after, "sqlite")
def _of_sqlite(element: Any, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401 - the extension's own signature
    first, second = (compiler.process(each, **options) for each in element.clauses)
    return f"((julianday({second}) - julianday({first})) * 86400.0)"


@compiles(seconds_after, "postgresql")
def _of_postgresql(element: Any, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401 - the same
    first, second = (compiler.process(each, **options) for each in element.clauses)
    return f"EXTRACT(EPOCH FROM ({second}) - ({first}))"
