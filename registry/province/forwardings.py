"""Forwarding to the Ministry (转报): what is filed becomes a file, which is sent or discarded.

Source: the registration notice of 2023, clause 1.4. What a file holds is settled when it is begun:
the filed versions, each with the Ministry once.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, insert, literal, select, true, update
from sqlalchemy.orm import Session

from registry.accounts import audit
from registry.accounts.audit import AuditRecord
from registry.accounts.school_tables import School
from registry.base import files, moves
from registry.base.database import insert_new, one_of_texts
from registry.base.errors import NotFound, RuleError
from registry.base.file_tables import StoredFile
from registry.province.batches import Signature
from registry.province.forwarding_states import (
    FORWARDING,
    SEEN_ABOVE,
    ForwardingEvent,
)
from registry.province.forwarding_tables import ForwardedEntry, Forwarding, ForwardingHead
from registry.province.states import BatchState
from registry.record.province_tables import ProvinceBatch, ProvinceEntry
from registry.record.tables import Registration

MOST = 300_000
"""Graduates in one file: what a spreadsheet still opens."""
PAGE = 50
MOVED_ON = RuleError("changed_meanwhile", "这次转报刚刚有变化，请核对最新状态。")


@dataclass(frozen=True)
class ForwardableBatch:
    """A filed batch of which somebody is not with the Ministry."""

    key: str
    school: str
    filed_at: datetime | None
    people: int


@dataclass(frozen=True)
class NewForwarding:
    """What is to be forwarded."""

    province: str
    year: int
    batches: Sequence[str]
    """Keys of filed batches."""
    again: bool = False
    """Whether those go along whom the Ministry refused in the version that is still filed."""


def forwardable(
    session: Session, province: str, year: int, *, again: bool = False
) -> list[ForwardableBatch]:
    """Return the filed batches of a year with graduates to forward, the longest filed first."""
    found = session.execute(
        select(ProvinceBatch.key, School.name, ProvinceBatch.decided_at, func.count())
        .join(School, School.id == ProvinceBatch.school_id)
        .join(ProvinceEntry, ProvinceEntry.batch_id == ProvinceBatch.id)
        .where(*_filed(province, year), *_not_forwarded(again=again))
        .group_by(ProvinceBatch.id, ProvinceBatch.key, School.name, ProvinceBatch.decided_at)
        .order_by(ProvinceBatch.id)
    )
    return [ForwardableBatch(*row) for row in found]


def _filed(province: str, year: int) -> Iterable[ColumnElement[bool]]:
    yield School.province == province
    yield ProvinceBatch.year == year
    yield ProvinceBatch.state == BatchState.FILED


def _not_forwarded(*, again: bool) -> Iterable[ColumnElement[bool]]:
    """Yield the conditions that an entry is filed, and not with the Ministry."""
    same = (
        ForwardedEntry.batch_id == ProvinceEntry.batch_id,
        ForwardedEntry.graduate_id == ProvinceEntry.graduate_id,
    )
    yield ProvinceEntry.standing.is_(True)
    yield ProvinceEntry.locked.is_(True)
    gone = ForwardedEntry.standing if again else _went()
    yield ~select(literal(1)).where(*same, gone).exists()


def _went() -> ColumnElement[bool]:
    return ForwardedEntry.standing | ForwardedEntry.refusal.is_not(None)


def begin(session: Session, wanted: NewForwarding, signed: Signature, at: datetime) -> Forwarding:
    """Settle who goes into a file; the door then has it made.

    Raises RuleError `nothing_to_forward` or `too_many`.
    """
    begun = Forwarding(
        province=wanted.province,
        sequence=_next_number(session, wanted.province),
        year=wanted.year,
        state=FORWARDING.start,
        total=0,
        counts={},
        made_by=signed.by,
        made_by_name=signed.name,
        made_at=at,
    )
    session.add(begun)
    session.flush()
    _enter(session, begun, wanted)
    begun.counts = _by_category(session, begun)
    begun.total = sum(begun.counts.values())
    if not begun.total:
        sentence = "所选批次中没有需要转报的毕业生，请重新选择批次。"
        raise RuleError("nothing_to_forward", sentence)
    if begun.total > MOST:
        sentence = f"一次最多转报 {MOST:,} 人，现在选了 {begun.total:,} 人，请分批转报。"
        raise RuleError("too_many", sentence)
    note(session, begun, signed, "forwarding_begun", at)
    session.flush()
    return begun


def _next_number(session: Session, province: str) -> int:
    """Take a number; whoever begins another of the province waits until this one is committed."""
    session.execute(insert_new(session, ForwardingHead), [{"province": province, "last": 0}])
    return session.scalars(
        update(ForwardingHead)
        .where(ForwardingHead.province == province)
        .values(last=ForwardingHead.last + 1)
        .returning(ForwardingHead.last)
        .execution_options(synchronize_session=False)
    ).one()


def _enter(session: Session, begun: Forwarding, wanted: NewForwarding) -> None:
    columns = ["forwarding_id", "graduate_id", "batch_id", "registration_id", "standing"]
    rows = (
        select(
            *(literal(begun.id), ProvinceEntry.graduate_id, ProvinceEntry.batch_id),
            *(ProvinceEntry.registration_id, true()),
        )
        .join(ProvinceBatch, ProvinceBatch.id == ProvinceEntry.batch_id)
        .join(School, School.id == ProvinceBatch.school_id)
        .where(
            *_filed(wanted.province, wanted.year),
            *_not_forwarded(again=wanted.again),
            one_of_texts(session, ProvinceBatch.key, wanted.batches),
        )
    )
    session.execute(insert(ForwardedEntry).from_select(columns, rows, include_defaults=False))


def _by_category(session: Session, begun: Forwarding) -> dict[str, int]:
    rows = session.execute(
        select(Registration.category, func.count())
        .join(ForwardedEntry, ForwardedEntry.registration_id == Registration.id)
        .where(ForwardedEntry.forwarding_id == begun.id)
        .group_by(Registration.category)
        .order_by(Registration.category)
    )
    return dict(rows.all())


def note(
    session: Session, forwarding: Forwarding, signed: Signature, action: str, at: datetime
) -> None:
    """Keep in the audit log what was done with a forwarding; it is of no school."""
    said = {"total": forwarding.total, "year": forwarding.year, "number": forwarding.number}
    about = f"forwarding:{forwarding.key}"
    record = AuditRecord(signed.by, action, about, None, said, province=forwarding.province)
    audit.note(session, record, at)


def send(session: Session, forwarding: Forwarding, signed: Signature, at: datetime) -> None:
    """Let the Ministry have a file that was made.

    Raises RuleError `entries_returned`, `file_gone` or `changed_meanwhile`.
    """
    if gone := forwarding.total - _still_filed(session, forwarding):
        sentence = f"其中 {gone:,} 人生成后已退回学校或删除，请取消后重新生成。"
        raise RuleError("entries_returned", sentence)
    if file_of(session, forwarding, at) is None:
        raise RuleError("file_gone", "文件已过保存期限，请取消后重新生成。")
    sent = {"sent_by": signed.by, "sent_by_name": signed.name, "sent_at": at}
    move(session, forwarding, ForwardingEvent.SEND, **sent)
    note(session, forwarding, signed, "forwarding_sent", at)


def _still_filed(session: Session, forwarding: Forwarding) -> int:
    same = (ProvinceEntry.batch_id == ForwardedEntry.batch_id) & (
        ProvinceEntry.graduate_id == ForwardedEntry.graduate_id
    )
    counted = (
        select(func.count())
        .select_from(ForwardedEntry)
        .join(ProvinceEntry, same)
        .where(ForwardedEntry.forwarding_id == forwarding.id)
        .where(ProvinceEntry.standing, ProvinceEntry.locked)
    )
    return session.scalar(counted) or 0


def discard(session: Session, forwarding: Forwarding, signed: Signature, at: datetime) -> None:
    """Give a forwarding up before it is sent: its file goes, who is in it may go into another one.

    Raises RuleError `changed_meanwhile`.
    """
    move(session, forwarding, ForwardingEvent.DISCARD)
    let_go(session, forwarding)
    files.forget(session, StoredFile.id == forwarding.file_id)
    note(session, forwarding, signed, "forwarding_discarded", at)


def let_go(session: Session, forwarding: Forwarding, **values: Any) -> None:  # noqa: ANN401 - columns of the entries
    """Have nobody of a forwarding be with the Ministry by it."""
    session.execute(
        update(ForwardedEntry)
        .where(ForwardedEntry.forwarding_id == forwarding.id)
        .values(standing=False, **values)
        .execution_options(synchronize_session=False)
    )


def move(
    session: Session,
    forwarding: Forwarding,
    event: ForwardingEvent,
    **values: Any,  # noqa: ANN401 - columns of the same row
) -> None:
    """Move a forwarding; raise RuleError `changed_meanwhile` where that may not happen to it."""
    those = Forwarding.id == forwarding.id
    if not moves.move(session, FORWARDING, Forwarding.state, event, those, **values):
        raise MOVED_ON
    session.refresh(forwarding)


def file_of(session: Session, forwarding: Forwarding, at: datetime) -> StoredFile | None:
    """Return the file of a forwarding, while it is kept."""
    kept = (StoredFile.id == forwarding.file_id, StoredFile.expires_at > at)
    return session.scalar(select(StoredFile).where(*kept))


def of_province(
    session: Session, province: str, year: int, before: str = ""
) -> Sequence[Forwarding]:
    """Return a page of a province's forwardings of a cohort, newest first."""
    return _page(session, before, Forwarding.province == province, Forwarding.year == year)


def sent_up(session: Session, year: int, before: str = "") -> Sequence[Forwarding]:
    """Return a page of what all provinces sent to the Ministry, newest first."""
    return _page(session, before, Forwarding.state.in_(sorted(SEEN_ABOVE)), Forwarding.year == year)


def _page(session: Session, before: str, *those: ColumnElement[bool]) -> Sequence[Forwarding]:
    wanted = select(Forwarding).where(*those)
    if before:
        start = select(Forwarding.id).where(Forwarding.key == before)
        wanted = wanted.where(Forwarding.id < start.scalar_subquery())
    return session.scalars(wanted.order_by(Forwarding.id.desc()).limit(PAGE)).all()


def find(session: Session, province: str, key: str) -> Forwarding:
    """Return a forwarding of a province; raise NotFound for another's."""
    return _found(session, Forwarding.province == province, Forwarding.key == key)


def find_sent(session: Session, key: str) -> Forwarding:
    """Return a forwarding that the Ministry was sent; raise NotFound for others."""
    return _found(session, Forwarding.state.in_(sorted(SEEN_ABOVE)), Forwarding.key == key)


def _found(session: Session, *those: ColumnElement[bool]) -> Forwarding:
    found = session.scalar(
        select(Forwarding).where(*those).execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound("转报文件")
    return found


@dataclass(frozen=True)
class ForwardedBatch:
    """What a forwarding holds of one batch."""

    school: str
    code: str
    key: str
    filed_at: datetime | None
    people: int


def batches_in(session: Session, forwarding: Forwarding) -> list[ForwardedBatch]:
    """Return what a forwarding holds of each batch, by the code of the school."""
    found = session.execute(
        select(
            *(School.name, School.code, ProvinceBatch.key, ProvinceBatch.decided_at),
            func.count(),
        )
        .select_from(ForwardedEntry)
        .join(ProvinceBatch, ProvinceBatch.id == ForwardedEntry.batch_id)
        .join(School, School.id == ProvinceBatch.school_id)
        .where(ForwardedEntry.forwarding_id == forwarding.id)
        .group_by(
            *(School.name, School.code, ProvinceBatch.key, ProvinceBatch.decided_at),
            ProvinceBatch.id,
        )
        .order_by(School.code, ProvinceBatch.id)
    )
    return [ForwardedBatch(*row) for row in found]
