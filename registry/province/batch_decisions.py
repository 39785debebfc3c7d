"""What a province does with the batches of its schools: file them, or return them with a reason.

Source: the registration notice of 2023, clause 1.4.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from registry.accounts import audit
from registry.accounts.audit import AuditRecord
from registry.accounts.school_tables import School
from registry.base.errors import NotFound
from registry.base.written_reason import written_reason
from registry.province import returns
from registry.province.batch_moves import move
from registry.province.batches import PAGE, Signature, note, number_of
from registry.province.states import BatchEvent, BatchState
from registry.record import events
from registry.record.province_tables import ProvinceBatch, ProvinceEntry
from registry.record.scope import not_ended
from registry.record.tables import Graduate

CHUNK = 1000


@dataclass(frozen=True)
class Filed:
    """What came of filing a batch."""

    filed: int
    overtaken: int
    """Changed since the batch was sent: not filed, they go into the next one."""


@dataclass(frozen=True)
class WaitingBatches:
    """What waits to be filed or returned."""

    batches: int
    people: int


def count_waiting(session: Session, province: str) -> WaitingBatches:
    """Return how many batches of a province's schools wait, of any cohort."""
    row = session.execute(
        select(func.count(), func.coalesce(func.sum(ProvinceBatch.total), 0))
        .join(School, School.id == ProvinceBatch.school_id)
        .where(School.province == province, ProvinceBatch.state == BatchState.SENT)
    ).one()
    return WaitingBatches(*row)


@dataclass(frozen=True)
class BatchFilter:
    """Which batches of a province are meant; what is empty does not narrow."""

    state: BatchState | None = None
    school: str = ""
    """Key of a school."""
    year: int | None = None


EVERY = BatchFilter()


def of_province(
    session: Session, province: str, wanted: BatchFilter = EVERY, before: str = "", most: int = PAGE
) -> list[tuple[ProvinceBatch, School]]:
    """Return a page of the batches of a province's schools, newest first."""
    statement = (
        select(ProvinceBatch, School)
        .join(School, School.id == ProvinceBatch.school_id)
        .where(School.province == province)
    )
    if wanted.state:
        statement = statement.where(ProvinceBatch.state == wanted.state)
    if wanted.school:
        statement = statement.where(School.key == wanted.school)
    if wanted.year:
        statement = statement.where(ProvinceBatch.year == wanted.year)
    if before:
        statement = statement.where(ProvinceBatch.id < number_of(before))
    rows = session.execute(statement.order_by(ProvinceBatch.id.desc()).limit(most))
    return [(batch, school) for batch, school in rows]


def find(session: Session, province: str, key: str) -> tuple[ProvinceBatch, School]:
    """Return a batch of a school of the province; raise NotFound for another province's."""
    row = session.execute(
        select(ProvinceBatch, School)
        .join(School, School.id == ProvinceBatch.school_id)
        .where(School.province == province, ProvinceBatch.key == key)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        raise NotFound("上报批次")
    return row[0], row[1]


def file_batch(session: Session, province: str, key: str, signed: Signature, at: datetime) -> Filed:
    """File a batch: from now on the school's copy changes only through the province.

    Who was changed since the batch was sent is not filed: the province has not seen it. Raises
    NotFound, or RuleError `changed_meanwhile` where it was filed or returned already.
    """
    batch, _ = find(session, province, key)
    move(session, batch, BatchEvent.FILE, signed, "", at)
    _lock_graduates(session, batch)
    in_force = select(Graduate.registration_id).where(Graduate.id == ProvinceEntry.graduate_id)
    unchanged = ProvinceEntry.registration_id == in_force.scalar_subquery()
    for values, condition in (
        ({"standing": False}, func.coalesce(~unchanged, True)),
        ({"locked": True}, unchanged),
    ):
        session.execute(
            update(ProvinceEntry)
            .where(ProvinceEntry.batch_id == batch.id, ProvinceEntry.standing, condition)
            .values(**values)
            .execution_options(synchronize_session=False)
        )
    filed = session.scalar(
        select(func.count())
        .select_from(ProvinceEntry)
        .where(ProvinceEntry.batch_id == batch.id, ProvinceEntry.locked)
    )
    note(session, batch, signed, "batch_filed", at)
    return Filed(filed or 0, batch.total - (filed or 0))


def return_batch(
    session: Session, province: str, key: str, signed: Signature, reason: str, at: datetime
) -> ProvinceBatch:
    """Return a batch, filed or not: the school may change what is in it and report again.

    Those in it are told. Raises NotFound, RuleError `reason_missing`, `reason_too_long` or
    `changed_meanwhile`.
    """
    batch, _ = find(session, province, key)
    move(session, batch, BatchEvent.RETURN, signed, _checked(reason), at)
    give_back(session, batch.school_id, batch.reason, at, ProvinceEntry.batch_id == batch.id)
    note(session, batch, signed, "batch_returned", at)
    return batch


def release(
    session: Session, province: str, graduate_key: str, signed: Signature, reason: str, at: datetime
) -> None:
    """Give one filed graduate back to the school, which may then change the registration.

    She is told. Raises NotFound where nobody filed of the province has the key, RuleError
    `reason_missing` or `reason_too_long`.
    """
    why = _checked(reason)
    row = session.execute(
        select(Graduate.id, Graduate.school_id)
        .join(School, School.id == Graduate.school_id)
        .join(ProvinceEntry, ProvinceEntry.graduate_id == Graduate.id)
        .where(School.province == province, Graduate.key == graduate_key)
        .where(ProvinceEntry.standing, ProvinceEntry.locked)
    ).one_or_none()
    if row is None:
        raise NotFound("已备案的毕业生")
    give_back(session, row.school_id, why, at, ProvinceEntry.graduate_id == row.id)
    subject, details = f"graduate:{graduate_key}", {"reason": why}
    record = AuditRecord(signed.by, "released_by_province", subject, row.school_id, details)
    audit.note(session, record, at)


def give_back(
    session: Session, school_id: int, reason: str, at: datetime, which: ColumnElement[bool]
) -> None:
    """Have these standing entries stand and lock no more, and tell whom that concerns."""
    returned = session.execute(
        update(ProvinceEntry)
        .where(which, ProvinceEntry.standing)
        .values(standing=False, locked=False, returned_at=at, return_reason=reason)
        .returning(ProvinceEntry.batch_id, ProvinceEntry.graduate_id)
        .execution_options(synchronize_session=False)
    ).all()
    if returned:
        batch_id = returned[0].batch_id
        people = _concerned(session, batch_id, [row.graduate_id for row in returned])
        events.announce(session, events.ProvinceReturned(school_id, batch_id, people, at))


def _concerned(session: Session, batch_id: int, graduate_ids: list[int]) -> list[events.Returned]:
    """Return those of whom what was returned is in force: what was changed since is not."""
    found: list[events.Returned] = []
    for start in range(0, len(graduate_ids), CHUNK):
        rows = session.execute(
            select(Graduate.id, Graduate.year)
            .join(ProvinceEntry, ProvinceEntry.graduate_id == Graduate.id)
            .where(
                ProvinceEntry.batch_id == batch_id,
                Graduate.id.in_(graduate_ids[start : start + CHUNK]),
                not_ended(),
                returns.concerns_her(),
            )
        )
        found += [events.Returned(*row) for row in rows]
    return found


def _checked(reason: str) -> str:
    return written_reason(reason, "请写明退回的原因，以便学校修改。")


def _lock_graduates(session: Session, batch: ProvinceBatch) -> None:
    """Wait for changes that are under way, and hold off new ones until the lock is seen."""
    session.execute(
        select(Graduate.id)
        .join(ProvinceEntry, ProvinceEntry.graduate_id == Graduate.id)
        .where(ProvinceEntry.batch_id == batch.id, ProvinceEntry.standing)
        .order_by(Graduate.id)
        .with_for_update(of=Graduate, key_share=True)
    )
