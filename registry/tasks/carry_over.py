"""Brings over what processes of the version before put into their two tables of background work.

Migration 0016 moves what was there. While hosts are updated one after another, pages of the
version before still add imports and tasks there, and its workers do them. Whatever no such worker
has comes over here; then it is done and shown like everything else. This module and the tables go
with a later migration.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, insert, not_, select
from sqlalchemy.orm import Session

from registry.base.database import database_now
from registry.tasks.earlier_tables import OfficeTask, OfficeTaskPerson, RosterImport
from registry.tasks.states import TaskKind, TaskState
from registry.tasks.tables import Task, TaskPerson

LEASED = ("running", "checking", "applying")
"""States of both tables in which a worker has a row until its lease ends."""
SAME = (
    *("key", "school_id", "staff_id", "year", "done", "total", "counts", "message", "attempts"),
    *("lease_until", "created_at", "finished_at"),
)
"""Columns that all three tables have."""


def carry_over(session: Session) -> int:
    """Move what no worker of the version before has; return how many it was."""
    now = database_now(session)
    return _imports(session, now) + _office(session, now)


def _imports(session: Session, now: datetime) -> int:
    wanted = select(RosterImport).where(_free(RosterImport, now)).order_by(RosterImport.id)
    found = session.scalars(wanted.with_for_update(skip_locked=True)).all()
    for row in found:
        session.add(_of_import(row))
        session.delete(row)
    return len(found)


def _office(session: Session, now: datetime) -> int:
    wanted = select(OfficeTask).where(_free(OfficeTask, now)).order_by(OfficeTask.id)
    found = session.scalars(wanted.with_for_update(skip_locked=True)).all()
    for row in found:
        session.add(_of_office(row))
    session.flush()
    _move_people(session, [row.id for row in found])
    for row in found:
        session.delete(row)
    return len(found)


def _free(table: type[RosterImport | OfficeTask], now: datetime) -> ColumnElement[bool]:
    return not_(and_(table.state.in_(LEASED), table.lease_until >= now))


def _of_import(row: RosterImport) -> Task:
    checking = row.state == "checking"
    return Task(
        **_same(row),
        kind=TaskKind.ROSTER_IMPORT,
        asked={"file_name": row.file_name, "policy": row.policy},
        state=TaskState.RUNNING if checking else row.state,
        problems=row.problems,
        source_file_id=row.file_id,
        file_id=row.refused_file_id,
    )


def _of_office(row: OfficeTask) -> Task:
    number_kind = {"number_kind": row.kind} if row.kind else {}
    return Task(
        **_same(row),
        department_id=row.department_id,
        kind=row.work,
        asked=number_kind | row.about,
        state=row.state,
        resume_after=row.renewed_up_to,
        file_id=row.file_id,
    )


def _same(row: RosterImport | OfficeTask) -> dict[str, Any]:
    return {name: getattr(row, name) for name in SAME}


def _move_people(session: Session, tasks: list[int]) -> None:
    """Copy whom tasks are for; a task has another number there, but the same key."""
    people = (
        select(Task.id, OfficeTaskPerson.graduate_id)
        .join(OfficeTask, OfficeTask.key == Task.key)
        .join(OfficeTaskPerson, OfficeTaskPerson.task_id == OfficeTask.id)
        .where(OfficeTask.id.in_(tasks))
    )
    columns = [TaskPerson.task_id, TaskPerson.graduate_id]
    session.execute(insert(TaskPerson).from_select(columns, people))
