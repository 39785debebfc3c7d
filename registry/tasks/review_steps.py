"""How a review of thousands is done: looked through, approved, decided on some a transaction.

What a lost worker had decided stays decided: what came of each application is written with the
decision itself, so that nobody is decided on, or told, twice.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Select, bindparam, func, select, update
from sqlalchemy.orm import Session

from registry.accounts.audit import AuditRecord
from registry.accounts.tables import Staff
from registry.base.errors import RuleError
from registry.review import decide, overview
from registry.review.decisions import Decision, Verdict, reviewer
from registry.review.tables import Application
from registry.tasks import claims
from registry.tasks.claims import Claim
from registry.tasks.procedure import Running
from registry.tasks.states import TaskEvent, TaskState
from registry.tasks.tables import Task, TaskApplication

STEP = 250
"""Applications of one transaction: under a second of locks."""
HOLD = timedelta(seconds=10)
"""How long an approved review waits before it begins, so that it can be taken back."""
MARKS = ("outrun", "locked", "without_documents", "odd")
"""Why an application is worth a look: fields of `overview.Overview`, the gravest first."""
LEFT = "left"
"""What the applications are counted as that were marked, and left for a look."""


@dataclass(frozen=True)
class _Row:
    """An application of the task."""

    id: int
    key: str
    revision: int


def look_or_decide(running: Running) -> None:
    """Look through what was chosen, or decide on it where that was approved."""
    if running.claim.state is TaskState.RUNNING:
        _look(running)
    else:
        _decide(running)


def verdict_of(asked: dict[str, str]) -> Verdict:
    """Return the decision that a task makes."""
    return Verdict(Decision(asked["decision"]), asked["reason"])


def of_task(task_id: int) -> Select[int]:
    """Return the query of the applications (ids) of a task."""
    return select(TaskApplication.application_id).where(TaskApplication.task_id == task_id)


def _look(running: Running) -> None:
    after, done, found = 0, 0, Counter[str]()
    passes = verdict_of(running.claim.asked).decision is Decision.PASS
    while rows := _after(running, after):
        marks = _marks(running, rows) if passes else {}
        found.update(marks.values())
        after, done = rows[-1].id, done + len(rows)
        with running.resources.sessions.begin() as session:
            _write(session, running.claim, "mark", marks)
            claims.write(session, running.claim, done=done)
    running.end(TaskEvent.PLAN, counts=dict(found), done=0)


def _after(running: Running, after: int) -> Sequence[_Row]:
    with running.resources.readers.begin() as session:
        return _some(session, running.claim, TaskApplication.application_id > after)


def _some(session: Session, mine: Claim, *conditions: Any) -> Sequence[_Row]:  # noqa: ANN401 - of SQL
    wanted = (
        select(TaskApplication.application_id, Application.key, TaskApplication.revision)
        .join(Application, Application.id == TaskApplication.application_id)
        .where(TaskApplication.task_id == mine.id, *conditions)
        .order_by(TaskApplication.application_id)
        .limit(STEP)
    )
    return [_Row(*row) for row in session.execute(wanted)]


def _marks(running: Running, rows: Sequence[_Row]) -> dict[int, str]:
    """Return why each of these is worth a look, by id; the others are not there."""
    seen = {each.key: each.revision for each in rows}
    with running.resources.readers.begin() as session:
        found = overview.overview(session, running.claim.scope, seen)
    marks = {key: mark for mark in reversed(MARKS) for key in getattr(found, mark)}
    return {each.id: marks[each.key] for each in rows if each.key in marks}


def _decide(running: Running) -> None:
    """Decide on all, or on those without a mark; the sums hold, or the task is no end."""
    while _decide_some(running):
        pass
    with running.resources.sessions.begin() as session:
        counts = _counts(session, running.claim)
        assert sum(counts.values()) == running.claim.total, (running.claim.key, counts)
        running.end_with(session, TaskEvent.FINISH, counts=counts, done=running.claim.total)


def _decide_some(running: Running) -> bool:
    """Decide on the next applications in one transaction with what came of it."""
    mine = running.claim
    waiting = [TaskApplication.outcome == ""]
    if mine.asked.get("rest"):
        waiting.append(TaskApplication.mark == "")
    with running.resources.sessions.begin() as session:
        rows = _some(session, mine, *waiting)
        if not rows:
            return False
        who, at = reviewer(_asker(session, mine)), running.resources.clock()
        seen = {each.key: each.revision for each in rows}
        came = decide.decide(session, mine.scope, who, seen, verdict_of(mine.asked), at)
        _write(session, mine, "outcome", {each.id: came[each.key] for each in rows})
        claims.write(session, mine, done=Task.done + len(rows))
    return True


def _asker(session: Session, mine: Claim) -> Staff:
    """Return who asked; raise RuleError `no_reviewer` where they may not review any more."""
    staff = session.scalar(select(Staff).where(Staff.key == mine.by.partition(":")[2]))
    if staff is None or not staff.active or staff.read_only:
        raise RuleError("no_reviewer", "您的账号已不能审核，未审核的申请没有变动。")
    return staff


def _write(session: Session, mine: Claim, column: str, values: dict[int, Any]) -> None:
    if not values:
        return
    table = TaskApplication.__table__
    rows = [{"row": ident, "said": str(value)} for ident, value in values.items()]
    statement = update(table).where(  # type: ignore[arg-type]  # it is a Table
        table.c.task_id == mine.id, table.c.application_id == bindparam("row")
    )
    session.connection().execute(statement.values({column: bindparam("said")}), rows)


def _counts(session: Session, mine: Claim) -> dict[str, int]:
    wanted = (
        select(TaskApplication.outcome, func.count())
        .where(TaskApplication.task_id == mine.id)
        .group_by(TaskApplication.outcome)
    )
    return {outcome or LEFT: number for outcome, number in session.execute(wanted)}


def audited(claim: Claim, task: Task) -> AuditRecord | None:
    """Return what the log keeps of a review that ended; each decision is kept by itself."""
    if task.state not in {TaskState.FINISHED, TaskState.REFUSED}:
        return None
    said = {"decision": claim.asked["decision"], "people": claim.total, **task.counts}
    subject = f"office_task:{claim.key}"
    return AuditRecord(claim.by, "reviewed_many", subject, claim.scope.school_id, said)
