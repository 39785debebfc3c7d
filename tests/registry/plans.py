"""Reading how SQLite would answer what a session asks it."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session

_EXPLAINED = ("SELECT", "INSERT", "UPDATE", "DELETE")


@contextmanager
def plans(session: Session) -> Iterator[list[str]]:
    """Give a list that has, afterwards, how each statement said meanwhile is answered.

    SQLite plans by the indexes there are, not by how much a table of a test holds.
    """
    heard: list[tuple[str, Any]] = []

    def hear(*said: Any) -> None:  # noqa: ANN401 - of SQLAlchemy's event
        statement, parameters, many = said[2], said[3], said[5]
        if statement.lstrip().startswith(_EXPLAINED):
            heard.append((statement, parameters[0] if many else parameters))

    engine, found = session.get_bind(), list[str]()
    event.listen(engine, "before_cursor_execute", hear)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", hear)
    found += [_plan(session, *each) for each in heard]


def _plan(session: Session, statement: str, given: Any) -> str:  # noqa: ANN401 - as the driver has it
    explained = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", given)
    return "\n".join(row.detail for row in explained)


def read_through(found: Sequence[str], table: str) -> list[str]:
    """Return the plans that read a whole table."""
    whole = re.compile(rf"^SCAN {table}\b", re.MULTILINE)
    return [each for each in found if whole.search(each)]
