"""What a province returned and nobody reported again: of a school, of a batch, of one graduate.

An entry of a batch is open from its return until the graduate stands in a later batch, which the
school has not withdrawn.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session, aliased

from registry.accounts.school_tables import Department
from registry.base.detached import read_rows
from registry.province.states import BatchState
from registry.record.province_tables import ProvinceBatch, ProvinceEntry
from registry.record.scope import MADE, Scope, made_for, not_ended, within
from registry.record.tables import Graduate

PAGE = 50


@dataclass(frozen=True)
class ReturnedBatch:
    """A batch of which somebody waits to be reported again."""

    key: str
    sent_at: datetime
    number: int
    returned_at: datetime
    """When the first of them was returned."""


@dataclass(frozen=True)
class ReturnedRow:
    """A graduate who waits to be reported again, and why she was returned."""

    key: str
    name: str
    student_number: str
    department: str
    reason: str
    at: datetime


@dataclass(frozen=True)
class OwnReturn:
    """What the province said of what is registered of one graduate."""

    reason: str
    at: datetime


def of_school(session: Session, scope: Scope, year: int) -> list[ReturnedBatch]:
    """Return the batches of a cohort with graduates to be reported again, newest first."""
    made, values = made_for(scope)
    return [ReturnedBatch(*row) for row in read_rows(session, _of_school(made, year), values)]


@lru_cache(MADE)
def _of_school(scope: Scope, year: int) -> Select[*tuple[Any, ...]]:
    return (
        _open(
            ProvinceBatch.key,
            ProvinceBatch.sent_at,
            func.count(),
            func.min(ProvinceEntry.returned_at),
        )
        .join(ProvinceBatch, ProvinceBatch.id == ProvinceEntry.batch_id)
        .where(within(scope), Graduate.year == year)
        .group_by(ProvinceBatch.id, ProvinceBatch.key, ProvinceBatch.sent_at)
        .order_by(ProvinceBatch.id.desc())
    )


def of_batch(
    session: Session, scope: Scope, batch: ProvinceBatch, after: str = ""
) -> Sequence[ReturnedRow]:
    """Return a page of those of a batch to be reported again, behind the graduate `after`."""
    about = (Graduate.key, Graduate.name, Graduate.student_number, Department.name)
    wanted = (
        _open(*about, ProvinceEntry.return_reason, ProvinceEntry.returned_at)
        .join(Department, Department.id == Graduate.department_id)
        .where(within(scope), not_ended(), ProvinceEntry.batch_id == batch.id)
    )
    if after:
        start = select(Graduate.id).where(within(scope), Graduate.key == after)
        wanted = wanted.where(Graduate.id > start.scalar_subquery())
    rows = session.execute(wanted.order_by(Graduate.id).limit(PAGE))
    return [ReturnedRow(*row) for row in rows]


def of_graduate(session: Session, graduate: Graduate) -> OwnReturn | None:
    """Return why what is in force of a graduate was returned; None where it was not."""
    row = session.execute(
        _open(ProvinceEntry.return_reason, ProvinceEntry.returned_at).where(
            Graduate.id == graduate.id, concerns_her()
        )
    ).one_or_none()
    return OwnReturn(*row) if row else None


def concerns_her() -> ColumnElement[bool]:
    """Say whether an entry is of what is in force: who changed it since has nothing to do."""
    return ProvinceEntry.registration_id == Graduate.registration_id


def _open(*columns: Any) -> Select[*tuple[Any, ...]]:  # noqa: ANN401 - whatever a query wants
    later, its_batch = aliased(ProvinceEntry), aliased(ProvinceBatch)
    reported_again = (
        select(later.graduate_id)
        .join(its_batch, its_batch.id == later.batch_id)
        .where(
            later.graduate_id == ProvinceEntry.graduate_id,
            later.batch_id > ProvinceEntry.batch_id,
            its_batch.state != BatchState.WITHDRAWN,
        )
        .exists()
    )
    return (
        select(*columns)
        .select_from(ProvinceEntry)
        .join(Graduate, Graduate.id == ProvinceEntry.graduate_id)
        .where(
            ProvinceEntry.returned_at.is_not(None),
            Graduate.registration_id.is_not(None),
            ~reported_again,
        )
    )
