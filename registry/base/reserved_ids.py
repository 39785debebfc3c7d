"""Row numbers taken before the rows: a bulk insert then need not be asked what it made.

psycopg reads a statement of thousands of parameters anew each time, which costs more than the
insert itself; without RETURNING the rows go out one after another under one short statement.
"""

from collections.abc import Sequence

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from registry.base.database import Base, is_sqlite

_NEXT = text("SELECT nextval(pg_get_serial_sequence(:name, 'id')) FROM generate_series(1, :number)")


def reserve_ids(session: Session, table: type[Base], number: int) -> Sequence[int]:
    """Return ids that nobody else will use; on SQLite the writing session's lock sees to that."""
    if not is_sqlite(session):
        return session.scalars(_NEXT, {"name": table.__tablename__, "number": number}).all()
    last: int = session.scalar(select(func.max(table.__table__.c.id))) or 0
    return range(last + 1, last + 1 + number)
