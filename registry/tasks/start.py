"""Starting a task for the graduates that a page shows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Select, func, insert, literal, select
from sqlalchemy.orm import Session

from registry.base.errors import RuleError
from registry.numbers import listing
from registry.numbers.listing import NumberFilter
from registry.numbers.transfer import generate
from registry.record.scope import Scope
from registry.tasks.kinds import PROCEDURES, TRANSFERS
from registry.tasks.people import members
from registry.tasks.states import TaskKind, TaskState
from registry.tasks.tables import Task, TaskPerson


@dataclass(frozen=True)
class Asker:
    """Who asks, and how far they see."""

    staff_id: int
    scope: Scope
    at: datetime


@dataclass(frozen=True)
class NameList:
    """A list of names that somebody wants: how long it is, and what it is of."""

    kind: TaskKind
    year: int | None
    """None for one of several cohorts."""
    total: int
    people: Select[int] | None = None
    """Whom it names (graduates' ids), settled now; None where that shows only when it is made."""
    asked: dict[str, str] = field(default_factory=dict)
    """What else the kind has to know (see `TaskKind`)."""


def start(session: Session, asker: Asker, kind: TaskKind, wanted: NumberFilter) -> Task:
    """Settle whom it is for, the list as it is now; the door then asks for the job.

    Raises RuleError `nobody_meant`, `too_many` or `not_of_this_kind`.
    """
    asked = {"number_kind": wanted.kind.value}
    if kind not in TRANSFERS[wanted.kind]:
        title = PROCEDURES[kind].title_of(asked)
        raise RuleError("not_of_this_kind", f"户口没有{title}，请到档案转递里办理。")
    task = _add(session, asker, kind, wanted.people.year, asked)
    _settle(session, task, listing.ids(asker.scope, wanted, asker.at))
    task.total = _people(session, task, asker, wanted)
    return task


def start_list(session: Session, asker: Asker, wanted: NameList) -> Task:
    """Have a list of names made in the background; the door then asks for the job."""
    task = _add(session, asker, wanted.kind, wanted.year, wanted.asked)
    if wanted.people is not None:
        _settle(session, task, wanted.people)
    task.total = wanted.total
    return task


def _add(
    session: Session, asker: Asker, kind: TaskKind, year: int | None, asked: Mapping[str, str]
) -> Task:
    task = Task(
        school_id=asker.scope.school_id,
        department_id=asker.scope.department_id,
        staff_id=asker.staff_id,
        kind=kind,
        asked=dict(asked),
        year=year,
        state=TaskState.WAITING,
        created_at=asker.at,
    )
    session.add(task)
    session.flush()
    return task


def _settle(session: Session, task: Task, people: Select[int]) -> None:
    """Keep whom a task is for."""
    columns = [TaskPerson.graduate_id, TaskPerson.task_id]
    found = people.add_columns(literal(task.id))
    session.execute(insert(TaskPerson).from_select(columns, found))


def _people(session: Session, task: Task, asker: Asker, wanted: NumberFilter) -> int:
    """Return how many people there is something to do for; refuse none and too many."""
    mine = members(task.id, asker.scope)
    if task.kind == TaskKind.NUMBERS:
        number = generate.needing_count(session, mine, wanted.kind, asker.at)
        sentence = "这些毕业生的转递编号都是有效的，不用重新生成。"
    else:
        number = session.scalars(select(func.count()).where(mine)).one()
        sentence = "没有符合条件的毕业生，请先调整筛选条件。"
    if not number:
        raise RuleError("nobody_meant", sentence)
    _refuse_too_many(task, number)
    return number


def _refuse_too_many(task: Task, number: int) -> None:
    procedure = PROCEDURES[TaskKind(task.kind)]
    if procedure.most is not None and number > procedure.most:
        title = procedure.title_of(task.asked)
        sentence = (
            f"{title}一次最多 {procedure.most:,} 人，现在选了 {number:,} 人，"
            "请按院系等条件分几次办理。"
        )
        raise RuleError("too_many", sentence)
