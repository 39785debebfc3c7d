"""How the synchronisation of each school goes: counted by day, and when it was last."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import func, select, true, update
from sqlalchemy.orm import Session

from registry.accounts.school_tables import School
from registry.base.bulk_rows import given_rows
from registry.base.clock import SHANGHAI
from registry.base.database import insert_for_conflicts, one_of
from registry.interface.tables import FeedHead, SourceRecord, SyncDay

COUNTED = ("created", "updated", "unchanged", "stale", "rejected", "version_conflict")
FAULTS = ("rejected", "version_conflict")
"""What the source has to look at."""


@dataclass(frozen=True)
class SyncHealth:
    """How a school's synchronisation stands."""

    synced_at: datetime | None
    """When rows of the school came last, accepted or not."""
    day: date
    """Today, in Asia/Shanghai."""
    counts: dict[str, int] = field(default_factory=dict)
    """Rows of today by outcome."""
    standing: int = 0
    """Records that are kept and not void."""
    unread: int = 0
    """Entries of the province's feed that its system has not stored so far."""
    read_at: datetime | None = None
    """When the feed was last asked for."""

    @property
    def rows(self) -> int:
        """Return how many rows of the school came today."""
        return sum(self.counts.values())

    @property
    def error_share(self) -> float:
        """Return which share of them has to be looked at, 0 to 1."""
        return error_share(self.counts)


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


def school_of(session: Session, province: str, code: str) -> School | None:
    """Return a school of a province by its code."""
    return session.scalar(select(School).where(School.code == code, School.province == province))


def health_of(session: Session, school: School, at: datetime) -> SyncHealth:
    """Return how a school's synchronisation stands."""
    day = at.astimezone(SHANGHAI).date()
    today = session.scalar(
        select(SyncDay).where(SyncDay.school_id == school.id, SyncDay.day == day)
    )
    head = session.scalar(select(FeedHead).where(FeedHead.province == school.province))
    standing = session.scalar(
        select(func.count())
        .select_from(SourceRecord)
        .where(SourceRecord.school_id == school.id, ~SourceRecord.void)
    )
    return SyncHealth(
        synced_at=school.synced_at,
        day=day,
        counts={name: getattr(today, name) if today else 0 for name in COUNTED},
        standing=standing or 0,
        unread=head.seq - head.read_seq if head else 0,
        read_at=head.read_at if head else None,
    )
