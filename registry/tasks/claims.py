"""Claims: a task is one worker's for a while, and every write of his carries the claim."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.orm import Session

from registry.accounts.tables import Staff
from registry.base.database import database_now
from registry.numbers.shape import Kind
from registry.record.scope import Scope
from registry.tasks.earlier_tables import OfficeTask
from registry.tasks.states import MOVES, Event, State, Work

LEASE = timedelta(minutes=3)


class Overtaken(Exception):
    """Another worker has the task by now."""


@dataclass(frozen=True)
class Claim:
    """A task that is ours for now, as it stood when it was claimed."""

    id: int
    key: str
    attempts: int
    work: Work
    kind: Kind | None
    year: int
    scope: Scope
    by: str
    total: int
    renewed_up_to: int
    counts: dict[str, int]
    about: dict[str, str]
    asked_at: datetime


def free(now: datetime) -> ColumnElement[bool]:
    """Return the condition that a task waits, or that its worker was lost."""
    lost = and_(OfficeTask.state == State.RUNNING, OfficeTask.lease_until < now)
    return or_(OfficeTask.state == State.WAITING, lost)


def claim(session: Session, only: int | None = None) -> Claim | None:
    """Take the oldest free task, or that one; None where there is none."""
    now = database_now(session)
    wanted = select(OfficeTask).where(free(now)).order_by(OfficeTask.id).limit(1)
    if only is not None:
        wanted = wanted.where(OfficeTask.id == only)
    row = session.scalar(wanted.with_for_update(skip_locked=True))
    if row is None:
        return None
    row.state = MOVES[State(row.state), Event.CLAIM]
    row.attempts, row.lease_until = row.attempts + 1, now + LEASE
    session.flush()
    return Claim(
        *(row.id, row.key, row.attempts, Work(row.work)),
        kind=Kind(row.kind) if row.kind else None,
        year=row.year,
        scope=Scope(row.school_id, row.department_id),
        by=session.get_one(Staff, row.staff_id).actor,
        total=row.total,
        renewed_up_to=row.renewed_up_to,
        counts=row.counts,
        about=row.about,
        asked_at=row.created_at,
    )


def move(session: Session, mine: Claim, event: Event, at: datetime, **values: object) -> None:
    """End the claim with what happened; raise Overtaken where it is not ours any more."""
    target = MOVES[State.RUNNING, event]
    _write(session, mine, {"state": target, "lease_until": None, "finished_at": at, **values})


def write(session: Session, mine: Claim, **values: object) -> None:
    """Write to the task and keep it ours; raise Overtaken where it is not."""
    _write(session, mine, {"lease_until": database_now(session) + LEASE, **values})


def _write(session: Session, mine: Claim, values: dict[str, object]) -> None:
    written = session.scalars(
        update(OfficeTask)
        .where(
            OfficeTask.id == mine.id,
            OfficeTask.attempts == mine.attempts,
            OfficeTask.state == State.RUNNING,
        )
        .values(values)
        .returning(OfficeTask.id)
        .execution_options(synchronize_session=False)
    ).all()
    if not written:
        raise Overtaken
