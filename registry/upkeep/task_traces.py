"""What the tasks of a school say of one person: sentences about rows of a roster, and files."""

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from registry.base import files
from registry.base.errors import RuleError
from registry.base.file_tables import StoredFile
from registry.province.forwarding_tables import ForwardedEntry, Forwarding
from registry.record.tables import Graduate
from registry.tasks.earlier_tables import OfficeTask, RosterImport
from registry.tasks.states import LEASED, TaskKind
from registry.tasks.tables import Task

RUNNING = "学校有任务正在办理，其中可能有这位毕业生的信息，请等任务完成后再试。"


def refuse_running(session: Session, graduate: Graduate) -> None:
    """Raise RuleError `task_running` while a task is at work whose file may name her."""
    running = select(Task.id).where(_may_name(graduate), Task.state.in_(sorted(LEASED)))
    if session.scalar(running.limit(1)) is not None:
        raise RuleError("task_running", RUNNING)


def erase(session: Session, graduate: Graduate, names: Collection[str]) -> int:
    """Take her out of what tasks say, and delete the files that may name her; return how many.

    `names` is what she is or was called (`earlier_names`).

    They are those of her school's tasks, exports of the audit log and of provinces by whomever, and
    copies that she asked for at another record. All are sealed and gone within a week anyway; who
    still wants one has it made again. A roster that waits to be approved is checked again from a
    file that does not name her.
    """
    _forget_sentences(session, graduate, names)
    return _delete_files(session, graduate)


def _may_name(graduate: Graduate) -> ColumnElement[bool]:
    """Return the condition that a task's file may name her."""
    hers = select(Graduate.id).where(Graduate.identity_index == graduate.identity_index)
    of_school = and_(Task.school_id == graduate.school_id, Task.kind != TaskKind.OWN_COPY)
    of_anybody = Task.kind.in_([TaskKind.AUDIT_LOG, TaskKind.PROVINCE_LIST])
    forwarded = (
        select(Forwarding.task_id)
        .join(ForwardedEntry, ForwardedEntry.forwarding_id == Forwarding.id)
        .where(ForwardedEntry.graduate_id == graduate.id, Forwarding.task_id.is_not(None))
    )
    return or_(of_school, of_anybody, Task.id.in_(forwarded), Task.graduate_id.in_(hers))


def _forget_sentences(session: Session, graduate: Graduate, names: Collection[str]) -> None:
    for table in (Task, RosterImport):
        tasks: Iterable[Task | RosterImport] = session.scalars(
            select(table).where(table.school_id == graduate.school_id)
        )
        for task in tasks:
            kept = [each for each in task.problems if not _names(each, names)]
            if len(kept) < len(task.problems):
                task.problems = kept
    session.flush()


def _names(problem: dict[str, Any], words: Collection[str]) -> bool:
    return any(word in str(value) for value in problem.values() for word in words)


def _delete_files(session: Session, graduate: Graduate) -> int:
    school_id, ids, keys = graduate.school_id, set[int | None](), set[str]()
    for task in session.scalars(select(Task).where(_may_name(graduate))):
        ids |= {task.file_id, task.source_file_id}
        keys.add(task.plan_key)
    for earlier in session.scalars(select(RosterImport).where(RosterImport.school_id == school_id)):
        ids |= {earlier.file_id, earlier.refused_file_id}
    of_offices = select(OfficeTask.file_id).where(OfficeTask.school_id == school_id)
    ids |= set(session.scalars(of_offices))
    which = or_(
        StoredFile.id.in_([each for each in ids if each is not None]),
        StoredFile.key.in_(keys - {""}),
    )
    of_place = or_(StoredFile.school_id == school_id, StoredFile.school_id.is_(None))
    return files.forget(session, of_place, which)
