"""How a spreadsheet of invitations is done: checked row by row and, where that was approved, sent.

Names are looked up some a transaction, each counting those that were wrong; the invitations are
sent by one, so that a file is sent as a whole or not at all.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from registry.accounts.audit import AuditRecord
from registry.accounts.employer_tables import Employer
from registry.accounts.school_tables import School
from registry.accounts.tables import Staff
from registry.base.crypto import Vault
from registry.base.database import one_of
from registry.base.errors import RuleError
from registry.base.workbook import MEDIA_TYPE
from registry.record.scope import not_ended
from registry.record.tables import Graduate
from registry.roster.assessing import lost_rows
from registry.roster.problems import Policy
from registry.signing import inviting, naming, sheet_checking, sheet_rows, terms
from registry.signing.inviting import Offer
from registry.signing.naming import Addressee, Naming
from registry.signing.sheet_plan import InvitationPlan, PlannedInvitation, RowOutcome, unpacked
from registry.signing.sheet_result import result_workbook
from registry.signing.sheet_rows import InvitationSheet
from registry.signing.tables import Invitation
from registry.tasks import claims, sheet_files
from registry.tasks.claims import Claim
from registry.tasks.procedure import Running
from registry.tasks.sheet_files import PLAN_NAME, keep
from registry.tasks.states import TaskEvent, TaskState
from registry.tasks.tables import Task

PARTS = ("ready", "sent", "refused", "skipped")
"""What the rows of a file are counted as; each row is in exactly one."""
MOST_SAID = 300
"""Characters of a task's message."""


@dataclass(frozen=True)
class _Work:
    """A file of invitations that is being done."""

    running: Running
    sheet: InvitationSheet
    school: School
    staff: Staff
    """Who asked."""
    batch: str
    """Names the file: what came of it is never sent twice."""

    @property
    def all_or_nothing(self) -> bool:
        """Say whether one refused row holds back the others."""
        return Policy(self.running.claim.asked["policy"]) is Policy.ALL_OR_NOTHING


def check_or_send(running: Running) -> None:
    """Check the file or, where that was approved, send what was good of it."""
    work = _opened(running)
    if running.claim.state is TaskState.RUNNING:
        _check(work)
    else:
        _send(work)


def plan_of(session: Session, vault: Vault, found: Task) -> InvitationPlan | None:
    """Return what becomes of each row; None where that is gone."""
    kept = sheet_files.planned(session, vault, found)
    return unpacked(kept) if kept else None


def audited(claim: Claim, task: Task) -> AuditRecord | None:
    """Return what the log keeps of a file that was sent; a check has changed nothing."""
    if claim.state is not TaskState.APPLYING or task.state != TaskState.FINISHED:
        return None
    subject = f"invitations:{claim.key}"
    return AuditRecord(claim.by, "invitations_sent", subject, claim.scope.school_id, task.counts)


def _opened(running: Running) -> _Work:
    mine, resources = running.claim, running.resources
    with resources.readers.begin() as session:
        task = session.get_one(Task, mine.id)
        content = sheet_files.uploaded(session, resources.vault, task)
        school = session.get_one(School, task.of_school)
        staff = session.get_one(Staff, task.staff_id)
    batch = hashlib.sha256(school.key.encode() + b"\0" + content).hexdigest()
    return _Work(running, sheet_rows.read(content), school, staff, batch)


def _check(work: _Work) -> None:
    resources = work.running.resources
    with resources.readers.begin() as session:
        sent_before = _sent_before(session, work)
    plan = sheet_checking.planned(work.sheet, work.school, sent_before, resources.clock())
    _look_up(work, plan)
    _foresee(work, plan)
    stops, book = work.all_or_nothing and plan.has_refused, _result(work, plan)
    with resources.sessions.begin() as session:
        kept = _kept(session, work, plan, book)
        if stops:
            claims.write(session, work.running.claim, **kept)
        else:
            work.running.end_with(session, TaskEvent.PLAN, **kept)
    if stops:
        raise _nothing_sent(plan)


def _result(work: _Work, plan: InvitationPlan) -> bytes:
    running = work.running
    return result_workbook(work.sheet, plan, running.claim.stamp(running.resources.clock()))


def _sent_before(session: Session, work: _Work) -> dict[int, str]:
    """Return when rows of the same file were sent before, by row."""
    wanted = select(Invitation.batch_row, Invitation.sent_at).where(
        Invitation.employer_id == work.staff.employer_id, Invitation.batch == work.batch
    )
    return {row: sent_at.isoformat() for row, sent_at in session.execute(wanted)}


def _look_up(work: _Work, plan: InvitationPlan) -> None:
    """Find the graduates, some a transaction: what was wrong in it is counted with it."""
    resources, so_far, ready = work.running.resources, Naming(), plan.ready
    done = len(plan.rows) - len(ready)
    work.running.write(done=done, total=len(plan.rows))
    for start in range(0, len(ready), naming.MOST_AT_ONCE):
        part = ready[start : start + naming.MOST_AT_ONCE]
        named = [Addressee(work.school.key, each.name, each.student_number) for each in part]
        with resources.sessions.begin() as session:
            at = resources.clock()
            found = naming.find_graduates(session, resources.vault, work.staff, named, so_far, at)
            for row, graduate in zip(part, found, strict=True):
                _take(row, graduate)
            done += len(part)
            claims.write(session, work.running.claim, done=done)


def _take(row: PlannedInvitation, found: Graduate | RuleError) -> None:
    if isinstance(found, RuleError):
        row.refuse(found)
        return
    row.graduate_id = found.id
    row.about = f"{found.department.name} {found.major}".strip()
    row.odd = [each.sentence.rstrip("。") for each in terms.oddities(row.terms)]


def _foresee(work: _Work, plan: InvitationPlan) -> None:
    """Refuse the rows that would not be sent now."""
    resources = work.running.resources
    with resources.sessions.begin() as session:
        at = resources.clock()
        rows, offers = _offers(session, plan.ready, at)
        most = resources.invitations_a_day
        refusals = inviting.foresee(session, work.staff, offers, at, most) if offers else []
        ends = inviting.answered_by(session, offers)
    for row, refusal, offer, until in zip(rows, refusals, offers, ends, strict=True):
        if refusal is not None:
            row.refuse(refusal)
        elif until < offer.answer_by:
            row.odd.append(inviting.sooner(until))


def _offers(
    session: Session, ready: Sequence[PlannedInvitation], at: datetime
) -> tuple[list[PlannedInvitation], list[Offer]]:
    """Return what the rows offer to whom, row by row; refuse rows that have changed meanwhile."""
    ids = [each.graduate_id for each in ready if each.graduate_id is not None]
    wanted = select(Graduate).where(one_of(session, Graduate.id, ids), not_ended())
    found = session.scalars(wanted.options(joinedload(Graduate.school)))
    graduates = {each.id: each for each in found}
    rows, offers = list[PlannedInvitation](), list[Offer]()
    for each in ready:
        try:
            answer_by = sheet_rows.last_moment(each.answer_by, at)
            graduate = graduates.get(each.graduate_id or 0)
            if graduate is None:
                raise naming.not_found()
        except RuleError as refusal:
            each.refuse(refusal)
        else:
            rows.append(each)
            offers.append(Offer(graduate, each.terms, answer_by, each.row))
    return rows, offers


def _nothing_sent(plan: InvitationPlan) -> RuleError:
    sentence = (
        f"有 {plan.counts()['refused']:,} 行没有通过核对。按“全部通过才发送”的选择，"
        "一份邀请都没有发出，请按原因修改后重新上传。"
    )
    return RuleError("nothing_sent", sentence)


def _send(work: _Work) -> None:
    """Send what the check found good, all in one transaction."""
    resources = work.running.resources
    with resources.sessions.begin() as session:
        claims.write(session, work.running.claim)  # still ours: what follows takes a while
        task = session.get_one(Task, work.running.claim.id)
        plan = plan_of(session, resources.vault, task)
        if plan is None:
            raise sheet_files.gone()
        _send_ready(session, work, plan, resources.clock())
        if work.all_or_nothing and plan.has_refused:
            raise _nothing_sent(plan)
        kept = _kept(session, work, plan, _result(work, plan))
        work.running.end_with(session, TaskEvent.FINISH, **kept)


def _send_ready(session: Session, work: _Work, plan: InvitationPlan, at: datetime) -> None:
    # The same file, sent by another task just now, is waited for, and then seen.
    inviting.take_turn(session, session.get_one(Employer, work.staff.employer_id))
    sent_before = _sent_before(session, work)
    for each in plan.ready:
        if each.row in sent_before:
            each.repeat(sent_before[each.row])
    rows, offers = _offers(session, plan.ready, at)
    if not offers:
        return
    most = work.running.resources.invitations_a_day
    outcomes = inviting.send_all(session, work.staff, offers, at, work.batch, most_a_day=most)
    for row, outcome in zip(rows, outcomes, strict=True):
        if isinstance(outcome, RuleError):
            row.refuse(outcome)
        else:
            row.outcome, row.sent_at = RowOutcome.SENT, outcome.sent_at.isoformat()


def _kept(session: Session, work: _Work, plan: InvitationPlan, book: bytes) -> dict[str, Any]:
    """Keep what becomes of each row; return the columns of the task.

    Raises RuleError `rows_lost` unless every row of the file is in one part of the sum.
    """
    counts, running = plan.counts(), work.running
    dealt_with = sum(counts[part] for part in PARTS)
    if dealt_with != len(work.sheet.lines):
        raise lost_rows(len(work.sheet.lines), dealt_with)
    return {
        "counts": counts,
        "file_id": keep(session, running, "签约邀请结果.xlsx", MEDIA_TYPE, book).id,
        "plan_key": keep(session, running, PLAN_NAME, "application/json", plan.packed()).key,
        "message": "".join(work.sheet.notes)[:MOST_SAID],
    }
