"""Whether the synchronisation of each school of a province goes well, and how it went by day.

Source: the registration notice of 2023, clause 1.1: a province's own system is synchronised in
real time. Graduates are told that a change takes one or two days.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import groupby

from sqlalchemy import Select, SQLColumnExpression, func, literal, select
from sqlalchemy.orm import Session

from registry.accounts.school_tables import School
from registry.base.clock import SHANGHAI
from registry.interface.sync_days import COUNTED, error_share
from registry.interface.tables import FeedHead, SourceRecord, SyncDay

LATE_AFTER = timedelta(days=1)
"""How long nothing came of a school before somebody has to look."""
FAULTY_SHARE, FAULTY_ROWS = 0.05, 20
"""The share of a day's rows that were not taken, and how many rows tell of more than chance."""
DAYS_SHOWN = 30


class SyncState(StrEnum):
    """How a school's synchronisation stands; the first that applies."""

    NEVER = "sync_never"
    LATE = "sync_late"
    FAULTY = "sync_faulty"
    FINE = "sync_fine"


TITLES = {
    SyncState.NEVER: "尚未同步",
    SyncState.LATE: "超过 24 小时未同步",
    SyncState.FAULTY: "未接收的记录偏多",
    SyncState.FINE: "正常",
}


@dataclass(frozen=True)
class SchoolSync:
    """How a school's synchronisation stands."""

    id: int
    key: str
    name: str
    code: str
    province: str
    """GB/T 2260 code, six digits."""
    system: str
    """The province's own system, by name."""
    synced_at: datetime | None
    """When rows of the school came last, taken or not."""
    at: datetime
    """Now."""
    day: date | None
    """The last day rows came, in Asia/Shanghai; None where none came."""
    counts: dict[str, int] = field(default_factory=dict)
    """Rows of that day by outcome."""
    standing: int = 0
    """Records that are kept and not void, where they were counted."""
    told: str | None = None
    """The `SyncState` that staff were told of; None where they were told of nothing."""

    @property
    def rows(self) -> int:
        """Return how many rows came that day."""
        return sum(self.counts.values())

    @property
    def error_share(self) -> float:
        """Return which share of them was not taken, 0 to 1."""
        return error_share(self.counts)

    @property
    def today(self) -> dict[str, int]:
        """Return the rows of today by outcome."""
        is_today = self.day == self.at.astimezone(SHANGHAI).date()
        return {name: self.counts[name] if is_today else 0 for name in COUNTED}

    @property
    def age(self) -> timedelta | None:
        """Return how long ago rows came last; None where none came."""
        return None if self.synced_at is None else self.at - self.synced_at

    @property
    def state(self) -> SyncState:
        """Return how it stands."""
        if self.age is None:
            return SyncState.NEVER
        if self.age > LATE_AFTER:
            return SyncState.LATE
        is_faulty = self.rows >= FAULTY_ROWS and self.error_share >= FAULTY_SHARE
        return SyncState.FAULTY if is_faulty else SyncState.FINE

    @property
    def is_troubled(self) -> bool:
        """Say whether somebody has to look."""
        return self.state is not SyncState.FINE


@dataclass(frozen=True)
class FeedReading:
    """How far the province's system has read what happened here."""

    unread: int
    read_at: datetime | None


def schools_of(session: Session, province: str, at: datetime) -> list[SchoolSync]:
    """Return the schools of a province with a system of its own, by code."""
    return _read(session, _schools_with_records().where(School.province == province), at)


def school_of(session: Session, province: str, code: str, at: datetime) -> SchoolSync | None:
    """Return how a school of a province stands, by its code; None where it is none of its."""
    mine = (School.province == province, School.code == code)
    found = _read(session, _schools_with_records().where(*mine), at)
    return found[0] if found else None


def school(session: Session, mine: School, at: datetime) -> SchoolSync | None:
    """Return how one school stands; None where its graduates register here."""
    if mine.correction_system is None:
        return None
    found = _read(session, _schools_with_records().where(School.id == mine.id), at)
    return found[0] if found else None


def everywhere(session: Session, at: datetime) -> list[SchoolSync]:
    """Return the schools of all provinces with systems of their own, by code; `standing` is 0."""
    return _read(session, _schools(), at)


def feed_of(session: Session, province: str) -> FeedReading | None:
    """Return how far the province's system has read; None where it has no key yet."""
    head = session.scalar(select(FeedHead).where(FeedHead.province == province))
    return FeedReading(head.seq - head.read_seq, head.read_at) if head else None


def by_province(session: Session, at: datetime) -> dict[str, list[SchoolSync]]:
    """Return, by province, the schools of which a record ever came."""
    found = sorted(everywhere(session, at), key=lambda each: each.province)
    came = (each for each in found if each.age is not None)
    return {province: list(those) for province, those in groupby(came, lambda each: each.province)}


def unread(session: Session) -> dict[str, int]:
    """Return, by province, how many entries of its feed its system has not read."""
    rows = session.execute(select(FeedHead.province, FeedHead.seq - FeedHead.read_seq))
    return {province: int(entries) for province, entries in sorted(rows)}


def days(session: Session, school_id: int, at: datetime) -> Sequence[SyncDay]:
    """Return the days of the last month on which rows of a school came, newest first."""
    since = at.astimezone(SHANGHAI).date() - timedelta(days=DAYS_SHOWN)
    wanted = select(SyncDay).where(SyncDay.school_id == school_id, SyncDay.day > since)
    return session.scalars(wanted.order_by(SyncDay.day.desc())).all()


def _schools() -> Select[School, SyncDay | None, int]:
    """Return the query of schools whose records are not counted: there may be millions."""
    return _asked(literal(0))


def _schools_with_records() -> Select[School, SyncDay | None, int]:
    """Return the same with how many records of each are kept: a look at an index for each."""
    kept = select(func.count()).where(
        SourceRecord.school_id == School.id, SourceRecord.void.is_(False)
    )
    return _asked(kept.correlate(School).scalar_subquery())


def _asked(standing: SQLColumnExpression[int]) -> Select[School, SyncDay | None, int]:
    newest = (
        select(func.max(SyncDay.day)).where(SyncDay.school_id == School.id).correlate(School)
    ).scalar_subquery()
    return (
        select(School, SyncDay, standing)
        .outerjoin(SyncDay, (SyncDay.school_id == School.id) & (SyncDay.day == newest))
        .where(School.correction_system.is_not(None))
        .order_by(School.code)
    )


def _read(
    session: Session, wanted: Select[School, SyncDay | None, int], at: datetime
) -> list[SchoolSync]:
    return [
        SchoolSync(
            *(each.id, each.key, each.name, each.code, each.province),
            each.correction_system or "",
            synced_at=each.synced_at,
            at=at,
            day=last.day if last else None,
            counts={name: getattr(last, name) for name in COUNTED} if last else {},
            standing=standing,
            told=each.sync_alarm,
        )
        for each, last, standing in session.execute(wanted)
    ]
