"""What happened here to graduates of a province, for its system to read: nothing skipped or twice.

A number is taken inside the writing transaction, last, under the lock of the province's row: a
sequence would give numbers that become visible in another order, and a reader would pass some by.
Each entry says how she stood then, so that a page read twice converges. A cursor names the
database's epoch: one of another database is refused instead of being read wrongly.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from registry.accounts.school_tables import School
from registry.base import retention
from registry.base.bulk_rows import insert_rows
from registry.base.database import one_of
from registry.base.errors import RuleError
from registry.interface.tables import FeedChange, FeedHead, SourceRecord
from registry.record import events
from registry.record.events import RecordEvent
from registry.record.tables import Answer, Graduate

MOST = 1000
"""Entries of one page."""
_CURSOR = re.compile(r"c1\.([0-9a-z]{1,32})\.([0-9]{1,18})", re.ASCII)


class ChangeKind(StrEnum):
    """What happened."""

    CONFIRMED = "confirmed"
    DISPUTED = "disputed"
    DISPUTE_WITHDRAWN = "dispute_withdrawn"
    VOID_ASKED = "void_asked"
    NUMBERS_LAPSED = "numbers_lapsed"
    REVIEW_DECIDED = "review_decided"


_BY_ANSWER = {
    Answer.CORRECT: ChangeKind.CONFIRMED,
    Answer.WRONG: ChangeKind.DISPUTED,
    Answer.WITHDRAWN: ChangeKind.DISPUTE_WITHDRAWN,
}


@dataclass(frozen=True)
class Entry:
    """Something that is to be numbered."""

    kind: ChangeKind
    graduate_id: int
    at: datetime
    facts: Mapping[str, Any]
    """What is said of this kind besides."""


@dataclass(frozen=True)
class FeedPage:
    """Some entries, in their order, and the cursor behind the last."""

    items: Sequence[FeedChange]
    next: str
    more: bool


def write(session: Session, happened: Sequence[RecordEvent]) -> None:
    """Write what happened for provinces that have a key: the last writing of a transaction."""
    entries = [entry for each in happened for entry in _entries(each)]
    if not entries:
        return
    session.flush()  # what is written later would be waited for under the province's lock
    said = _said(session, {each.graduate_id for each in entries})
    provinces = sorted({province for province, _ in said.values()})
    for province in provinces:
        theirs = {ident: facts for ident, (each, facts) in said.items() if each == province}
        numbered = [each for each in entries if each.graduate_id in theirs]
        _number(session, province, numbered, theirs)


def _entries(happened: RecordEvent) -> Iterator[Entry]:
    match happened:
        case events.ConfirmationAnswered():
            kind = _BY_ANSWER[Answer(happened.answer)]
            facts = {"items": list(happened.items)} if happened.items else {}
            yield Entry(kind, happened.graduate_id, happened.at, facts)
        case events.VoidAsked():
            yield Entry(ChangeKind.VOID_ASKED, happened.graduate_id, happened.at, {})
        case events.NumbersLapsed():
            for ident, kinds in happened.kinds.items():
                facts = {"numbers": list(kinds)}
                yield Entry(ChangeKind.NUMBERS_LAPSED, ident, happened.at, facts)
        case events.ReviewDecided():
            for each in happened.decisions:
                decided = {"purpose": each.purpose, "passed": each.passed, "closed": each.closed}
                said = {**decided, "level": happened.level}
                yield Entry(ChangeKind.REVIEW_DECIDED, each.graduate_id, happened.at, said)
        case _:
            pass


def _said(session: Session, ids: set[int]) -> dict[int, tuple[str, dict[str, Any]]]:
    """Return the province of each graduate who has one with a feed, and how she stands now."""
    standing = (SourceRecord.graduate_id == Graduate.id) & ~SourceRecord.void
    rows = session.execute(
        select(
            Graduate.id,
            School.province,
            School.code.label("yxdm"),
            Graduate.year.label("byjc"),
            Graduate.candidate_number.label("ksh"),
            Graduate.student_number.label("xh"),
            Graduate.confirmation,
            SourceRecord.source_id,
            SourceRecord.version,
        )
        .join(School, School.id == Graduate.school_id)
        .join(FeedHead, FeedHead.province == School.province)
        .outerjoin(SourceRecord, standing)
        .where(one_of(session, Graduate.id, sorted(ids)))
    )
    return {
        row.id: (
            row.province,
            {
                "source_id": row.source_id,
                "version": row.version,
                "yxdm": row.yxdm,
                "byjc": str(abs(row.byjc)),
                "ksh": row.ksh,
                "xh": row.xh,
                "confirmation": row.confirmation,
            },
        )
        for row in rows
    }


def _number(
    session: Session,
    province: str,
    entries: Sequence[Entry],
    said: Mapping[int, Mapping[str, Any]],
) -> None:
    """Take numbers, waiting for whoever took the ones before, and write the entries."""
    last = session.scalars(
        update(FeedHead)
        .where(FeedHead.province == province)
        .values(seq=FeedHead.seq + len(entries))
        .returning(FeedHead.seq)
        .execution_options(synchronize_session=False)
    ).one()
    rows = [
        {
            "province": province,
            "seq": seq,
            "kind": each.kind,
            "graduate_id": each.graduate_id,
            "said": {**said[each.graduate_id], **each.facts},
            "at": each.at,
        }
        for seq, each in enumerate(entries, last - len(entries) + 1)
    ]
    insert_rows(session, FeedChange, rows)


def read(session: Session, province: str, after: str | None, limit: int, at: datetime) -> FeedPage:
    """Return the entries behind a cursor, from the first that is kept where none is given.

    That the cursor was sent says that all before it is stored. Raises RuleError `cursor_unknown`
    for one of another database or from the future, `cursor_expired` where entries behind it were
    deleted.
    """
    head = session.scalar(select(FeedHead).where(FeedHead.province == province))
    assert head is not None  # begun with the province's first key
    seq = head.floor if after is None else _place(head, after)
    items = session.scalars(
        select(FeedChange)
        .where(FeedChange.province == province, FeedChange.seq > seq)
        .order_by(FeedChange.seq)
        .limit(limit + 1)
    ).all()
    shown = items[:limit]
    last = shown[-1].seq if shown else seq
    if after is not None:
        _note_reading(session, province, seq, at)
    return FeedPage(shown, f"c1.{head.epoch}.{last}", len(items) > limit)


def _place(head: FeedHead, cursor: str) -> int:
    found = _CURSOR.fullmatch(cursor)
    if found is None or found[1] != head.epoch or int(found[2]) > head.seq:
        sentence = "游标不属于本系统当前的数据，请先核对全部记录的状态，再从新的游标开始读取。"
        raise RuleError("cursor_unknown", sentence, "after")
    if int(found[2]) < head.floor:
        sentence = (
            "游标之后的部分内容已超过保存期限，请先核对全部记录的状态，再从新的游标开始读取。"
        )
        raise RuleError("cursor_expired", sentence, "after")
    return int(found[2])


def _note_reading(session: Session, province: str, seq: int, at: datetime) -> None:
    session.execute(
        update(FeedHead)
        .where(FeedHead.province == province)
        .values(read_seq=seq, read_at=at)
        .execution_options(synchronize_session=False)
    )


def forget_old(session: Session, at: datetime) -> None:
    """Delete entries that are kept long enough, and remember up to where."""
    old = FeedChange.at < at - retention.FEED
    lasts = session.execute(
        select(FeedChange.province, func.max(FeedChange.seq))
        .where(old)
        .group_by(FeedChange.province)
    ).all()
    for province, last in lasts:
        session.execute(
            update(FeedHead)
            .where(FeedHead.province == province)
            .values(floor=last)
            .execution_options(synchronize_session=False)
        )
        session.execute(
            delete(FeedChange)
            .where(FeedChange.province == province, FeedChange.seq <= last)
            .execution_options(synchronize_session=False)
        )
