"""Asking for something to be done for all graduates a list shows; finding it again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, insert, literal, select
from sqlalchemy.orm import Session

from registry.errors import NotFound, RuleError
from registry.numbers import listing, transferring
from registry.numbers.listing import Wanted
from registry.numbers.shape import Kind
from registry.office.states import State, Work, title_of
from registry.office.tables import OfficeTask, OfficeTaskPerson
from registry.people import StoredFile
from registry.scope import Scope, within
from registry.tables import Graduate

MOST = {
    Work.NUMBERS: 200_000,
    Work.TABLE: 200_000,
    Work.POSTING_LIST: 200_000,
    Work.SLIPS: 20_000,
    Work.REPORTS: 5_000,
}
"""People in one task: what one file may hold and still be opened."""

WORKS = {
    Kind.FILE: tuple(Work),
    Kind.HOUSEHOLD: (Work.NUMBERS, Work.TABLE, Work.REPORTS),
}
"""What is done for which kind: only files are posted."""


@dataclass(frozen=True)
class Asker:
    """Who asks, and how far they see."""

    staff_id: int
    scope: Scope
    at: datetime


def ask(session: Session, asker: Asker, work: Work, wanted: Wanted) -> OfficeTask:
    """Settle whom it is for, the list as it is now; the door then asks for the job.

    Raises RuleError `nobody_meant`, `too_many` or `not_of_this_kind`.
    """
    if work not in WORKS[wanted.kind]:
        raise RuleError(
            "not_of_this_kind", f"户口没有{title_of(work, wanted.kind)}，请到档案转递里办理。"
        )
    task = OfficeTask(
        school_id=asker.scope.school_id,
        department_id=asker.scope.department_id,
        staff_id=asker.staff_id,
        year=wanted.people.year,
        kind=wanted.kind,
        work=work,
        state=State.WAITING,
        total=0,
        created_at=asker.at,
    )
    session.add(task)
    session.flush()
    found = listing.ids(asker.scope, wanted, asker.at).add_columns(literal(task.id))
    columns = [OfficeTaskPerson.graduate_id, OfficeTaskPerson.task_id]
    session.execute(insert(OfficeTaskPerson).from_select(columns, found))
    task.total = _people(session, task, asker.scope, asker.at)
    return task


def _people(session: Session, task: OfficeTask, scope: Scope, at: datetime) -> int:
    """Return how many people there is something to do for; refuse none and too many."""
    mine = members(task.id, scope)
    if task.work == Work.NUMBERS:
        number = transferring.needing_count(session, mine, Kind(task.kind), at)
        sentence = "这些毕业生的转递编号都是有效的，不用重新生成。"
    else:
        number = session.scalars(select(func.count()).where(mine)).one()
        sentence = "没有符合条件的毕业生，请先调整筛选条件。"
    most = MOST[Work(task.work)]
    if not number:
        raise RuleError("nobody_meant", sentence)
    if number > most:
        title = title_of(Work(task.work), Kind(task.kind))
        sentence = (
            f"{title}一次最多 {most:,} 人，现在选了 {number:,} 人，请按院系等条件分几次办理。"
        )
        raise RuleError("too_many", sentence)
    return number


def members(task_id: int, scope: Scope) -> ColumnElement[bool]:
    """Return the condition that a graduate of the scope is one the task is for."""
    settled = select(OfficeTaskPerson.graduate_id).where(OfficeTaskPerson.task_id == task_id)
    return within(scope) & Graduate.id.in_(settled)


def find(session: Session, scope: Scope, key: str) -> OfficeTask:
    """Return a task of the scope; raise NotFound for others'."""
    task = session.scalar(select(OfficeTask).where(_own(scope), OfficeTask.key == key))
    if task is None:
        raise NotFound("任务")
    return task


def recent(session: Session, scope: Scope, limit: int) -> Sequence[OfficeTask]:
    """Return the tasks of the scope, newest first."""
    wanted = select(OfficeTask).where(_own(scope)).order_by(OfficeTask.id.desc())
    return session.scalars(wanted.limit(limit)).all()


def _own(scope: Scope) -> ColumnElement[bool]:
    mine = OfficeTask.school_id == scope.school_id
    if scope.department_id is None:
        return mine
    return mine & (OfficeTask.department_id == scope.department_id)


def file_of(session: Session, task: OfficeTask, at: datetime) -> StoredFile | None:
    """Return the file a finished task made, while it is kept."""
    wanted = select(StoredFile).where(
        StoredFile.id == task.file_id,
        StoredFile.school_id == task.school_id,
        StoredFile.expires_at > at,
    )
    return session.scalar(wanted)
