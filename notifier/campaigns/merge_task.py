"""The merging of two schools as a task: asked for by the operator, done by a worker, watched."""

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from notifier.campaigns import merge
from notifier.campaigns.merge import Decision
from registry.accounts.school_tables import School
from registry.accounts.tables import Staff
from registry.base.errors import NotFound, RuleError
from registry.base.written_reason import written_reason
from registry.tasks import claims
from registry.tasks.procedure import Procedure, Running
from registry.tasks.states import TaskEvent, TaskKind, TaskState
from registry.tasks.tables import Task

TITLES = {
    TaskState.WAITING: "排队中",
    TaskState.RUNNING: "正在合并",
    TaskState.FINISHED: "已合并",
    TaskState.REFUSED: "没有合并",
}


def start(
    session: Session, source: School, target: School, decided: Decision, staff: Staff
) -> Task:
    """Have the first school merged into the other; the door then asks for the job.

    Raises RuleError `reason_missing`, `reason_too_long`, or `merge_conflicts`.
    """
    reason = written_reason(decided.reason, "请填写合并原因。")
    if found := merge.conflicts(session, source, target):
        raise RuleError("merge_conflicts", found[0].sentence)
    foreseen = merge.foresee_schools(session, source, target, decided.at)
    asked = {"source": source.key, "source_name": source.name, "target_name": target.name}
    task = Task(
        school_id=target.id,
        staff_id=staff.id,
        kind=TaskKind.SCHOOL_MERGE,
        asked={**asked, "reason": reason},
        state=TaskState.WAITING,
        total=foreseen.people + foreseen.ended,
        created_at=decided.at,
    )
    session.add(task)
    session.flush()
    return task


def find(session: Session, key: str) -> Task:
    """Return a merge by its key, for the operator; raise NotFound."""
    wanted = select(Task).where(Task.key == key, Task.kind == TaskKind.SCHOOL_MERGE)
    found = session.scalar(wanted)
    if found is None:
        raise NotFound("任务")
    return found


def _merge(running: Running) -> None:
    """Merge in one transaction, so that nobody sees a school in two halves."""
    mine, at = running.claim, running.resources.clock()
    with running.resources.sessions.begin() as session:
        claims.write(session, mine)  # no other worker takes it, however long this takes
        source = _school(session, School.key == mine.asked["source"])
        target = _school(session, School.id == mine.scope.school_id)
        decided = Decision(mine.by, mine.asked["reason"], at)
        moved = merge.merge_schools(session, source, target, decided)
        counts = merge.numbers(moved)
        running.end_with(session, TaskEvent.FINISH, done=mine.total, counts=counts)


def _school(session: Session, which: ColumnElement[bool]) -> School:
    found = session.scalar(select(School).where(which))
    if found is None:
        raise RuleError("school_gone", "要合并的学校已不在系统里，可能已经合并。")
    return found


PROCEDURE = Procedure(
    label="合并学校",
    title="{source_name}并入{target_name}",
    run=_merge,
    audited=lambda _claim, _task: None,  # `merge.merge_schools` keeps it
    given_up="多次尝试都没有完成，两所学校都没有变化。请联系平台。",
    state_titles=TITLES,
)
