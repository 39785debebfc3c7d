"""Claims: an import is one worker's for a while, and every write of his carries the claim."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.orm import Session

from registry.accounts.school_tables import School
from registry.accounts.tables import Staff
from registry.base.database import database_now
from registry.tasks.earlier_tables import RosterImport
from registry.tasks.roster_states import LEASED, MOVES, Event, Policy, State, sources

LEASE = timedelta(minutes=3)


class Overtaken(Exception):
    """Another worker has the import by now, or it was given up."""


@dataclass(frozen=True)
class Claim:
    """An import that is ours for now."""

    id: int
    key: str
    attempts: int
    state: State
    policy: Policy
    school_id: int
    school_code: str
    file_id: int | None
    recorded_by: str


def free(now: datetime) -> ColumnElement[bool]:
    """Return the condition that an import waits for a worker, or that its worker was lost."""
    lost = and_(RosterImport.state.in_(LEASED), RosterImport.lease_until < now)
    return or_(RosterImport.state.in_(sources(Event.CLAIM) - LEASED), lost)


def claim(session: Session, only: int | None = None) -> Claim | None:
    """Take the oldest import that waits, or whose worker was lost; None where there is none."""
    now = database_now(session)
    wanted = select(RosterImport).where(free(now)).order_by(RosterImport.id).limit(1)
    if only is not None:
        wanted = wanted.where(RosterImport.id == only)
    row = session.scalar(wanted.with_for_update(skip_locked=True))
    if row is None:
        return None
    target = MOVES[State(row.state), Event.CLAIM]
    row.state, row.attempts, row.lease_until = target, row.attempts + 1, now + LEASE
    session.flush()
    return Claim(
        id=row.id,
        key=row.key,
        attempts=row.attempts,
        state=target,
        policy=Policy(row.policy),
        school_id=row.school_id,
        school_code=session.get_one(School, row.school_id).code,
        file_id=row.file_id,
        recorded_by=_recorded_by(session, row.staff_id),
    )


def _recorded_by(session: Session, staff_id: int | None) -> str:
    staff = session.get(Staff, staff_id) if staff_id is not None else None
    return staff.actor if staff else "command"


def move(
    session: Session, claimed: Claim, event: Event, at: datetime | None = None, **values: object
) -> None:
    """End the claim with what happened; `at` is when the import was over, where it is."""
    target = MOVES[claimed.state, event]
    write(session, claimed, state=target, lease_until=None, finished_at=at, **values)


def write(session: Session, claimed: Claim, **values: object) -> None:
    """Write to the import while it is ours, and keep it ours; raise Overtaken if it is not."""
    lease: Mapping[str, object] = {"lease_until": database_now(session) + LEASE}
    rows = session.scalars(
        update(RosterImport)
        .where(
            RosterImport.id == claimed.id,
            RosterImport.attempts == claimed.attempts,
            RosterImport.state == claimed.state,
        )
        .values({**lease, **values})
        .returning(RosterImport.id)
        .execution_options(synchronize_session=False)
    ).all()
    if not rows:
        raise Overtaken
