"""The synchronisation of each school counted: rows by day and outcome, and when it was last."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select, true, update
from sqlalchemy.orm import Session

from registry.accounts.school_tables import School
from registry.base.bulk_rows import given_rows
from registry.base.clock import SHANGHAI
from registry.base.database import insert_for_conflicts, one_of
from registry.interface.tables import SyncDay

COUNTED = ("created", "updated", "unchanged", "stale", "rejected", "version_conflict")
FAULTS = ("rejected", "version_conflict")
"""What the source has to look at."""


def error_share(counts: Mapping[str, int]) -> float:
    """Return which share of the rows of a day was not taken, 0 to 1."""
    rows = sum(counts.values())
    return sum(counts.get(name, 0) for name in FAULTS) / rows if rows else 0.0


def count(session: Session, results: Sequence[tuple[int | None, str]], at: datetime) -> None:
    """Count the rows of a batch (school and outcome) on the day of each school, in their order."""
    counted: dict[int, Counter[str]] = {}
    for school_id, outcome in results:
        if school_id is not None:
            counted.setdefault(school_id, Counter())[outcome] += 1
    if not counted:
        return
    _count(session, counted, at)
    session.execute(
        update(School)
        .where(one_of(session, School.id, sorted(counted)))
        .values(synced_at=at)
        .execution_options(synchronize_session=False)
    )


def _count(session: Session, counted: Mapping[int, Counter[str]], at: datetime) -> None:
    """Add to the days, in the order of schools, so that no two batches wait in a ring."""
    day = at.astimezone(SHANGHAI).date()
    rows = [
        {"school_id": school_id, "day": day, "last_at": at, **_columns(theirs)}
        for school_id, theirs in sorted(counted.items())
    ]
    given = given_rows(session, SyncDay, rows)
    # SQLite takes the ON of the conflict for a join's where the SELECT has no WHERE.
    chosen = select(*given.c).where(true())
    new = insert_for_conflicts(session, SyncDay).from_select(
        [each.name for each in given.c], chosen, include_defaults=False
    )
    added = {name: getattr(SyncDay, name) + new.excluded[name] for name in COUNTED}
    session.execute(
        new.on_conflict_do_update(
            index_elements=["school_id", "day"], set_={"last_at": at, **added}
        )
    )


def _columns(counted: Counter[str]) -> dict[str, int]:
    return {name: counted[name] for name in COUNTED}


def settle(session: Session, source: int, target: int) -> None:
    """Add the days of a school to those of the one it is merged into, where both have them."""
    theirs = {each.day: each for each in _days(session, target)}
    for mine in _days(session, source):
        if (other := theirs.get(mine.day)) is not None:
            for name in COUNTED:
                setattr(other, name, getattr(other, name) + getattr(mine, name))
            session.delete(mine)
    session.flush()


def _days(session: Session, school_id: int) -> Sequence[SyncDay]:
    return session.scalars(select(SyncDay).where(SyncDay.school_id == school_id)).all()
