"""Finding tasks again: one by its key, the newest, the file of one; forgetting the old."""

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import lru_cache

from sqlalchemy import ColumnElement, Select, delete, select
from sqlalchemy.orm import Session, defer

from registry.base import retention
from registry.base.detached import read_rows
from registry.base.errors import NotFound
from registry.base.file_tables import StoredFile
from registry.base.written_out import is_one_of
from registry.record.scope import MADE, Scope, made_for
from registry.tasks.states import (
    COURIER_LISTS,
    FILES,
    IMPORTS,
    MOVING,
    OF_ASKERS,
    OF_EMPLOYERS,
    OVER,
    REVIEWS,
    TaskKind,
)
from registry.tasks.tables import Task

LISTED_FOR = retention.TASK
"""How long a task that came to its end is listed: its file is long gone, the audit log stays."""


def find(
    session: Session, scope: Scope, key: str, kinds: Collection[TaskKind], name: str = "任务"
) -> Task:
    """Return a task of the scope and of one of the kinds.

    Raises NotFound, by that name, for others'.
    """
    task = session.scalar(select(Task).where(_own(scope, kinds), Task.key == key))
    if task is None:
        raise NotFound(name)
    return task


def recent(
    session: Session,
    scope: Scope,
    limit: int,
    *,
    kinds: Collection[TaskKind] = FILES | IMPORTS | COURIER_LISTS | REVIEWS,
    before_id: int | None = None,
) -> Sequence[Task]:
    """Return the tasks of the scope, newest first, from below an id; without their problems."""
    made, values = made_for(scope)
    wanted = _newest(made, frozenset(kinds))
    if before_id is not None:
        wanted = wanted.where(Task.id < before_id)
    return session.scalars(wanted.limit(limit), values).all()


@lru_cache(MADE)
def _newest(scope: Scope, kinds: frozenset[TaskKind]) -> Select[Task]:
    wanted = select(Task).where(_own(scope, kinds)).options(defer(Task.problems, raiseload=True))
    return wanted.order_by(Task.id.desc())


def _own(scope: Scope, kinds: Collection[TaskKind]) -> ColumnElement[bool]:
    mine = (Task.school_id == scope.school_id) & is_one_of(Task.kind, sorted(kinds))
    if scope.counsellor_id is not None:
        return mine & (Task.staff_id == scope.counsellor_id)
    if scope.department_id is not None:
        return mine & (Task.department_id == scope.department_id)
    return mine


def find_of_employer(session: Session, employer_id: int, key: str) -> Task:
    """Return what an employer asked for; raise NotFound for others'."""
    mine = (Task.employer_id == employer_id, Task.kind.in_(sorted(OF_EMPLOYERS)))
    task = session.scalar(select(Task).where(*mine, Task.key == key))
    if task is None:
        raise NotFound("批量邀请")
    return task


def recent_of_employer(
    session: Session, employer_id: int, limit: int, *, before_id: int | None = None
) -> Sequence[Task]:
    """Return what an employer asked for, newest first, from below an id; without the problems."""
    mine = (Task.employer_id == employer_id, Task.kind.in_(sorted(OF_EMPLOYERS)))
    wanted = select(Task).where(*mine).options(defer(Task.problems, raiseload=True))
    if before_id is not None:
        wanted = wanted.where(Task.id < before_id)
    return session.scalars(wanted.order_by(Task.id.desc()).limit(limit)).all()


def file_of(session: Session, task: Task, at: datetime) -> StoredFile | None:
    """Return the file a finished task made, while it is kept."""
    wanted = select(StoredFile).where(
        StoredFile.id == task.file_id,
        StoredFile.school_id == task.school_id,
        StoredFile.expires_at > at,
    )
    return session.scalar(wanted)


def kept_files(session: Session, tasks: Collection[Task], at: datetime) -> frozenset[int]:
    """Return which files that were made for people to take along are still kept."""
    made = [each.file_id for each in tasks if each.kind in FILES and each.file_id is not None]
    if not made:
        return frozenset()
    wanted = select(StoredFile.id).where(StoredFile.id.in_(made), StoredFile.expires_at > at)
    return frozenset(session.scalars(wanted))


def is_any_moving(session: Session, scope: Scope) -> bool:
    """Say whether work of the scope goes on by itself."""
    made, values = made_for(scope)
    return bool(read_rows(session, _moving(made), values))


@lru_cache(MADE)
def _moving(scope: Scope) -> Select[int]:
    goes_on = is_one_of(Task.state, sorted(MOVING))
    shown = _own(scope, FILES | IMPORTS | COURIER_LISTS | REVIEWS)
    return select(Task.id).where(shown, goes_on).limit(1)


def forget_old(session: Session, at: datetime) -> int:
    """Delete the tasks that ended long ago; return how many. Imports stay, as a history."""
    gone = session.scalars(
        delete(Task)
        .where(
            Task.kind.in_(sorted(FILES | COURIER_LISTS | REVIEWS | OF_EMPLOYERS | OF_ASKERS)),
            Task.state.in_(sorted(OVER)),
            Task.finished_at <= at - LISTED_FOR,
        )
        .returning(Task.id)
    )
    return len(gone.all())
