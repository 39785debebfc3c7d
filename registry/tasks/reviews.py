"""A review of thousands as a task: asked for, approved or given up, and what its page shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import Select, func, insert, literal, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from registry.base import moves
from registry.base.database import database_now
from registry.base.errors import RuleError
from registry.record.scope import Scope, within
from registry.record.tables import Graduate
from registry.review.decisions import DONE, Verdict
from registry.review.states import Purpose
from registry.review.tables import Application
from registry.tasks import lookup
from registry.tasks.review_steps import HOLD
from registry.tasks.start import Asker
from registry.tasks.states import REVIEWS, TASK, TaskEvent, TaskKind, TaskState
from registry.tasks.tables import Task, TaskApplication

MOST = 50_000
"""Applications of one task."""
SHOWN = 50


@dataclass(frozen=True)
class ReviewWish:
    """What is to be decided on thousands."""

    verdict: Verdict
    purpose: Purpose
    year: int
    applications: Select[int]
    """The query of whose ids."""


def ask(session: Session, asker: Asker, wanted: ReviewWish) -> Task:
    """Settle which applications are meant, as they are now; the door then asks for the job."""
    task = Task(
        school_id=asker.scope.school_id,
        department_id=asker.scope.department_id,
        staff_id=asker.staff_id,
        kind=TaskKind.REVIEW,
        asked={
            "decision": wanted.verdict.decision.value,
            "reason": wanted.verdict.reason,
            "purpose": wanted.purpose.value,
        },
        year=wanted.year,
        state=TaskState.WAITING,
        created_at=asker.at,
    )
    session.add(task)
    session.flush()
    columns = [
        *(TaskApplication.task_id, TaskApplication.application_id),
        *(TaskApplication.graduate_id, TaskApplication.revision, TaskApplication.outcome),
        TaskApplication.mark,
    ]
    found = (
        select(literal(task.id), Application.id, Application.graduate_id, Application.revision)
        .add_columns(literal(""), literal(""))
        .join(Graduate, Graduate.id == Application.graduate_id)
        .where(within(asker.scope), Application.id.in_(wanted.applications))
    )
    session.execute(insert(TaskApplication).from_select(columns, found))
    task.total = session.scalars(
        select(func.count()).where(TaskApplication.task_id == task.id)
    ).one()
    return task


def approve(session: Session, scope: Scope, key: str, *, only_rest: bool) -> Task:
    """Have it decided in ten seconds, on all or only on those that are not worth a look.

    Raises NotFound, or RuleError `review_moved_on` where it waits for no approval any more.
    """
    task = find(session, scope, key)
    asked = {**task.asked, **({"rest": "yes"} if only_rest else {})}
    begins = database_now(session) + HOLD
    _move(session, task, TaskEvent.APPROVE, attempts=0, asked=asked, lease_until=begins)
    return task


def give_up(session: Session, scope: Scope, key: str) -> Task:
    """Give a review up before it begins: nothing of it was decided; raises as `approve` does."""
    task = find(session, scope, key)
    _move(session, task, TaskEvent.ABANDON)
    return task


def find(session: Session, scope: Scope, key: str) -> Task:
    """Return a review of the scope; raise NotFound for others'."""
    return lookup.find(session, scope, key, REVIEWS, "批量审核")


def _move(session: Session, task: Task, event: TaskEvent, **values: object) -> None:
    if not moves.move(session, TASK, Task.state, event, Task.id == task.id, **values):
        raise RuleError("review_moved_on", "批量审核已开始或已结束，请查看结果。")
    session.refresh(task)


class MarkedApplication(NamedTuple):
    """An application that is worth a look, or was not decided on."""

    key: str
    name: str
    student_number: str
    why: str
    """A mark, or an `Outcome`."""


def worth_a_look(session: Session, scope: Scope, task: Task) -> list[MarkedApplication]:
    """Return the first applications of a review that are worth a look."""
    return _first(session, scope, task, TaskApplication.mark, ())


def not_decided(session: Session, scope: Scope, task: Task) -> list[MarkedApplication]:
    """Return the first applications that were not decided on as it was meant, and why."""
    return _first(session, scope, task, TaskApplication.outcome, sorted(DONE))


def _first(
    session: Session,
    scope: Scope,
    task: Task,
    column: InstrumentedAttribute[str],
    but: Sequence[str],
) -> list[MarkedApplication]:
    wanted = (
        select(Application.key, Graduate.name, Graduate.student_number, column)
        .select_from(TaskApplication)
        .join(Application, Application.id == TaskApplication.application_id)
        .join(Graduate, Graduate.id == TaskApplication.graduate_id)
        .where(TaskApplication.task_id == task.id, within(scope), column.not_in(["", *but]))
        .order_by(Application.submitted_at, Application.id)
        .limit(SHOWN)
    )
    return [MarkedApplication(*row) for row in session.execute(wanted)]
