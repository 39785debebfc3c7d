"""Noting that files were posted, came in or came back; each act is kept in the audit log.

Whoever posts many at once holds the graduates' locks (`registry.record.in_force.lock`) as these
functions take them, so that what was seen of them still holds when it is written.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from registry.accounts import audit
from registry.accounts.audit import AuditRecord
from registry.base.bulk_rows import insert_rows
from registry.base.database import one_of
from registry.base.errors import NotFound, RuleError
from registry.base.moves import move
from registry.base.written_reason import written_reason
from registry.codes import transfer_types
from registry.numbers import service
from registry.numbers.posting import waybill
from registry.numbers.posting.directory import FileReceiver
from registry.numbers.posting.states import (
    POSTING,
    POSTING_TITLES,
    STANDING,
    WAY_TITLES,
    PostingEvent,
    PostingState,
    PostingWay,
)
from registry.numbers.posting.tables import Posting
from registry.numbers.posting.waybill import Waybill
from registry.record import in_force
from registry.record.scope import Scope, within
from registry.record.tables import Graduate, Registration


@dataclass(frozen=True)
class PostRoom:
    """For which part of which school files are posted, who notes it, and when."""

    scope: Scope
    by: str
    """`staff:<key>`."""
    at: datetime

    @property
    def today(self) -> date:
        """Return the day in Asia/Shanghai."""
        return service.today(self.at)


@dataclass(frozen=True)
class FileToPost:
    """A graduate's file, how it was sent and to whom."""

    graduate_id: int
    key: str
    """The graduate's."""
    cohort: int
    waybill: Waybill
    receiver: FileReceiver
    received_on: date | None = None
    """Where its arrival is noted with it."""


def post(
    session: Session, room: PostRoom, key: str, bill: Waybill, receiver: FileReceiver
) -> Posting:
    """Note that a graduate's file was posted; noted twice, the second time changes nothing.

    Raises NotFound, or RuleError `nothing_registered`, `file_stays`, `receiver_missing`,
    `already_posted`, or as `waybill.refuse_posted_on` does.
    """
    graduate = _find_graduate(session, room.scope, key)
    in_force.lock(session, room.scope.school_id, [graduate.id])
    found = standing_of(session, [graduate.id]).get(graduate.id)
    if found is not None and is_same(found, bill):
        return found
    refuse_posting(found)
    refuse_staying(_registered(session, graduate))
    if not receiver.unit:
        raise RuleError("receiver_missing", "请填写收档单位。", "unit")
    waybill.refuse_posted_on(bill.posted_on, graduate.cohort, room.today)
    file = FileToPost(graduate.id, graduate.key, graduate.cohort, bill, receiver)
    post_all(session, room, [file])
    return standing_of(session, [graduate.id])[graduate.id]


def _find_graduate(session: Session, scope: Scope, key: str) -> Graduate:
    found = session.scalar(select(Graduate).where(within(scope), Graduate.key == key))
    if found is None:
        raise NotFound("毕业生")
    return found


def _registered(session: Session, graduate: Graduate) -> str:
    """Return the type of file transfer in force; raise RuleError where nothing is."""
    if graduate.registration_id is None:
        raise nothing_registered()
    return session.get_one(Registration, graduate.registration_id).file_type


def nothing_registered() -> RuleError:
    """Return the refusal of a file nobody has said of where it goes."""
    return RuleError("nothing_registered", "尚未上报去向，不能登记寄送。")


def is_same(found: Posting, bill: Waybill) -> bool:
    """Say whether a posting is the one a waybill is of."""
    return (found.way, found.number, found.posted_on) == (bill.way, bill.number, bill.posted_on)


def refuse_staying(file_type: str) -> None:
    """Raise RuleError `file_stays` for a file that does not leave the school."""
    kind = transfer_types.file_type(file_type)
    if kind is not None and kind.stays:
        raise RuleError("file_stays", f"档案转递类型为“{file_type}”，不用寄送。")


def refuse_posting(found: Posting | None) -> None:
    """Raise RuleError `already_posted` where a file is on its way or has come in."""
    if found is not None and found.state != PostingState.RETURNED:
        way = WAY_TITLES[PostingWay(found.way)]
        sentence = (
            f"已登记寄送：{found.posted_on:%Y-%m-%d} 通过{way}寄出，单号 {found.number}，"
            f"{POSTING_TITLES[PostingState(found.state)]}。填错的请先删除那一次寄送。"
        )
        raise RuleError("already_posted", sentence)


def standing_of(session: Session, ids: Sequence[int]) -> dict[int, Posting]:
    """Return the posting that says where a file is, by graduate (id)."""
    wanted = select(Posting).where(
        one_of(session, Posting.graduate_id, ids), Posting.state.in_(sorted(STANDING))
    )
    found = session.scalars(wanted.execution_options(populate_existing=True))
    return {each.graduate_id: each for each in found}


def post_all(session: Session, room: PostRoom, files: Sequence[FileToPost]) -> None:
    """Note that files were posted, of graduates who are locked and have nothing on its way."""
    ids = [each.graduate_id for each in files]
    _move(session, PostingEvent.POST_AGAIN, one_of(session, Posting.graduate_id, ids))
    insert_rows(session, Posting, [_row(room, each) for each in files])
    _note(session, room, "file_posted", {each.key: _said(each) for each in files})
    came_in = {each.graduate_id: each.received_on for each in files if each.received_on}
    if came_in:
        posted = standing_of(session, list(came_in))
        receive_all(session, room, {posted[one].id: day for one, day in came_in.items()})


def _row(room: PostRoom, file: FileToPost) -> dict[str, Any]:
    to, bill = file.receiver, file.waybill
    return {
        "graduate_id": file.graduate_id,
        "school_id": room.scope.school_id,
        "cohort": file.cohort,
        **vars(bill),
        **vars(to),
        "noted_by": room.by,
        "noted_at": room.at,
    }


def _said(file: FileToPost) -> dict[str, str]:
    bill = file.waybill
    return {
        "way": WAY_TITLES[bill.way],
        "number": bill.number,
        "posted_on": bill.posted_on.isoformat(),
        "unit": file.receiver.unit,
    }


def receive(session: Session, room: PostRoom, key: str, day: date) -> Posting:
    """Note that a posting came in; noted twice, the second time changes nothing.

    Raises NotFound, or RuleError `posting_moved_on`, or as `waybill.refuse_arrival` does.
    """
    found = find(session, room.scope, key)
    if found.state == PostingState.RECEIVED and found.received_on == day:
        return found
    waybill.refuse_arrival(day, found.posted_on, room.today, "签收日期", "received_on")
    if not receive_all(session, room, {found.id: day}):
        raise moved_on()
    session.refresh(found)
    return found


def receive_all(session: Session, room: PostRoom, days: Mapping[int, date]) -> Collection[int]:
    """Note on which day postings (by id) came in; return which did."""
    by_day = defaultdict[date, list[int]](list)
    for ident, day in days.items():
        by_day[day].append(ident)
    moved = set[int]()
    for day, ids in by_day.items():
        those = one_of(session, Posting.id, ids)
        moved |= set(_settle(session, room, PostingEvent.RECEIVE, those, received_on=day))
    said = {
        name: {"received_on": days[ident].isoformat()}
        for ident, name in _names(session, moved).items()
    }
    _note(session, room, "file_received", said)
    return moved


def come_back(session: Session, room: PostRoom, key: str, day: date, reason: str) -> Posting:
    """Note that a posting came back; raises as `receive` does, and `reason_missing`."""
    found = find(session, room.scope, key)
    why = written_reason(reason, "请填写退件原因。")
    if (found.state, found.returned_on, found.reason) == (PostingState.RETURNED, day, why):
        return found
    waybill.refuse_arrival(day, found.posted_on, room.today, "退件日期", "returned_on")
    values = {"returned_on": day, "reason": why}
    return _act(session, room, found, PostingEvent.RETURN, "file_returned", values)


def take_back(session: Session, room: PostRoom, key: str) -> Posting:
    """Take back what was noted of a posting's arrival; raises as `receive` does."""
    found = find(session, room.scope, key)
    values = {"received_on": None, "returned_on": None, "reason": ""}
    return _act(session, room, found, PostingEvent.TAKE_BACK, "file_arrival_withdrawn", values)


def remove(session: Session, room: PostRoom, key: str, reason: str) -> Posting:
    """Remove a posting that was noted by mistake: what it took the place of stands again.

    Raises as `come_back` does.
    """
    found = find(session, room.scope, key)
    why = written_reason(reason, "请填写删除原因。")
    in_force.lock(session, room.scope.school_id, [found.graduate_id])
    _act(session, room, found, PostingEvent.REMOVE, "file_posting_removed", {"reason": why})
    last = (
        select(Posting.id)
        .where(Posting.graduate_id == found.graduate_id, Posting.state == PostingState.RESENT)
        .order_by(Posting.id.desc())
        .limit(1)
    )
    _move(session, PostingEvent.REINSTATE, Posting.id == last.scalar_subquery())
    return found


def _act(
    session: Session,
    room: PostRoom,
    found: Posting,
    event: PostingEvent,
    action: str,
    values: Mapping[str, Any],
) -> Posting:
    """Move one posting, and keep in the log who did; raise RuleError `posting_moved_on`."""
    if not _settle(session, room, event, Posting.id == found.id, **values):
        raise moved_on()
    session.refresh(found)
    written = {name: str(value) for name, value in values.items() if value}
    said = {"number": found.number, **written}
    _note(session, room, action, dict.fromkeys(_names(session, [found.id]).values(), said))
    return found


def _settle(
    session: Session,
    room: PostRoom,
    event: PostingEvent,
    those: ColumnElement[bool],
    **values: Any,  # noqa: ANN401 - columns of the same row
) -> Sequence[int]:
    return _move(session, event, those, settled_by=room.by, settled_at=room.at, **values)


def _move(
    session: Session,
    event: PostingEvent,
    those: ColumnElement[bool],
    **values: Any,  # noqa: ANN401 - columns of the same row
) -> Sequence[int]:
    return move(session, POSTING, Posting.state, event, those, **values)


def moved_on() -> RuleError:
    """Return the refusal of an act on a posting that does not wait for it any more."""
    return RuleError("posting_moved_on", "寄送状态刚刚有变化，请看最新情况后再操作。")


def find(session: Session, scope: Scope, key: str) -> Posting:
    """Return a posting of a graduate of the scope; raise NotFound for others'."""
    wanted = (
        select(Posting)
        .join(Graduate, Graduate.id == Posting.graduate_id)
        .where(within(scope), Posting.key == key)
    )
    found = session.scalar(wanted)
    if found is None:
        raise NotFound("寄送记录")
    return found


def _names(session: Session, ids: Collection[int]) -> dict[int, str]:
    """Return whose postings (by id) are, by the graduate's key."""
    wanted = (
        select(Posting.id, Graduate.key)
        .join(Graduate, Graduate.id == Posting.graduate_id)
        .where(one_of(session, Posting.id, sorted(ids)))
    )
    return dict(session.execute(wanted).all())


def _note(
    session: Session, room: PostRoom, action: str, said: Mapping[str, Mapping[str, str]]
) -> None:
    """Keep in the log what was done for whom, by the graduate's key."""
    blank = AuditRecord(room.by, action, "", room.scope.school_id)
    records = [
        replace(blank, subject=f"{audit.GRADUATE}{key}", details=dict(details))
        for key, details in said.items()
    ]
    audit.note_all(session, records, room.at)
