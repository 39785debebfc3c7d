"""Claims: a task is one worker's for a while, and every write of it carries the claim."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, and_, delete, or_, select, update
from sqlalchemy.orm import Session

from registry.accounts import audit
from registry.accounts.employer_tables import Employer
from registry.accounts.school_tables import School
from registry.accounts.tables import Role, Staff
from registry.base import moves
from registry.base import stamp as stamps
from registry.base.database import database_now
from registry.base.stamp import Stamp
from registry.base.written_out import is_one_of
from registry.codes import regions
from registry.numbers.shape import Kind
from registry.record.scope import Scope
from registry.record.tables import Graduate
from registry.tasks.states import LEASED, OVER, TASK, TaskEvent, TaskKind, TaskState
from registry.tasks.tables import Task, TaskPerson

LEASE = timedelta(minutes=3)
"""How long a worker that writes nothing keeps a task."""

OF_THE_PLATFORM = "平台"
"""Who asked, and whose they are, where it is no school's, employer's or province's."""


class Overtaken(Exception):
    """Another worker has the task by now, or it was given up."""


@dataclass(frozen=True)
class Claim:
    """A task that is ours for now, as it stood when it was claimed."""

    id: int
    key: str
    attempts: int
    kind: TaskKind
    state: TaskState
    asked: dict[str, str]
    place: Scope | None
    """How far who asked sees; None where that is no school."""
    by: str
    """Who asked, as the audit log names them."""
    by_name: str
    """Who asked, as people read it; empty for no member of staff."""
    place_name: str
    """Of the employer, the school or the province whose they are; empty for nobody's."""
    province: str | None
    """Of the member of staff who asked, where it is a province's."""
    asked_at: datetime
    year: int | None
    total: int
    counts: dict[str, int]
    resume_after: int
    source_file_id: int | None

    @property
    def scope(self) -> Scope:
        """Return how far who asked sees: only an export of the audit log may be of no school."""
        assert self.place is not None, self.kind
        return self.place

    def stamp(self, at: datetime, use: str = stamps.OF_PEOPLE) -> Stamp:
        """Return what a workbook that is made says of who asked for it."""
        return Stamp(self.by_name or OF_THE_PLATFORM, at, self.place_name or OF_THE_PLATFORM, use)

    @property
    def number_kind(self) -> Kind | None:
        """Return of which kind the numbers are that it is about; None where it has none."""
        named = self.asked.get("number_kind")
        return Kind(named) if named else None


def free(now: datetime | BindParameter[datetime]) -> ColumnElement[bool]:
    """Return the condition that a task waits for a worker, or that its worker was lost.

    A kind that this version does not know waits for a worker of the next.
    """
    waits = and_(
        is_one_of(Task.state, sorted(TASK.sources(TaskEvent.CLAIM) - LEASED)),
        or_(Task.lease_until.is_(None), Task.lease_until < now),  # held for who may take it back
    )
    lost = and_(is_one_of(Task.state, sorted(LEASED)), Task.lease_until < now)
    return and_(Task.kind.in_(sorted(TaskKind)), or_(waits, lost))


def claim(session: Session, only: int | None = None) -> Claim | None:
    """Take the oldest free task, or that one; None where there is none."""
    now = database_now(session)
    wanted = select(Task.id).where(free(now)).order_by(Task.id).limit(1)
    if only is not None:
        wanted = wanted.where(Task.id == only)
    found = session.scalar(wanted.with_for_update(skip_locked=True))
    if found is None:
        return None
    moves.move(
        *(session, TASK, Task.state, TaskEvent.CLAIM, Task.id == found),
        attempts=Task.attempts + 1,
        lease_until=now + LEASE,
    )
    return _claimed(session, session.get_one(Task, found, populate_existing=True))


def _claimed(session: Session, row: Task) -> Claim:
    staff = session.get_one(Staff, row.staff_id) if row.staff_id is not None else None
    return Claim(
        *(row.id, row.key, row.attempts),
        kind=TaskKind(row.kind),
        state=TaskState(row.state),
        asked=row.asked,
        place=_scope_of(row, staff),
        by=_asker_of(session, row, staff),
        by_name=staff.name if staff else "",
        place_name=_place_name(session, row, staff),
        province=staff.province if staff else None,
        asked_at=row.created_at,
        year=row.year,
        total=row.total,
        counts=row.counts,
        resume_after=row.resume_after,
        source_file_id=row.source_file_id,
    )


def _place_name(session: Session, row: Task, staff: Staff | None) -> str:
    if staff is not None and staff.employer_id is not None:
        return session.get_one(Employer, staff.employer_id).unit_name
    if row.school_id is not None:
        return session.get_one(School, row.school_id).name
    return regions.region_name(staff.province) if staff and staff.province else ""


def _asker_of(session: Session, row: Task, staff: Staff | None) -> str:
    if row.graduate_id is not None:
        return f"{audit.GRADUATE}{session.get_one(Graduate, row.graduate_id).key}"
    return staff.actor if staff else audit.COMMAND


def _scope_of(row: Task, staff: Staff | None) -> Scope | None:
    """Return how far who asked sees."""
    if row.school_id is None:
        return None
    counsels = staff is not None and staff.role == Role.COUNSELLOR
    return Scope(row.school_id, row.department_id, counsellor_id=row.staff_id if counsels else None)


def write(session: Session, mine: Claim, **values: object) -> None:
    """Write to the task and keep it ours; raise Overtaken where it is not."""
    lease = database_now(session) + LEASE
    written = session.scalars(
        update(Task)
        .where(*_ours(mine))
        .values({"lease_until": lease, **values})
        .returning(Task.id)
        .execution_options(synchronize_session=False)
    ).all()
    _hold(written)


def end(session: Session, mine: Claim, event: TaskEvent, at: datetime, **values: object) -> None:
    """End the claim with what happened; raise Overtaken where the task is not ours any more.

    Whom it was for is forgotten where that is the end of the task, too.
    """
    over = TASK.after(mine.state, event) in OVER
    given_up = {"lease_until": None, "finished_at": at if over else None}
    columns: dict[str, Any] = {**given_up, **values}
    _hold(moves.move(session, TASK, Task.state, event, *_ours(mine), **columns))
    if over:
        session.execute(
            delete(TaskPerson)
            .where(TaskPerson.task_id == mine.id)
            .execution_options(synchronize_session=False)
        )


def _ours(mine: Claim) -> tuple[ColumnElement[bool], ...]:
    return Task.id == mine.id, Task.attempts == mine.attempts, Task.state == mine.state


def _hold(written: Collection[int]) -> None:
    if not written:
        raise Overtaken
