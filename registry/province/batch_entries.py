"""What a batch holds, person by person, as its province and its school may read it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from registry.accounts.school_tables import Department
from registry.record.province_tables import ProvinceBatch, ProvinceEntry
from registry.record.tables import Graduate, Registration

PAGE = 50


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


def entries(
    session: Session, batch: ProvinceBatch, after: str = "", most: int = PAGE
) -> Sequence[EntryRow]:
    """Return `most` graduates of a batch, in the order of the record, behind the one `after`."""
    wanted: Select[*tuple[Any, ...]] = (
        select(
            *(Graduate.key, Graduate.name, Graduate.student_number),
            *(Department.name, Graduate.level, Graduate.major),
            *(Registration.category, Registration.unit_name, Registration.unit_location),
            *(ProvinceEntry.standing, ProvinceEntry.locked),
        )
        .join(Graduate, Graduate.id == ProvinceEntry.graduate_id)
        .join(Department, Department.id == Graduate.department_id)
        .join(Registration, Registration.id == ProvinceEntry.registration_id)
        .where(ProvinceEntry.batch_id == batch.id)
    )
    if after:
        start = select(Graduate.id).where(
            Graduate.school_id == batch.school_id, Graduate.key == after
        )
        wanted = wanted.where(ProvinceEntry.graduate_id > start.scalar_subquery())
    rows = session.execute(wanted.order_by(ProvinceEntry.graduate_id).limit(most))
    return [EntryRow(*row) for row in rows]


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


def holds(session: Session, batch: ProvinceBatch, graduate_key: str) -> bool:
    """Say whether a batch filed this graduate and still holds the lock."""
    found = session.scalar(
        select(ProvinceEntry.graduate_id)
        .join(Graduate, Graduate.id == ProvinceEntry.graduate_id)
        .where(ProvinceEntry.batch_id == batch.id, Graduate.key == graduate_key)
        .where(ProvinceEntry.standing, ProvinceEntry.locked)
    )
    return found is not None
