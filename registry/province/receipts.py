"""The Ministry's receipt of a forwarding (回执): what it took, what not, why; the sum is checked.

Who was refused is with the province again, which gives her back to her school or forwards her anew.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, exists, func, select, update
from sqlalchemy.orm import Session, aliased

from registry.accounts import audit
from registry.accounts.audit import AuditRecord
from registry.accounts.school_tables import School
from registry.base.bulk_rows import given_rows
from registry.base.clock import SHANGHAI
from registry.base.database import one_of
from registry.base.errors import NotFound, RuleError
from registry.base.text import clean
from registry.base.written_reason import written_reason
from registry.province import batch_decisions, forwardings
from registry.province.batches import Signature
from registry.province.forwarding_states import ForwardingEvent
from registry.province.forwarding_tables import ForwardedEntry, Forwarding
from registry.record.province_tables import ProvinceEntry
from registry.record.tables import Graduate

PAGE = 50
LONGEST_NUMBER = 40
NAMED = 5
"""Rows that a refusal names."""
BY_MINISTRY = "教育部未接收："


@dataclass(frozen=True)
class RefusedRow:
    """Somebody whom the Ministry did not take, as its list says it."""

    row: int
    """In the list, from 1."""
    school_code: str
    number: str
    """Candidate or student number."""
    reason: str


@dataclass(frozen=True)
class MinistryReceipt:
    """What a receipt says."""

    number: str
    on: date
    accepted: int
    refused: int
    rows: Sequence[RefusedRow] = ()
    erased: int = 0
    """How many of the rows name somebody whose record was erased after it was sent."""


def receive(
    session: Session,
    forwarding: Forwarding,
    receipt: MinistryReceipt,
    signed: Signature,
    at: datetime,
) -> None:
    """Enter a receipt: its sum is what was sent, and each refused one is in the file.

    Raises RuleError `number_missing`, `number_too_long`, `day_impossible`, `sum_wrong`,
    `refused_missing`, `refused_unknown`, `refused_twice`, `erased_wrong` or `changed_meanwhile`.
    """
    number = _checked_number(receipt.number)
    _check_day(forwarding, receipt.on, at)
    _check_sum(forwarding, receipt)
    refused = _found(session, forwarding, receipt)
    forwardings.move(
        *(session, forwarding, ForwardingEvent.RECEIVE),
        receipt_number=number,
        receipt_on=receipt.on,
        accepted=receipt.accepted,
        refused=receipt.refused,
        **_entered(signed, at),
    )
    _refuse(session, forwarding, refused)
    forwardings.note(session, forwarding, signed, "forwarding_received", at)


def _entered(signed: Signature, at: datetime) -> dict[str, Any]:
    return {"received_by": signed.by, "received_by_name": signed.name, "received_at": at}


def refuse_all(
    session: Session, forwarding: Forwarding, reason: str, signed: Signature, at: datetime
) -> None:
    """Enter that the Ministry took nothing of a file, and why; all of it may be forwarded anew.

    Raises RuleError `reason_missing`, `reason_too_long` or `changed_meanwhile`.
    """
    why = written_reason(reason, "请填写整批未接收的原因。")
    counted = {"accepted": 0, "refused": forwarding.total}
    values = {"reason": why, **counted, **_entered(signed, at)}
    forwardings.move(session, forwarding, ForwardingEvent.REFUSE, **values)
    forwardings.let_go(session, forwarding)
    forwardings.note(session, forwarding, signed, "forwarding_refused", at)


def _checked_number(text: str) -> str:
    number = clean(text)
    if not number:
        raise RuleError("number_missing", "请填写回执编号。", "number")
    if len(number) > LONGEST_NUMBER:
        raise RuleError("number_too_long", f"回执编号请控制在 {LONGEST_NUMBER} 字以内。", "number")
    return number


def _check_day(forwarding: Forwarding, on: date, at: datetime) -> None:
    sent = forwarding.sent_at
    if sent is None:
        raise forwardings.MOVED_ON
    if not sent.astimezone(SHANGHAI).date() <= on <= at.astimezone(SHANGHAI).date():
        sentence = "回执日期应在转报当日至今天之间，请核对。"
        raise RuleError("day_impossible", sentence, "on")


def _check_sum(forwarding: Forwarding, receipt: MinistryReceipt) -> None:
    both = receipt.accepted + receipt.refused
    if min(receipt.accepted, receipt.refused) < 0 or both != forwarding.total:
        sentence = (
            f"接收 {receipt.accepted:,} 人、未接收 {receipt.refused:,} 人，合计 {both:,} 人，"
            f"与转报的 {forwarding.total:,} 人不符，请核对回执。"
        )
        raise RuleError("sum_wrong", sentence, "accepted")
    if len(receipt.rows) != receipt.refused:
        sentence = (
            f"未接收名单有 {len(receipt.rows):,} 人，回执中未接收 {receipt.refused:,} 人，请核对。"
        )
        raise RuleError("refused_missing", sentence, "rows")


def _found(session: Session, forwarding: Forwarding, receipt: MinistryReceipt) -> dict[int, str]:
    """Return the reason by graduate; raise RuleError where a row names nobody, or two the same."""
    by_number = _by_number(session, forwarding) if receipt.rows else {}
    said = [(each, (each.school_code, each.number)) for each in receipt.rows]
    unknown = [row.row for row, named in said if named not in by_number]
    _check_erased(session, forwarding, receipt, unknown)
    # Of who was erased, the number alone tells that it is she again.
    whose = [(row, by_number.get(named, named)) for row, named in said]
    counted = Counter(found for _, found in whose)
    _name([row.row for row, found in whose if counted[found] > 1], "refused_twice", "重复")
    return {found: row.reason for row, found in whose if isinstance(found, int)}


def _check_erased(
    session: Session, forwarding: Forwarding, receipt: MinistryReceipt, unknown: Sequence[int]
) -> None:
    """Hold rows that name nobody to be those of erased people, as many as the receipt says.

    A number that was mistyped names nobody either: so how many were erased has to be said.
    """
    if not 0 <= receipt.erased <= (most := erased_since(session, forwarding)):
        had = f"最多有 {most:,} 人" if most else "没有人"
        raise RuleError("erased_wrong", f"本次转报中{had}的记录已删除，请核对。", "erased")
    if len(unknown) > receipt.erased:
        _name(unknown, "refused_unknown", "不在本次转报中")
    if len(unknown) < receipt.erased:
        sentence = (
            f"名单中不在本次转报中的有 {len(unknown):,} 人，"
            f"与填写的记录已删除人数 {receipt.erased:,} 不符，请核对。"
        )
        raise RuleError("erased_wrong", sentence, "erased")


def erased_since(session: Session, forwarding: Forwarding) -> int:
    """Return of how many in a forwarding the record was erased: no row tells who they were."""
    entries = select(func.count()).where(ForwardedEntry.forwarding_id == forwarding.id)
    return forwarding.total - (session.scalar(entries) or 0)


def _name(rows: Sequence[int], code: str, what: str) -> None:
    if not rows:
        return
    named = "、".join(str(each) for each in rows[:NAMED])
    more = f"等 {len(rows):,} 行" if len(rows) > NAMED else "行"
    raise RuleError(code, f"未接收名单第 {named} {more}{what}，请核对。", "rows")


def _by_number(session: Session, forwarding: Forwarding) -> dict[tuple[str, str], int]:
    """Return who is in a forwarding, by school and either number."""
    found = session.execute(
        select(School.code, Graduate.candidate_number, Graduate.student_number, Graduate.id)
        .join(ForwardedEntry, ForwardedEntry.graduate_id == Graduate.id)
        .join(School, School.id == Graduate.school_id)
        .where(ForwardedEntry.forwarding_id == forwarding.id)
    ).all()
    by_student = {(code, student): ident for code, _, student, ident in found}
    return by_student | {(code, number): ident for code, number, _, ident in found if number}


def _refuse(session: Session, forwarding: Forwarding, reasons: Mapping[int, str]) -> None:
    if not reasons:
        return
    rows = [{"graduate_id": each, "refusal": reason} for each, reason in reasons.items()]
    given = given_rows(session, ForwardedEntry, rows)
    session.execute(
        update(ForwardedEntry)
        .where(ForwardedEntry.forwarding_id == forwarding.id)
        .where(ForwardedEntry.graduate_id == given.c.graduate_id)
        .values(standing=False, refusal=given.c.refusal)
        .execution_options(synchronize_session=False)
    )


@dataclass(frozen=True)
class RefusedGraduate:
    """Somebody whom the Ministry refused, as the province's list shows her."""

    id: int
    key: str
    name: str
    student_number: str
    school: str
    school_key: str
    reason: str
    locked: bool
    """Still filed as she was forwarded: not yet given back."""
    again: bool
    """With the Ministry by a later forwarding: not to be given back for this one."""


def refused(
    session: Session, forwarding: Forwarding, after: str = "", most: int = PAGE
) -> list[RefusedGraduate]:
    """Return `most` of those refused, in the order of the record, behind the one `after`."""
    wanted = (
        select(
            *(Graduate.id, Graduate.key, Graduate.name, Graduate.student_number),
            *(School.name, School.key, func.coalesce(ForwardedEntry.refusal, "")),
            *(ProvinceEntry.standing & ProvinceEntry.locked, _is_forwarded_again()),
        )
        .select_from(ForwardedEntry)
        .join(Graduate, Graduate.id == ForwardedEntry.graduate_id)
        .join(School, School.id == Graduate.school_id)
        .join(ProvinceEntry, _same_entry())
        .where(ForwardedEntry.forwarding_id == forwarding.id)
        .where(ForwardedEntry.refusal.is_not(None))
    )
    if after:
        start = select(Graduate.id).where(Graduate.key == after).scalar_subquery()
        wanted = wanted.where(ForwardedEntry.graduate_id > start)
    found = session.execute(wanted.order_by(ForwardedEntry.graduate_id).limit(most))
    return [RefusedGraduate(*row) for row in found]


def _same_entry() -> ColumnElement[bool]:
    return (ProvinceEntry.batch_id == ForwardedEntry.batch_id) & (
        ProvinceEntry.graduate_id == ForwardedEntry.graduate_id
    )


def _is_forwarded_again() -> ColumnElement[bool]:
    later = aliased(ForwardedEntry)
    return exists().where(
        later.batch_id == ForwardedEntry.batch_id,
        later.graduate_id == ForwardedEntry.graduate_id,
        later.standing,
    )


def give_back(
    session: Session, forwarding: Forwarding, signed: Signature, at: datetime, key: str = ""
) -> int:
    """Give refused graduates back to their schools, all of them or one; return how many.

    Each is told, with the Ministry's reason. Who was forwarded again since stays. Raises NotFound
    for one who is not among them.
    """
    rows = [each for each in _to_give_back(session, forwarding) if key in {"", each.key}]
    if key and not rows:
        raise NotFound("未接收的毕业生")
    together = defaultdict[tuple[int, int, str], list[int]](list)
    for each in rows:
        together[each.school_id, each.batch_id, each.reason].append(each.id)
    for (school_id, batch_id, reason), ids in together.items():
        those = (ProvinceEntry.batch_id == batch_id) & one_of(
            session, ProvinceEntry.graduate_id, ids
        )
        batch_decisions.give_back(session, school_id, reason, at, those)
    audit.note_all(session, [_released(each, signed) for each in rows], at)
    return len(rows)


@dataclass(frozen=True)
class _GivenBack:
    id: int
    key: str
    school_id: int
    batch_id: int
    refusal: str

    @property
    def reason(self) -> str:
        """Return the reason as school and graduate read it."""
        return f"{BY_MINISTRY}{self.refusal}"


def _to_give_back(session: Session, forwarding: Forwarding) -> list[_GivenBack]:
    rows = session.execute(
        select(
            *(Graduate.id, Graduate.key, Graduate.school_id),
            *(ForwardedEntry.batch_id, ForwardedEntry.refusal),
        )
        .select_from(ForwardedEntry)
        .join(Graduate, Graduate.id == ForwardedEntry.graduate_id)
        .join(ProvinceEntry, _same_entry())
        .where(ForwardedEntry.forwarding_id == forwarding.id)
        .where(ForwardedEntry.refusal.is_not(None))
        .where(ProvinceEntry.standing, ProvinceEntry.locked, ~_is_forwarded_again())
        .order_by(Graduate.id)
        .with_for_update(of=ProvinceEntry)  # of two at once the second finds nobody left
    )
    return [_GivenBack(*row[:4], row[4] or "") for row in rows]


def _released(each: _GivenBack, signed: Signature) -> AuditRecord:
    subject, details = f"{audit.GRADUATE}{each.key}", {"reason": each.reason}
    return AuditRecord(signed.by, "released_by_province", subject, each.school_id, details)
