"""What is forgotten when its term is over, some rows a transaction (`registry.base.retention`).

Rows that are only ever added are looked at from the oldest on: while those are not old enough, a
look costs one short read.
"""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import ColumnElement, Text, cast, delete, func, select, true, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from registry.accounts.audit_log import chain
from registry.base import files, retention
from registry.base.database import Base
from registry.base.file_tables import StoredFile
from registry.base.retention import Kept, Retention
from registry.breaches.tables import BreachFile, BreachReport, BreachStep
from registry.numbers.tables import Lookup
from registry.tasks.states import IMPORTS, OVER
from registry.tasks.tables import Task

BATCH = 1000

Forgetting = Callable[[Session, Retention, datetime], int]
"""Forgets some of what is over; returns how many rows, 0 when nothing is left."""


def delete_oldest(
    session: Session,
    table: type[Base],
    key: InstrumentedAttribute[int],
    is_old: ColumnElement[bool],
    may_go: ColumnElement[bool] | None = None,
    limit: int = BATCH,
) -> int:
    """Delete what is old among the oldest rows of a table that may go; return how many.

    Rows that may not go are passed over: else a few of them would keep all behind them for good.
    """
    may = true() if may_go is None else may_go
    oldest = select(key).where(may).order_by(key).limit(limit).subquery()
    gone = session.scalars(
        delete(table)
        .where(key.in_(select(oldest.c[0])), is_old, may)
        .returning(key)
        .execution_options(synchronize_session=False)
    )
    return len(gone.all())


def lookups(session: Session, kept: Retention, at: datetime) -> int:
    """Forget who looked numbers up."""
    return delete_oldest(session, Lookup, Lookup.id, Lookup.at < kept.before(Kept.LOOKUPS, at))


def audit_log(session: Session, kept: Retention, at: datetime) -> int:
    """Forget the oldest rows of the audit log, a link of its chain at a time: it stays whole."""
    return chain.forget(session, kept.before(Kept.AUDIT, at), at)


def breach_reports(session: Session, kept: Retention, at: datetime) -> int:
    """Forget reports that were closed long ago, with what was said and given to them."""
    before = kept.before(Kept.EVIDENCE, at)
    old = select(BreachReport.id).where(BreachReport.closed_at < before).limit(BATCH)
    ids = session.scalars(old).all()
    theirs = select(BreachFile.file_id).where(BreachFile.report_id.in_(ids))
    gone = session.scalars(theirs.where(BreachFile.file_id.is_not(None))).all()
    for table in (BreachStep, BreachFile):
        session.execute(delete(table).where(table.report_id.in_(ids)))
    files.forget(session, StoredFile.id.in_(gone))
    session.execute(delete(BreachReport).where(BreachReport.id.in_(ids)))
    return len(ids)


def problems_of_imports(session: Session, _kept: Retention, at: datetime) -> int:
    """Empty what imports said of single rows; how many there were of each outcome stays."""
    old = (
        select(Task.id)
        .where(
            Task.kind.in_(sorted(IMPORTS)),
            Task.state.in_(sorted(OVER)),
            Task.finished_at <= at - retention.TASK,
            func.length(cast(Task.problems, Text)) > len("[]"),
        )
        .limit(BATCH)
    )
    emptied = session.scalars(
        update(Task)
        .where(Task.id.in_(old))
        .values(problems=[])
        .returning(Task.id)
        .execution_options(synchronize_session=False)
    )
    return len(emptied.all())
