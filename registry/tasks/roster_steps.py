"""How an import of a roster is done: the file is checked and, where that was approved, applied.

Progress is written in short transactions of its own, so that it can be watched; the rows come in
by one transaction, so that nothing half-done is ever seen.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.accounts.audit import AuditRecord
from registry.accounts.school_tables import School
from registry.base.crypto import Vault
from registry.base.errors import RuleError
from registry.base.workbook import MEDIA_TYPE
from registry.record import province_lock
from registry.roster import applying, refused
from registry.roster.applying import Applied, Work
from registry.roster.assessing import Assessment, Chunk, assess, lost_rows
from registry.roster.matching import Roll
from registry.roster.plan import PersonForeseen, Plan, unpacked
from registry.roster.problems import Policy, refuses
from registry.tasks import claims, sheet_files
from registry.tasks.claims import Claim
from registry.tasks.procedure import Running
from registry.tasks.sheet_files import PLAN_NAME
from registry.tasks.states import TaskEvent, TaskState
from registry.tasks.tables import Task

OUTCOMES = ("new", "changed", "unchanged", "refused", "skipped", "held_back")
"""What can become of a row of a file; each row is in exactly one."""
KEEPS_DEPARTMENTS = "keeps_departments"
"""Is asked of an import that is to make no department, where the school has some."""


STALE = (
    "核对之后学校的记录有变化（例如撤销了另一次导入），新增的人与核对结果不同，已重新核对。"
    "请查看最新结果，再确认导入。"
)


class ChangedMeanwhile(Exception):
    """The record changed between checking and writing, so that a row is refused by now."""


class StaleCheck(Exception):
    """Others are new by now than those whom the approved check named."""


def check_or_apply(running: Running) -> None:
    """Check the file and either plan or, where that was approved, apply what it says."""
    if running.claim.state not in {TaskState.RUNNING, TaskState.APPLYING}:
        raise ValueError(f"an import that is {running.claim.state} is not checked")
    found = _assessed(running, _content(running))
    if found.destinations:
        with running.resources.readers.begin() as session:
            province_lock.refuse_destinations(session, running.claim.scope.school_id)
    if running.claim.asked["policy"] == Policy.ALL_OR_NOTHING and found.refused:
        held_back = found.rows - len(found.refused) - len(found.skipped)
        running.write(counts=_summed(found, Applied(), held_back=held_back))
        raise _nothing_imported(found)
    if running.claim.state is TaskState.RUNNING:
        _plan(running, found)
        return
    try:
        _apply(running, found)
    except ChangedMeanwhile:
        running.end(TaskEvent.GIVE_BACK)
    except StaleCheck:
        running.end(TaskEvent.CHECK_AGAIN, message=STALE, attempts=0, done=0)


def plan_of(session: Session, vault: Vault, found: Task) -> Plan | None:
    """Return what a checked import would do, person by person; None where that is gone."""
    kept = sheet_files.planned(session, vault, found)
    return unpacked(kept) if kept else None


def chosen_departments(asked: Mapping[str, str]) -> dict[str, int]:
    """Return in which departments of the school those of a file are, where staff chose one."""
    chosen: dict[str, int] = json.loads(asked.get("departments", "{}"))
    return chosen


def audited(claim: Claim, task: Task) -> AuditRecord | None:
    """Return what the log keeps of an import applied or undone; others changed nothing."""
    subject, school = f"roster_import:{claim.key}", claim.scope.school_id
    if task.state == TaskState.UNDONE:
        details = {"reason": claim.asked["undone_why"], **task.counts}
        return AuditRecord(claim.asked["undone_by"], "roster_undone", subject, school, details)
    if claim.state is TaskState.APPLYING and task.state == TaskState.FINISHED:
        return AuditRecord(claim.by, "roster_applied", subject, school, task.counts)
    return None


def _nothing_imported(found: Assessment) -> RuleError:
    return RuleError(
        "nothing_imported",
        f"有 {len(found.refused)} 行没有通过核对。按“全部通过才导入”的选择，本次未导入，"
        "请按原因修改后重新上传。",
    )


def _content(running: Running) -> bytes:
    with running.resources.readers.begin() as session:
        task = session.get_one(Task, running.claim.id)
        return sheet_files.uploaded(session, running.resources.vault, task)


def _assessed(running: Running, content: bytes) -> Assessment:
    """Check every row, against the record too; keep the problems and the file of refused rows."""
    resources, roll, work = running.resources, _roll(running), _work(running)

    def look(found: Assessment, good: Chunk, height: int) -> None:
        with resources.readers.begin() as session:
            matched = roll.match(session, good)
            for problem in (*matched.problems, *applying.refused(session, work, good, matched)):
                found.take(problem)
        running.write(done=found.rows, total=max(height, found.rows))

    found = assess(content, _school_code(running), resources.clock(), look)
    book = _refused_rows(running, content, found) if found.refused else None
    with resources.sessions.begin() as session:
        claims.write(
            session,
            running.claim,
            problems=found.as_json(),
            year=found.year,
            counts=_counts(found, Applied()),
            done=found.rows,
            total=found.rows,
            file_id=_stored(session, running, book) if book else None,
        )
    return found


def _refused_rows(running: Running, content: bytes, found: Assessment) -> bytes:
    stamp = running.claim.stamp(running.resources.clock())
    return refused.workbook(content, found.header, found.refused, stamp)


def _school_code(running: Running) -> str:
    with running.resources.readers.begin() as session:
        return session.get_one(School, running.claim.scope.school_id).code


def _stored(session: Session, running: Running, book: bytes) -> int:
    """Keep the workbook of refused rows; return its id."""
    name = f"未导入的行-{running.claim.key[:6]}.xlsx"
    return sheet_files.keep(session, running, name, MEDIA_TYPE, book).id


def _counts(found: Assessment, outcome: Applied, *, held_back: int = 0) -> dict[str, Any]:
    return {
        "rows": found.rows,
        "skipped": len(found.skipped),
        "refused": len(found.refused),
        "held_back": held_back,
        "warnings": found.warned.total(),
        **asdict(outcome),
    }


def _summed(found: Assessment, outcome: Applied, *, held_back: int = 0) -> dict[str, Any]:
    """Return the counts; raise RuleError `rows_lost` unless every row of the file is in one."""
    counts = _counts(found, outcome, held_back=held_back)
    dealt_with = sum(counts[name] for name in OUTCOMES)
    if dealt_with != found.rows:
        raise lost_rows(found.rows, dealt_with)
    return counts


def _roll(running: Running) -> Roll:
    return Roll(running.resources.vault, running.claim.scope.school_id)


def _work(running: Running) -> Work:
    mine, resources = running.claim, running.resources
    at = resources.clock()
    return Work(
        mine.scope.school_id,
        resources.vault,
        mine.by,
        at,
        task_id=mine.id,
        makes_departments=KEEPS_DEPARTMENTS not in mine.asked,
    )


def _plan(running: Running, found: Assessment) -> None:
    """Say what bringing the file in would change, and wait for that to be approved."""
    work, outcome, roll, plan = _work(running), Applied(), _roll(running), Plan()
    for chunk in found.good():
        with running.resources.readers.begin() as session:
            applying.load_departments(session, work)
            matched = roll.match(session, chunk)
            outcome += applying.foresee(session, work, plan, chunk, matched)
    absent = roll.others(found.years, found.refused_numbers)
    plan.absent = [PersonForeseen(each.student_number, each.name) for each in absent]
    counts = {**_summed(found, outcome), "absent": len(absent)}
    with running.resources.sessions.begin() as session:
        key = _stored_plan(session, running, plan)
        running.end_with(session, TaskEvent.PLAN, counts=counts, plan_key=key)


def _stored_plan(session: Session, running: Running, plan: Plan) -> str:
    """Keep who is new, who changes and who is absent; return the key of the file."""
    content = plan.packed()
    return sheet_files.keep(session, running, PLAN_NAME, "application/json", content).key


def _apply(running: Running, found: Assessment) -> None:
    """Write the good rows, all in one transaction."""
    work, outcome, roll, new = _work(running), Applied(), _roll(running), set[int]()
    with running.resources.sessions.begin() as session:
        _wait_for_other_imports(session, work.school_id)
        claims.write(session, running.claim)  # still ours: what follows takes a while
        applying.load_departments(session, work)
        work.makes_departments = work.makes_departments or not work.departments
        work.departments.update(chosen_departments(running.claim.asked))
        for chunk in found.good():
            matched = roll.match(session, chunk)
            if refuses(matched.problems):
                raise ChangedMeanwhile
            outcome += applying.apply(session, work, chunk, matched)
            new.update(each.row for each in chunk if each.row not in matched.known)
        _refuse_stale(session, running, new)
        summed = _summed(found, outcome)
        running.end_with(session, TaskEvent.FINISH, counts=summed, applied_at=work.at)


def _refuse_stale(session: Session, running: Running, new: Collection[int]) -> None:
    """Raise StaleCheck where others are new than somebody approved, as after another's undoing."""
    task = session.get_one(Task, running.claim.id)
    plan = plan_of(session, running.resources.vault, task)
    if plan is not None and {each.row for each in plan.new} != new:
        raise StaleCheck


def _wait_for_other_imports(session: Session, school_id: int) -> None:
    """Lock the school: two imports of the same people would fail on each other's rows."""
    session.execute(select(School.id).where(School.id == school_id).with_for_update())
