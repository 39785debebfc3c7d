"""Judges the rows of a courier's list by the record: whose file each is, and what it would note."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from registry.base.crypto import Vault
from registry.base.database import one_of, one_of_texts
from registry.base.errors import RuleError
from registry.base.text import compared_name
from registry.numbers import issuing
from registry.numbers.posting import directory, noting, waybill
from registry.numbers.posting.noting import FileToPost, PostRoom
from registry.numbers.posting.states import PostingState, PostingWay
from registry.numbers.posting.tables import Posting
from registry.numbers.posting.waybill import Waybill
from registry.numbers.shape import Issue, Kind
from registry.numbers.tables import IssuedNumber
from registry.record.scope import within
from registry.record.tables import Graduate, Registration
from registry.roster.reading import row_of
from registry.tasks.courier_plan import CourierOutcome, PlannedPosting
from registry.tasks.courier_rows import CourierRow

Named = Row[*tuple[Any, ...]]
"""The columns of `_graduates`."""


@dataclass(frozen=True)
class CourierDesk:
    """What rows are held against."""

    room: PostRoom
    cohort: int
    """Whose student numbers are meant, where a row does not say."""
    way: PostingWay
    """Of rows that do not say."""


@dataclass
class JudgedRow:
    """A row, what is to be noted by it, and of whom."""

    planned: PlannedPosting
    file: FileToPost | None = None
    """What was posted."""
    received: tuple[int, date] | None = None
    """Which posting (by id) came in, and when."""


@dataclass(frozen=True)
class _Known:
    """What the record has of some rows."""

    by_number: Mapping[tuple[int, str], Named]
    """By cohort and student number."""
    by_transfer: Mapping[str, Named]
    """By transfer number."""
    standing: Mapping[int, Posting]


def judge(
    session: Session, vault: Vault, desk: CourierDesk, rows: Sequence[CourierRow]
) -> list[JudgedRow]:
    """Return what each row would note; whoever notes it holds the graduates' locks."""
    known = _known(session, vault, desk, rows)
    return [_judged(desk, known, row) for row in rows]


def refuse_repeated(judged: Sequence[JudgedRow]) -> None:
    """Refuse rows about a graduate whom an earlier row of the same file is about."""
    first = dict[int, int]()
    for each in judged:
        row, ident = each.planned, each.planned.graduate_id
        if ident is None or row.outcome is not CourierOutcome.READY:
            continue
        if (earlier := first.setdefault(ident, row.row)) != row.row:
            sentence = f"与第 {row_of(earlier)} 行是同一位毕业生，一人只能有一行"
            row.refuse(RuleError("row_twice", sentence))
            each.file = each.received = None


def point_out_shared(judged: Sequence[JudgedRow]) -> None:
    """Point out rows that post a file by the number of an earlier row, as when it was filled down.

    Several files in one parcel have one number, so that nothing is refused.
    """
    first = dict[str, JudgedRow]()
    for each in judged:
        if each.file is None:
            continue
        earlier = first.setdefault(each.planned.number, each)
        if earlier is not each:
            other = "、收档单位不同" if earlier.planned.unit != each.planned.unit else ""
            said = f"单号与第 {row_of(earlier.planned.row)} 行相同{other}，请核对"
            each.planned.odd.append(said)


def _judged(desk: CourierDesk, known: _Known, row: CourierRow) -> JudgedRow:
    planned = PlannedPosting(
        *(row.row, row.name, row.student_number, row.number),
        posted_on=row.posted_on.isoformat() if row.posted_on else "",
        received_on=row.received_on.isoformat() if row.received_on else "",
    )
    judged = JudgedRow(planned)
    if row.names_nobody:
        planned.outcome, planned.why = CourierOutcome.NOBODY, "没有内容，已跳过"
        return judged
    try:
        _refuse_unread(row)
        graduate = _whose(desk, known, row)
        planned.graduate_id, planned.name = graduate.id, graduate.name
        planned.student_number = graduate.student_number
        _weigh(desk, judged, row, graduate, known.standing.get(graduate.id))
    except RuleError as refusal:
        planned.refuse(refusal)
    return judged


def _refuse_unread(row: CourierRow) -> None:
    if row.unread:
        raise RuleError("unread", "；".join(each.rstrip("。") for each in row.unread.values()))
    if not row.number:
        raise RuleError("waybill_missing", "请填写“单号”")


def _whose(desk: CourierDesk, known: _Known, row: CourierRow) -> Named:
    """Return the graduate a row names; raise RuleError where it names none, or two."""
    cohort = row.cohort or desk.cohort
    found = [known.by_transfer.get(row.transfer_number)] if row.transfer_number else []
    if row.student_number:
        found.append(known.by_number.get((cohort, row.student_number)))
    if not found:
        raise RuleError("nobody_named", "请填写“学号”“转递编号”或“转档字号”")
    first = found[0]
    if first is None or any(each is None for each in found):
        sentence = f"{cohort} 届没有这位毕业生，或不在您的管理范围内"
        raise RuleError("graduate_not_found", sentence)
    if any(each is not None and each.id != first.id for each in found):
        raise RuleError("named_twice", "转递编号与学号不是同一位毕业生")
    if row.name and compared_name(row.name) != compared_name(first.name):
        raise RuleError("name_differs", "姓名与学校登记的不一致")
    return first


def _weigh(
    desk: CourierDesk, judged: JudgedRow, row: CourierRow, her: Named, found: Posting | None
) -> None:
    """Say what a row notes of a graduate whose file stands so; raise RuleError for what it may not.

    A row that says what is noted already is skipped, so that the same list does no harm twice.
    """
    if found is not None and found.number == row.number:
        _weigh_known(desk, judged, row, found)
        return
    if row.posted_on is None:
        raise RuleError("day_missing", "请填写“寄出日期”")
    noting.refuse_posting(found)
    if her.registration_id is None:
        raise noting.nothing_registered()
    noting.refuse_staying(her.file_type)
    receiver = directory.registered(her)
    if not receiver.unit:
        raise RuleError("receiver_missing", "登记信息中没有收档单位，请更正登记后再上传")
    waybill.refuse_posted_on(row.posted_on, her.year, desk.room.today)
    _refuse_received(desk, row, row.posted_on)
    bill = Waybill(row.way or desk.way, row.number, row.posted_on)
    judged.file = FileToPost(her.id, her.key, her.year, bill, receiver, row.received_on)
    judged.planned.unit = receiver.unit
    judged.planned.does = "寄出、签收" if row.received_on else "寄出"
    judged.planned.odd += _oddities(bill)


def _oddities(bill: Waybill) -> Iterator[str]:
    if bill.way is PostingWay.EMS and waybill.has_slip(bill.number):
        yield "单号校验位不符，请核对"


def _weigh_known(desk: CourierDesk, judged: JudgedRow, row: CourierRow, found: Posting) -> None:
    """Say what a row notes of a posting that it names by its number."""
    judged.planned.unit = found.unit
    if row.posted_on not in {None, found.posted_on}:
        sentence = f"同一单号已登记的寄出日期为 {found.posted_on:%Y-%m-%d}，请核对"
        raise RuleError("day_differs", sentence)
    if row.received_on is None or row.received_on == found.received_on:
        judged.planned.outcome = CourierOutcome.REPEATED
        judged.planned.why = "内容与已登记的一致，没有重复登记"
        return
    if found.state == PostingState.RETURNED:
        raise RuleError("came_back", "已登记退件，如实际已签收请先撤销退件登记")
    if found.state == PostingState.RECEIVED:
        sentence = f"已登记的签收日期为 {found.received_on:%Y-%m-%d}，请核对"
        raise RuleError("day_differs", sentence)
    _refuse_received(desk, row, found.posted_on)
    judged.received = (found.id, row.received_on)
    judged.planned.does = "签收"


def _refuse_received(desk: CourierDesk, row: CourierRow, posted_on: date) -> None:
    if row.received_on is not None:
        waybill.refuse_arrival(
            row.received_on, posted_on, desk.room.today, "签收日期", "received_on"
        )


def _known(session: Session, vault: Vault, desk: CourierDesk, rows: Sequence[CourierRow]) -> _Known:
    numbers = sorted({each.student_number for each in rows if each.student_number})
    cohorts = {each.cohort or desk.cohort for each in rows}
    named = session.execute(
        _graduates(desk).where(
            Graduate.year.in_(sorted(cohorts)),
            one_of_texts(session, Graduate.student_number, numbers),
        )
    ).all()
    by_transfer = _by_transfer(session, vault, desk, rows)
    ids = {each.id for each in (*named, *by_transfer.values())}
    by_number = {(each.year, each.student_number): each for each in named}
    return _Known(by_number, by_transfer, noting.standing_of(session, sorted(ids)))


def _graduates(desk: CourierDesk) -> Any:  # noqa: ANN401 - a select of a dozen columns
    return (
        select(
            *(Graduate.id, Graduate.key, Graduate.year, Graduate.student_number, Graduate.name),
            *(Graduate.registration_id, Registration.file_type, Registration.file_location),
            *(getattr(Registration, source) for source in directory.FIELDS.values()),
        )
        .outerjoin(Registration, Registration.id == Graduate.registration_id)
        .where(within(desk.room.scope))
    )


def _by_transfer(
    session: Session, vault: Vault, desk: CourierDesk, rows: Sequence[CourierRow]
) -> dict[str, Named]:
    indexes = {
        index: each.transfer_number
        for each in rows
        if each.transfer_number
        for index in issuing.number_indexes(vault, each.transfer_number)
    }
    if not indexes:
        return {}
    issued = session.execute(
        select(IssuedNumber.number_index, IssuedNumber.graduate_id).where(
            one_of_texts(session, IssuedNumber.number_index, sorted(indexes)),
            IssuedNumber.issue == Issue.TRANSFER,
            IssuedNumber.kind == Kind.FILE,
        )
    ).all()
    owners = {indexes[index]: ident for index, ident in issued}
    mine = one_of(session, Graduate.id, sorted(set(owners.values())))
    found = {each.id: each for each in session.execute(_graduates(desk).where(mine))}
    return {number: found[ident] for number, ident in owners.items() if ident in found}
