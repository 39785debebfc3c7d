"""Undoing an import as a whole, while nothing was built on it.

Who is new by it is removed, as if never there; who was changed has the old values again, as a new
version. Numbers that the import ended stay ended. All is done in one transaction, or nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, bindparam, delete, func, select, update
from sqlalchemy.orm import Session

from registry.accounts import audit
from registry.accounts.audit import AuditRecord
from registry.accounts.tables import OneTimeCode, UnsentForm, WebSession
from registry.base import moves, retention
from registry.base.crypto import Vault
from registry.base.database import Base, one_of, planned_anew
from registry.base.errors import RuleError
from registry.base.written_reason import written_reason
from registry.record import contact_changes, events, graduate_page, registration
from registry.record.confirmation.states import ConfirmationState
from registry.record.contact_tables import ContactChange
from registry.record.list_tables import SelectedGraduate
from registry.record.privacy_tables import Consent
from registry.record.province_tables import ProvinceEntry
from registry.record.recordings import ANSWERS_AGAIN, PutBack
from registry.record.registration import Origin, Proposal
from registry.record.scope import Scope, lock_school
from registry.record.tables import Graduate, Registration, Source
from registry.review.tables import Application
from registry.review.void import void
from registry.roster import import_changes
from registry.roster.tables import ImportChange
from registry.tasks import claims, roster_import
from registry.tasks.claims import Claim
from registry.tasks.earlier_tables import OfficeTaskPerson
from registry.tasks.procedure import Running
from registry.tasks.states import TASK, TaskEvent, TaskState
from registry.tasks.tables import Task, TaskPerson
from registry.tasks.undo_obstacles import Finder, Obstacles, changed_by, obstacles

KEPT_FOR = retention.IMPORT_CHANGE
"""How long an import can be undone: what stood before is personal, and is not kept for ever."""
STEP = 1000
NO_REASON = "请写明撤销的原因，会留在操作日志里。"


@dataclass(frozen=True)
class Undo:
    """An import that is being undone."""

    task: Task
    at: datetime
    by: str
    reason: str
    vault: Vault


@dataclass(frozen=True)
class Telling:
    """What is above the record: bindings and messages of those an import was about."""

    lock: Callable[[Session, Task], None]
    """Keeps what waits for people who are new from being sent meanwhile."""
    in_the_way: Finder
    """Finds people who bound their record, or were reminded about it."""
    take_back: Callable[[Session, Undo], None]
    """Takes messages and bindings of the import back, and tells whom it was told to."""


@dataclass(frozen=True)
class UndoForeseen:
    """What undoing an import would do."""

    removed: int
    put_back: int
    ends_at: datetime
    """Until when it can be undone."""


def ask(session: Session, scope: Scope, key: str, who: tuple[str, str], at: datetime) -> Task:
    """Have a finished import undone; the door then asks for the job. `who` is an actor and why.

    Raises NotFound, or RuleError `reason_missing`, `reason_too_long`, `import_undone`,
    `undo_too_late` or `import_moved_on`.
    """
    by, why = who
    reason = written_reason(why, NO_REASON)
    found = roster_import.find(session, scope, key)
    if found.state == TaskState.UNDONE:
        raise RuleError("import_undone", "这次导入已经撤销。")
    if foreseen(session, found, at) is None and found.state == TaskState.FINISHED:
        sentence = f"只能撤销 {KEPT_FOR.days} 天内导入、并且有新增或变更的名单。"
        raise RuleError("undo_too_late", sentence)
    asked = {**found.asked, "undone_by": by, "undone_why": reason}
    anew = {"attempts": 0, "done": 0, "message": "", "asked": asked}
    if not moves.move(session, TASK, Task.state, TaskEvent.UNDO, Task.id == found.id, **anew):
        raise roster_import.moved_on()
    session.refresh(found)
    return found


def foreseen(session: Session, task: Task, at: datetime) -> UndoForeseen | None:
    """Return what undoing would do; None where it cannot be undone any more, or changed nothing."""
    if task.state != TaskState.FINISHED or task.applied_at is None:
        return None
    rows = session.execute(
        select(ImportChange.added, func.count())
        .where(changed_by(task))
        .group_by(ImportChange.added)
    )
    counts = {bool(added): number for added, number in rows}
    ends_at = task.applied_at + KEPT_FOR
    if not counts or ends_at <= at:
        return None
    return UndoForeseen(counts.get(True, 0), counts.get(False, 0), ends_at)


def forget_old(session: Session, at: datetime) -> int:
    """Forget what imports changed that cannot be undone any more; return of how many people."""
    old = select(Task.id).where(Task.applied_at <= at - KEPT_FOR)
    gone = session.scalars(
        delete(ImportChange)
        .where(ImportChange.task_id.in_(old))
        .returning(ImportChange.id)
        .execution_options(synchronize_session=False)
    )
    return len(gone.all())


def undo(running: Running, telling: Telling) -> None:
    """Undo the import that was claimed; raise RuleError `undo_blocked` where it cannot be."""
    mine = running.claim
    with running.resources.readers.begin() as session:
        total = session.scalar(select(func.count()).where(ImportChange.task_id == mine.id))
    running.write(done=0, total=total)
    with running.resources.sessions.begin() as session, planned_anew(session):
        lock_school(session, mine.scope.school_id)
        claims.write(session, mine)  # still ours: what follows takes a while
        task = session.get_one(Task, mine.id)
        _lock(session, task)
        telling.lock(session, task)
        _refuse_blocked(obstacles(session, task, telling.in_the_way))
        resources = running.resources
        why = mine.asked["undone_why"]
        doing = Undo(task, resources.clock(), undone_by(mine), why, resources.vault)
        telling.take_back(session, doing)
        removed = _remove(session, task)
        put_back = _put_back(session, doing)
        _name_what_stands(session, task)
        import_changes.forget(session, task.id)
        counts = {**mine.counts, "removed": removed, "put_back": put_back}
        running.end_with(session, TaskEvent.FINISH, counts=counts, done=total)


def undone_by(claim: Claim) -> str:
    """Return who had an import undone, as the audit log names them."""
    return claim.asked["undone_by"]


def _lock(session: Session, task: Task) -> None:
    """Lock all it was about: nothing refers to who is removed, no answer comes meanwhile."""
    session.execute(
        select(Graduate.id)
        .join(ImportChange, ImportChange.graduate_id == Graduate.id)
        .where(changed_by(task))
        .order_by(Graduate.id)
        .with_for_update(of=Graduate)
    )


def _refuse_blocked(found: Obstacles) -> None:
    if found.people:
        sentence = f"有 {found.people} 人在导入之后又有变化，这次导入没有撤销，数据未改动。"
        raise RuleError("undo_blocked", sentence)


REMOVED = (
    *(Registration, TaskPerson, Task, OfficeTaskPerson, OneTimeCode, WebSession),
    *(UnsentForm, ContactChange, ImportChange, Consent, SelectedGraduate),
)
"""What there may be of who is removed, besides messages and bindings; the rest is an obstacle.

A task that is hers made a copy of her data.
"""


def _remove(session: Session, task: Task) -> int:
    """Remove who is new by the import."""
    wanted = select(ImportChange.graduate_id).where(changed_by(task), ImportChange.added)
    ids = session.scalars(wanted).all()
    contact_changes.take_back_of(session, ids)
    for table in REMOVED:
        _delete(session, table, one_of(session, table.graduate_id, ids))
    _delete(session, Graduate, one_of(session, Graduate.id, ids))
    return len(ids)


def _delete(session: Session, table: type[Base], condition: ColumnElement[bool]) -> None:
    statement = delete(table).where(condition)
    session.execute(statement.execution_options(synchronize_session=False))


def _put_back(session: Session, doing: Undo) -> int:
    """Give everybody who was changed the values from before."""
    number, task = 0, doing.task
    origin = Origin(
        school_id=task.of_school,
        source=Source.IMPORT,
        source_name="撤销导入",
        by=events.UNDONE,
        recorded_by=doing.by,
        at=doing.at,
    )
    for changes in import_changes.of_import(session, task.id, added=False, step=STEP):
        first = [each.graduate_id for each in changes if _was_first(each)]
        if first:
            void(session, first, doing.at)
        registration.record(session, origin, _proposals(session, doing.vault, changes))
        _hand_down(session, changes)
        _note(session, doing, changes)
        number += len(changes)
    return number


def _was_first(change: ImportChange) -> bool:
    """Say whether the import was the first to register something."""
    return change.registration_before is None and change.registration_after is not None


def _proposals(session: Session, vault: Vault, changes: Sequence[ImportChange]) -> list[Proposal]:
    ids = [each.registration_before for each in changes if each.registration_before]
    wanted = select(Registration).where(one_of(session, Registration.id, ids))
    earlier = {each.id: each for each in session.scalars(wanted)}
    return [_proposal(vault, each, earlier.get(each.registration_before or 0)) for each in changes]


def _proposal(vault: Vault, change: ImportChange, earlier: Registration | None) -> Proposal:
    replaced = earlier is not None and change.registration_after != earlier.id
    values = {name: getattr(earlier, name) for name in registration.COLUMNS} if replaced else {}
    return Proposal(
        change.graduate_id,
        values,
        import_changes.basics_before(vault, change),
        PutBack(
            source=earlier.source if earlier else "",
            source_name=earlier.source_name if earlier else "",
            reported_at=earlier.reported_at if earlier else None,
            answer=ANSWERS_AGAIN.get(ConfirmationState(change.confirmation)),
        ),
    )


NAMING = (Application.based_on, Application.registration_id, ProvinceEntry.registration_id)
"""What says of which version something is: an application is passed, a batch filed and a document
kept only where that is the one in force."""


def _name_what_stands(session: Session, task: Task) -> None:
    """Have what named a version from before name the one in force, which says the same."""
    replaced = ImportChange.registration_before != ImportChange.registration_after
    for column in NAMING:
        whose = column.class_.graduate_id
        before = select(ImportChange.registration_before).where(
            changed_by(task), ImportChange.graduate_id == whose, replaced
        )
        in_force = select(Graduate.registration_id).where(Graduate.id == whose)
        session.execute(
            update(column.class_)
            .where(whose.in_(select(ImportChange.graduate_id).where(changed_by(task), replaced)))
            .where(column == before.scalar_subquery())
            .values({column: in_force.scalar_subquery()})
            .execution_options(synchronize_session=False)
        )


def _hand_down(session: Session, changes: Sequence[ImportChange]) -> None:
    """Let imports before this one find people as they left them, so that they can be undone next.

    What they left is what this one found: it is in force again, as a later version.
    """
    found = {each.graduate_id: each for each in changes}
    stands = {
        ident: (version, at)
        for ident, version, at in session.execute(
            select(Graduate.id, Graduate.registration_id, Graduate.updated_at).where(
                one_of(session, Graduate.id, list(found))
            )
        )
    }
    rows = [
        {"row": ident, "version": stands[whose][0], "moment": stands[whose][1]}
        for ident, whose, left_at in session.execute(
            select(ImportChange.id, ImportChange.graduate_id, ImportChange.left_at).where(
                one_of(session, ImportChange.graduate_id, list(found)),
                ImportChange.task_id != changes[0].task_id,
            )
        )
        if left_at == found[whose].found_at
    ]
    table = ImportChange.__table__
    statement = (
        update(ImportChange)
        .where(table.c.id == bindparam("row"))
        .values(registration_after=bindparam("version"), left_at=bindparam("moment"))
    )
    if rows:
        session.connection().execute(statement, rows)


def _note(session: Session, doing: Undo, changes: Sequence[ImportChange]) -> None:
    """Say in the log of each that her values are those from before."""
    wanted = select(Graduate.key).where(
        one_of(session, Graduate.id, [each.graduate_id for each in changes])
    )
    details = {"reason": doing.reason, "file": doing.task.asked["file_name"]}
    school = doing.task.school_id
    records = [
        AuditRecord(doing.by, "import_put_back", graduate_page.subject(key), school, details)
        for key in session.scalars(wanted)
    ]
    audit.note_all(session, records, doing.at)
