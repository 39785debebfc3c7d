"""What a batch holds, person by person, as its province and its school may read it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, select
from sqlalchemy.orm import Session

from registry.accounts.school_tables import Department
from registry.record.graduate_filter import with_words
from registry.record.province_tables import ProvinceBatch, ProvinceEntry
from registry.record.tables import Graduate, Registration

PAGE = 50


class EntryPlace(StrEnum):
    """Where an entry stands."""

    GOES = "goes"
    """Waits to be filed as it was reported."""
    CHANGED = "changed"
    """Waits, but was changed since it was reported: it will not be filed."""
    FILED = "filed"
    GONE = "gone"
    """Returned, withdrawn, or overtaken by a later batch."""


PLACE_TITLES = {
    EntryPlace.GOES: "待备案",
    EntryPlace.CHANGED: "上报后有改动，不备案",
    EntryPlace.FILED: "已备案",
    EntryPlace.GONE: "不在备案中",
}


@dataclass(frozen=True)
class EntryFilter:
    """Which of a batch are meant; what is empty does not narrow."""

    words: str = ""
    """Part of a name or of a unit's, or the beginning of a student or candidate number."""
    category: str = ""
    """毕业去向 as it was reported, the first two digits."""
    place: EntryPlace | None = None


@dataclass(frozen=True)
class EntryRow:
    """One graduate in a batch, with the version that was reported."""

    key: str
    name: str
    student_number: str
    department: str
    level: str
    major: str
    category: str
    unit_name: str
    unit_location: str
    standing: bool
    locked: bool
    """Filed."""
    unchanged: bool
    """Whether what was reported is what is in force."""

    @property
    def place(self) -> EntryPlace:
        """Return where the entry stands."""
        if self.locked:
            return EntryPlace.FILED
        if not self.standing:
            return EntryPlace.GONE
        return EntryPlace.GOES if self.unchanged else EntryPlace.CHANGED


def entries(
    session: Session,
    batch: ProvinceBatch,
    after: str = "",
    most: int = PAGE,
    wanted: EntryFilter | None = None,
) -> Sequence[EntryRow]:
    """Return `most` graduates of a batch, in the order of the record, behind the one `after`.

    Raises RuleError `identity_in_address`.
    """
    rows = (
        _joined(
            *(Graduate.key, Graduate.name, Graduate.student_number),
            *(Department.name, Graduate.level, Graduate.major),
            *(Registration.category, Registration.unit_name, Registration.unit_location),
            *(ProvinceEntry.standing, ProvinceEntry.locked, _unchanged()),
        )
        .join(Department, Department.id == Graduate.department_id)
        .where(ProvinceEntry.batch_id == batch.id, *_conditions(wanted or EntryFilter()))
    )
    if after:
        start = select(Graduate.id).where(
            Graduate.school_id == batch.school_id, Graduate.key == after
        )
        rows = rows.where(ProvinceEntry.graduate_id > start.scalar_subquery())
    found = session.execute(rows.order_by(ProvinceEntry.graduate_id).limit(most))
    return [EntryRow(*row) for row in found]


def count_changed(session: Session, batch: ProvinceBatch) -> int:
    """Return how many of a batch that waits were changed since: they will not be filed."""
    changed = EntryFilter(place=EntryPlace.CHANGED)
    counted = _joined(func.count()).where(ProvinceEntry.batch_id == batch.id, *_conditions(changed))
    return session.scalar(counted) or 0


def _joined(*columns: Any) -> Select[*tuple[Any, ...]]:  # noqa: ANN401 - whatever a query wants
    return (
        select(*columns)
        .select_from(ProvinceEntry)
        .join(Graduate, Graduate.id == ProvinceEntry.graduate_id)
        .join(Registration, Registration.id == ProvinceEntry.registration_id)
    )


def _unchanged() -> ColumnElement[bool]:
    same = ProvinceEntry.registration_id == Graduate.registration_id
    return func.coalesce(same, false())


def _conditions(wanted: EntryFilter) -> Iterator[ColumnElement[bool]]:
    yield from with_words(wanted.words)
    if wanted.category:
        yield Registration.category.startswith(wanted.category, autoescape=True)
    waits = and_(ProvinceEntry.standing, ~ProvinceEntry.locked)
    if wanted.place is EntryPlace.FILED:
        yield ProvinceEntry.locked.is_(True)
    elif wanted.place is EntryPlace.GONE:
        yield and_(~ProvinceEntry.standing, ~ProvinceEntry.locked)
    elif wanted.place:
        yield and_(waits, _unchanged() == (wanted.place is EntryPlace.GOES))


@dataclass(frozen=True)
class BatchStanding:
    """That a graduate is with the province, in a batch that is looked at or filed."""

    batch_key: str
    sent_at: datetime
    locked: bool
    """Filed."""
    is_of_today: bool
    """Whether what was reported is what is in force; otherwise she is filed by a later batch."""


def standing_of(session: Session, graduate: Graduate) -> BatchStanding | None:
    """Return where a graduate stands with the province; None where she does not."""
    row = session.execute(
        select(
            *(ProvinceBatch.key, ProvinceBatch.sent_at, ProvinceEntry.locked),
            ProvinceEntry.registration_id,
        )
        .join(ProvinceBatch, ProvinceBatch.id == ProvinceEntry.batch_id)
        .where(ProvinceEntry.graduate_id == graduate.id, ProvinceEntry.standing)
    ).one_or_none()
    if row is None:
        return None
    return BatchStanding(*row[:3], is_of_today=row.registration_id == graduate.registration_id)


@dataclass(frozen=True)
class OwnEntry:
    """One time that a graduate was reported, and what became of it."""

    batch_key: str
    sent_at: datetime
    state: str
    """A `BatchState`, of the batch."""
    standing: bool
    locked: bool
    """Filed, and still so."""
    returned_at: datetime | None
    return_reason: str | None


def of_graduate(session: Session, graduate: Graduate) -> list[OwnEntry]:
    """Return each time that a graduate was reported to the province, newest first."""
    rows = session.execute(
        select(
            *(ProvinceBatch.key, ProvinceBatch.sent_at, ProvinceBatch.state),
            *(ProvinceEntry.standing, ProvinceEntry.locked),
            *(ProvinceEntry.returned_at, ProvinceEntry.return_reason),
        )
        .join(ProvinceBatch, ProvinceBatch.id == ProvinceEntry.batch_id)
        .where(ProvinceEntry.graduate_id == graduate.id)
        .order_by(ProvinceBatch.id.desc())
    )
    return [OwnEntry(*row) for row in rows]


def holds(session: Session, batch: ProvinceBatch, graduate_key: str) -> bool:
    """Say whether a batch filed this graduate and still holds the lock."""
    found = session.scalar(
        select(ProvinceEntry.graduate_id)
        .join(Graduate, Graduate.id == ProvinceEntry.graduate_id)
        .where(ProvinceEntry.batch_id == batch.id, Graduate.key == graduate_key)
        .where(ProvinceEntry.standing, ProvinceEntry.locked)
    )
    return found is not None
