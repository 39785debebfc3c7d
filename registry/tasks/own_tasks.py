"""Tasks that are whose who asked for them: begun, found again, and the file of one.

Their files are of no school, so no door that looks by school finds one.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, insert, select
from sqlalchemy.orm import Session

from registry.accounts.tables import Staff
from registry.base.errors import NotFound
from registry.base.file_tables import StoredFile
from registry.record.tables import Graduate
from registry.tasks.states import TaskKind, TaskState
from registry.tasks.tables import Task, TaskPerson


@dataclass(frozen=True)
class OwnTask:
    """What a member of staff asks for."""

    kind: TaskKind
    asked: Mapping[str, str]
    total: int
    """Rows, or people."""
    year: int | None = None


def begin_for_staff(session: Session, staff: Staff, wanted: OwnTask, at: datetime) -> Task:
    """Have a file made in the background, for who asks alone; the door asks for the job."""
    task = Task(
        school_id=staff.school_id,
        staff_id=staff.id,
        kind=wanted.kind,
        asked=dict(wanted.asked),
        year=wanted.year,
        total=wanted.total,
        state=TaskState.WAITING,
        created_at=at,
    )
    session.add(task)
    session.flush()
    return task


def find_for_staff(session: Session, staff_id: int, kinds: Collection[TaskKind], key: str) -> Task:
    """Return what this member of staff asked for; raise NotFound."""
    task = session.scalar(select(Task).where(*_of_staff(staff_id, kinds), Task.key == key))
    if task is None:
        raise NotFound("导出任务")
    return task


def with_id(session: Session, task_id: int | None) -> Task | None:
    """Return a task that something else of the asker's names; None once it is forgotten."""
    return session.get(Task, task_id) if task_id is not None else None


def recent_for_staff(
    session: Session, staff_id: int, kinds: Collection[TaskKind], since: datetime, most: int
) -> Sequence[Task]:
    """Return what a member of staff asked for since a moment, newest first."""
    wanted = select(Task).where(*_of_staff(staff_id, kinds), Task.created_at >= since)
    return session.scalars(wanted.order_by(Task.id.desc()).limit(most)).all()


def _of_staff(staff_id: int, kinds: Collection[TaskKind]) -> tuple[ColumnElement[bool], ...]:
    return Task.staff_id == staff_id, Task.kind.in_(sorted(kinds))


def begin_for_graduate(
    session: Session, graduate: Graduate, records: Sequence[int], session_hash: str, at: datetime
) -> Task:
    """Have a copy made of all that is kept about a person's records; the door asks for the job."""
    task = Task(
        school_id=graduate.school_id,
        graduate_id=graduate.id,
        kind=TaskKind.OWN_COPY,
        asked={"session": session_hash},
        total=len(records),
        state=TaskState.WAITING,
        created_at=at,
    )
    session.add(task)
    session.flush()
    rows = [{"task_id": task.id, "graduate_id": each} for each in records]
    session.execute(insert(TaskPerson), rows)
    return task


def newest_for_graduate(session: Session, records: Sequence[int], session_hash: str) -> Task | None:
    """Return the copy that a person asked for last, if it was in this browser session of hers."""
    mine = (Task.graduate_id.in_(records), Task.kind == TaskKind.OWN_COPY)
    wanted = select(Task).where(*mine).order_by(Task.id.desc()).limit(1)
    task = session.scalar(wanted)
    return task if task is not None and task.asked["session"] == session_hash else None


def file_of(session: Session, task: Task, at: datetime) -> StoredFile | None:
    """Return the file that such a task made, while it is kept."""
    wanted = select(StoredFile).where(
        StoredFile.id == task.file_id,
        StoredFile.school_id.is_(None),
        StoredFile.expires_at > at,
    )
    return session.scalar(wanted)
