"""Reporting to the province (上报): batches are sent signed, then filed or returned.

Source: the registration notice of 2023, clause 1.4. What is filed is locked (province_lock): the
school's copy changes only through the province.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ScalarSelect, Select, false, func, insert, literal, select, true, update
from sqlalchemy.orm import Session

from registry.accounts import audit
from registry.accounts.audit import AuditRecord
from registry.accounts.tables import Staff
from registry.base.errors import NotFound, RuleError
from registry.province import selection
from registry.province.selection import GOES, joined, why
from registry.province.states import BATCH
from registry.record.province_tables import ProvinceBatch, ProvinceEntry
from registry.record.scope import Scope, lock_school
from registry.record.tables import Graduate, Registration

PAGE = 50


@dataclass(frozen=True)
class Signature:
    """Who signs, as the batch keeps it."""

    by: str
    """`staff:<key>`."""
    name: str


def signature(staff: Staff) -> Signature:
    """Return the signature of a member of staff."""
    return Signature(staff.actor, staff.name)


def send_batch(
    session: Session, scope: Scope, year: int, signed: Signature, at: datetime
) -> ProvinceBatch:
    """Report to the province everybody whom nothing keeps out, signed.

    Raises RuleError `school_only` or `nothing_to_send`.
    """
    if not scope.whole_school:
        raise RuleError("school_only", "向省级上报由学校办理，请联系学校就业指导中心。")
    # One batch of a school at a time: two pressed at once would send everybody twice.
    lock_school(session, scope.school_id)
    prepared = selection.prepare(session, scope, year)
    batch = ProvinceBatch(
        school_id=scope.school_id,
        year=year,
        state=BATCH.start,
        total=0,
        counts={},
        left_out={reason.value: number for reason, number in prepared.left_out.items()},
        sent_by=signed.by,
        sent_by_name=signed.name,
        sent_at=at,
    )
    session.add(batch)
    session.flush()
    _enter(session, scope, batch)
    batch.counts = _by_category(session, batch)
    batch.total = sum(batch.counts.values())
    if not batch.total:
        raise RuleError("nothing_to_send", "没有可以上报的毕业生，请先处理未列入的原因。")
    note(session, batch, signed, "batch_sent", at)
    session.flush()
    return batch


def note(
    session: Session, batch: ProvinceBatch, signed: Signature, action: str, at: datetime
) -> None:
    """Keep in the school's audit log what was done with a batch."""
    details = {"total": batch.total, "year": batch.year, "reason": batch.reason}
    record = AuditRecord(signed.by, action, f"batch:{batch.key}", batch.school_id, details)
    audit.note(session, record, at)


def _enter(session: Session, scope: Scope, batch: ProvinceBatch) -> None:
    """Enter everybody who goes; an entry of an earlier version no longer stands."""
    session.execute(
        update(ProvinceEntry)
        .where(
            ProvinceEntry.standing,
            ProvinceEntry.graduate_id.in_(_going(scope, batch.year, Graduate.id)),
        )
        .values(standing=False)
        .execution_options(synchronize_session=False)
    )
    rows = _going(
        scope,
        batch.year,
        *(literal(batch.id), Graduate.id, Graduate.registration_id, true(), false()),
    )
    columns = ["batch_id", "graduate_id", "registration_id", "standing", "locked"]
    session.execute(insert(ProvinceEntry).from_select(columns, rows, include_defaults=False))


def _going(
    scope: Scope,
    year: int,
    *columns: Any,  # noqa: ANN401 - whatever a query wants
) -> Select[*tuple[Any, ...]]:
    return joined(scope, year, *columns).where(why(scope) == GOES)


def _by_category(session: Session, batch: ProvinceBatch) -> dict[str, int]:
    rows = session.execute(
        select(Registration.category, func.count())
        .join(ProvinceEntry, ProvinceEntry.registration_id == Registration.id)
        .where(ProvinceEntry.batch_id == batch.id)
        .group_by(Registration.category)
    )
    return dict(rows.all())


def batches(session: Session, scope: Scope, before: str = "") -> list[ProvinceBatch]:
    """Return a page of the school's batches, newest first, before the batch with that key."""
    wanted = select(ProvinceBatch).where(ProvinceBatch.school_id == scope.school_id)
    if before:
        wanted = wanted.where(ProvinceBatch.id < number_of(before))
    return list(session.scalars(wanted.order_by(ProvinceBatch.id.desc()).limit(PAGE)))


def find_batch(session: Session, scope: Scope, key: str) -> ProvinceBatch:
    """Return a batch of the school; raise NotFound for another's."""
    mine = (ProvinceBatch.school_id == scope.school_id, ProvinceBatch.key == key)
    found = session.scalar(select(ProvinceBatch).where(*mine))
    if found is None:
        raise NotFound("上报批次")
    return found


def number_of(key: str) -> ScalarSelect[int]:
    """Return the number of a batch, for a page that begins at its key."""
    return select(ProvinceBatch.id).where(ProvinceBatch.key == key).scalar_subquery()
