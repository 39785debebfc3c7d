"""How a courier's list is done: checked row by row and, where that was approved, noted.

It is noted by one transaction, which judges every row once more under the graduates' locks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from registry.accounts.audit import AuditRecord
from registry.base.crypto import Vault
from registry.base.errors import RuleError
from registry.base.workbook import MEDIA_TYPE
from registry.numbers.posting import noting
from registry.numbers.posting.noting import PostRoom
from registry.numbers.posting.states import PostingWay
from registry.record import in_force
from registry.roster import titled_sheets
from registry.roster.assessing import lost_rows
from registry.roster.problems import Policy
from registry.tasks import claims, courier_judging, courier_rows, sheet_files
from registry.tasks.claims import Claim
from registry.tasks.courier_judging import CourierDesk, JudgedRow
from registry.tasks.courier_plan import CourierOutcome, CourierPlan, PlannedPosting, unpacked
from registry.tasks.courier_rows import CourierSheet
from registry.tasks.procedure import Running
from registry.tasks.sheet_files import PLAN_NAME, keep
from registry.tasks.states import TaskEvent, TaskState
from registry.tasks.tables import Task

PARTS = ("ready", "noted", "refused", "skipped")
"""What the rows of a list are counted as; each row is in exactly one."""
AT_ONCE = 1000
"""Rows that are judged by one transaction."""
MOST_SAID = 300
"""Characters of a task's message."""


@dataclass(frozen=True)
class _CourierWork:
    """A list that is being done."""

    running: Running
    sheet: CourierSheet

    @property
    def desk(self) -> CourierDesk:
        """Return what rows are held against, now."""
        mine, at = self.running.claim, self.running.resources.clock()
        assert mine.year is not None, mine.kind
        room = PostRoom(mine.scope, mine.by, at)
        return CourierDesk(room, mine.year, PostingWay(mine.asked["way"]))

    @property
    def all_or_nothing(self) -> bool:
        """Say whether one refused row holds back the others."""
        return Policy(self.running.claim.asked["policy"]) is Policy.ALL_OR_NOTHING


def check_or_note(running: Running) -> None:
    """Check the list or, where that was approved, note what was good of it."""
    with running.resources.readers.begin() as session:
        task = session.get_one(Task, running.claim.id)
        content = sheet_files.uploaded(session, running.resources.vault, task)
    work = _CourierWork(running, courier_rows.read(content))
    if running.claim.state is TaskState.RUNNING:
        _check(work)
    else:
        _note(work)


def plan_of(session: Session, vault: Vault, found: Task) -> CourierPlan | None:
    """Return what becomes of each row; None where that is gone."""
    kept = sheet_files.planned(session, vault, found)
    return unpacked(kept) if kept else None


def audited(claim: Claim, task: Task) -> AuditRecord | None:
    """Return what the log keeps of a list that was noted; a check has changed nothing."""
    if claim.state is not TaskState.APPLYING or task.state != TaskState.FINISHED:
        return None
    subject = f"courier_list:{claim.key}"
    return AuditRecord(claim.by, "courier_list_noted", subject, claim.scope.school_id, task.counts)


def _check(work: _CourierWork) -> None:
    running, rows, desk = work.running, work.sheet.rows, work.desk
    judged = list[JudgedRow]()
    running.write(done=0, total=len(rows))
    for start in range(0, len(rows), AT_ONCE):
        some = rows[start : start + AT_ONCE]
        with running.resources.readers.begin() as session:
            judged += courier_judging.judge(session, running.resources.vault, desk, some)
        running.write(done=len(judged))
    courier_judging.refuse_repeated(judged)
    courier_judging.point_out_shared(judged)
    plan = _plan(judged)
    stops = work.all_or_nothing and plan.has_refused
    with running.resources.sessions.begin() as session:
        kept = _kept(session, work, plan)
        if stops:
            claims.write(session, running.claim, **kept)
        else:
            running.end_with(session, TaskEvent.PLAN, **kept)
    if stops:
        raise _nothing_noted(plan)


def _plan(judged: Sequence[JudgedRow]) -> CourierPlan:
    return CourierPlan([each.planned for each in judged])


def _nothing_noted(plan: CourierPlan) -> RuleError:
    sentence = (
        f"有 {plan.counts()['refused']:,} 行没有通过核对。按“全部通过才登记”的选择，"
        "没有登记任何一行，请按原因修改后重新上传。"
    )
    return RuleError("nothing_noted", sentence)


def _note(work: _CourierWork) -> None:
    """Note what the check found good, all in one transaction."""
    running, resources = work.running, work.running.resources
    with resources.sessions.begin() as session:
        claims.write(session, running.claim)  # still ours: what follows takes a while
        approved = plan_of(session, resources.vault, session.get_one(Task, running.claim.id))
        if approved is None:
            raise sheet_files.gone()
        judged = _judged_anew(session, work, approved)
        courier_judging.point_out_shared(judged)
        plan = _plan(judged)
        if work.all_or_nothing and plan.has_refused:
            raise _nothing_noted(plan)
        _write(session, work.desk.room, judged)
        running.end_with(session, TaskEvent.FINISH, **_kept(session, work, plan))


def _judged_anew(session: Session, work: _CourierWork, approved: CourierPlan) -> list[JudgedRow]:
    """Judge every row as the record is now; note nothing that was not approved."""
    desk, vault = work.desk, work.running.resources.vault
    ids = sorted({each.graduate_id for each in approved.rows if each.graduate_id is not None})
    in_force.lock(session, desk.room.scope.school_id, ids)
    judged = courier_judging.judge(session, vault, desk, work.sheet.rows)
    courier_judging.refuse_repeated(judged)
    good = {each.row: each.graduate_id for each in approved.of(CourierOutcome.READY)}
    for each in judged:
        row = each.planned
        if row.outcome is CourierOutcome.READY and good.get(row.row) != row.graduate_id:
            row.refuse(RuleError("changed_meanwhile", "核对之后登记信息有变化，请重新上传核对"))
            each.file = each.received = None
    return judged


def _write(session: Session, room: PostRoom, judged: Sequence[JudgedRow]) -> None:
    files = [each.file for each in judged if each.file is not None]
    if files:
        noting.post_all(session, room, files)
    came_in = dict(each.received for each in judged if each.received is not None)
    if came_in:
        noting.receive_all(session, room, came_in)
    for each in judged:
        if each.file is not None or each.received is not None:
            each.planned.outcome = CourierOutcome.NOTED


def _kept(session: Session, work: _CourierWork, plan: CourierPlan) -> dict[str, Any]:
    """Keep what becomes of each row; return the columns of the task.

    Raises RuleError `rows_lost` unless every row of the file is in one part of the sum.
    """
    counts, running = plan.counts(), work.running
    dealt_with = sum(counts[part] for part in PARTS)
    if dealt_with != len(work.sheet.lines):
        raise lost_rows(len(work.sheet.lines), dealt_with)
    planned = {each.row: each for each in plan.rows}
    stamp = running.claim.stamp(running.resources.clock())
    book = titled_sheets.result_workbook(
        work.sheet, courier_rows.KIND, "登记结果", lambda number: _outcome(planned[number]), stamp
    )
    return {
        "counts": counts,
        "file_id": keep(session, running, "寄送登记结果.xlsx", MEDIA_TYPE, book).id,
        "plan_key": keep(session, running, PLAN_NAME, "application/json", plan.packed()).key,
        "message": "".join(work.sheet.notes)[:MOST_SAID],
    }


def _outcome(row: PlannedPosting) -> tuple[str, str]:
    return row.title, "；".join(filter(None, (row.does, row.why, *row.odd)))
