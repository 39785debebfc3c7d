"""Asking for something to be done for all graduates a list shows; finding it again."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, delete, func, insert, literal, select
from sqlalchemy.orm import Session

from registry.base.errors import NotFound, RuleError
from registry.base.file_tables import StoredFile
from registry.numbers import listing
from registry.numbers.listing import NumberFilter
from registry.numbers.shape import Kind
from registry.numbers.transfer import generate
from registry.record.scope import Scope, within
from registry.record.tables import Graduate
from registry.tasks.earlier_tables import OfficeTask, OfficeTaskPerson
from registry.tasks.states import LISTS, MOVING, State, Work, title_of

MOST = {
    Work.NUMBERS: 200_000,
    Work.TABLE: 200_000,
    Work.POSTING_LIST: 200_000,
    Work.SLIPS: 20_000,
    Work.REPORTS: 5_000,
}
"""People in one task: what one file may hold and still be opened."""

WORKS = {
    Kind.FILE: tuple(work for work in Work if work not in LISTS),
    Kind.HOUSEHOLD: (Work.NUMBERS, Work.TABLE, Work.REPORTS),
}
"""What is done for which kind: only files are posted."""


KEPT_FOR = timedelta(days=30)
"""How long a task that came to its end is listed: its file is long gone, the audit log stays."""


@dataclass(frozen=True)
class Asker:
    """Who asks, and how far they see."""

    staff_id: int
    scope: Scope
    at: datetime


@dataclass(frozen=True)
class NameList:
    """A list of names that somebody wants: how long it is, and what it is of."""

    work: Work
    year: int
    total: int
    people: Select[int] | None = None
    """Whom it names (graduates' ids), settled now; None where that shows only when it is made."""
    about: dict[str, str] = field(default_factory=dict)


def ask(session: Session, asker: Asker, work: Work, wanted: NumberFilter) -> OfficeTask:
    """Settle whom it is for, the list as it is now; the door then asks for the job.

    Raises RuleError `nobody_meant`, `too_many` or `not_of_this_kind`.
    """
    if work not in WORKS[wanted.kind]:
        raise RuleError(
            "not_of_this_kind", f"户口没有{title_of(work, wanted.kind)}，请到档案转递里办理。"
        )
    task = _add(session, asker, wanted.people.year, work, wanted.kind)
    _settle(session, task, listing.ids(asker.scope, wanted, asker.at))
    task.total = _people(session, task, asker.scope, wanted.kind, asker.at)
    return task


def ask_list(session: Session, asker: Asker, wanted: NameList) -> OfficeTask:
    """Ask for a list of names to be made in the background; the door then asks for the job."""
    task = _add(session, asker, wanted.year, wanted.work, None)
    if wanted.people is not None:
        _settle(session, task, wanted.people)
    task.total, task.about = wanted.total, wanted.about
    return task


def _add(session: Session, asker: Asker, year: int, work: Work, kind: Kind | None) -> OfficeTask:
    task = OfficeTask(
        school_id=asker.scope.school_id,
        department_id=asker.scope.department_id,
        staff_id=asker.staff_id,
        year=year,
        kind=kind or "",
        work=work,
        state=State.WAITING,
        total=0,
        created_at=asker.at,
    )
    session.add(task)
    session.flush()
    return task


def _settle(session: Session, task: OfficeTask, people: Select[int]) -> None:
    """Keep whom a task is for."""
    columns = [OfficeTaskPerson.graduate_id, OfficeTaskPerson.task_id]
    found = people.add_columns(literal(task.id))
    session.execute(insert(OfficeTaskPerson).from_select(columns, found))


def _people(session: Session, task: OfficeTask, scope: Scope, kind: Kind, at: datetime) -> int:
    """Return how many people there is something to do for; refuse none and too many."""
    mine = members(task.id, scope)
    if task.work == Work.NUMBERS:
        number = generate.needing_count(session, mine, kind, at)
        sentence = "这些毕业生的转递编号都是有效的，不用重新生成。"
    else:
        number = session.scalars(select(func.count()).where(mine)).one()
        sentence = "没有符合条件的毕业生，请先调整筛选条件。"
    most = MOST[Work(task.work)]
    if not number:
        raise RuleError("nobody_meant", sentence)
    if number > most:
        title = title_of(Work(task.work), kind)
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


def sweep(session: Session, at: datetime) -> int:
    """Delete the tasks that came to their end long ago; return how many."""
    gone = session.scalars(
        delete(OfficeTask)
        .where(OfficeTask.state.not_in(MOVING), OfficeTask.finished_at <= at - KEPT_FOR)
        .returning(OfficeTask.id)
    )
    return len(gone.all())
