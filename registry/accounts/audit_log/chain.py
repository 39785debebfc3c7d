"""The chain over the audit log: links of up to a thousand rows, each hashed with the one before.

Rows are chained some seconds after they were written, by one duty of the clockwork, so that whoever
writes a row waits for nobody. A link names its rows one by one: numbers are given out in another
order than transactions are committed in, and some are never used. A row that comes late (its
transaction took long) is in a later link, up to LATE after those beside it; one that comes later
still was put there by somebody, and verification says so.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from sqlalchemy import delete, func, select, text
from sqlalchemy.orm import Session, sessionmaker

from registry.accounts import attempts, audit
from registry.accounts.audit import AuditRecord
from registry.accounts.audit_log.tables import AuditDetail, AuditLink
from registry.accounts.tables import AuditEntry
from registry.base.database import is_sqlite, one_of

ROWS = 1000
"""Of a link at the most."""
LATE = timedelta(hours=1)
"""How long a transaction may have a row's number before it is committed."""
FIRST = "0" * 64
"""What the first link names as the hash of the one before."""
_ID_BYTES, _HASH_BYTES = 8, 32
_TURN = attempts.turn_of("audit chain", "")


@dataclass(frozen=True)
class ChainHead:
    """The newest link: what is written elsewhere, so that a chain made anew is noticed."""

    link: int
    hash: str
    total: int
    """Rows in the whole chain."""
    at: datetime


def head(session: Session) -> ChainHead | None:
    """Return the newest link; None before there is one."""
    found = _newest(session)
    return ChainHead(found.id, found.hash, found.total, found.at) if found else None


def oldest_unchained(session: Session) -> datetime | None:
    """Return when the oldest row behind the chain's head was written; None where none waits."""
    newest = _newest(session)
    last = newest.last_entry if newest else 0
    return session.scalar(select(func.min(AuditEntry.at)).where(AuditEntry.id > last))


def extend(session: Session, at: datetime, *, late: bool = True) -> int:
    """Chain what is not yet chained as one link; return how many rows, 0 for none.

    Rows that came late are looked for where `late` says so: that reads the links of an hour.
    Whoever else does it at the same moment comes after, and finds less.
    """
    attempts.take_turns(session, [_TURN])
    newest = _newest(session)
    rows = _unchained(session, newest, at if late else None)
    if not rows:
        return 0
    _add(session, newest, at, rows)
    return len(rows)


def extend_all(sessions: sessionmaker[Session], at: datetime) -> int:
    """Chain all there is, a short transaction a link; return how many rows."""
    done = rows = 0
    while not done or rows == ROWS:
        with sessions.begin() as session:
            rows = extend(session, at, late=not done)
        done += rows
        if not rows:
            break
    return done


def row_hash(row: AuditEntry) -> bytes:
    """Return the SHA-256 of a row: of every column, in this order, as JSON."""
    values = [
        *(row.id, row.at.isoformat(timespec="microseconds"), row.actor, row.action, row.subject),
        *(row.school_id, row.province, row.address, row.device, row.people, row.details),
        row.detail,
    ]
    return hashlib.sha256(audit.canonical(values).encode()).digest()


def link_hash(link: AuditLink) -> str:
    """Return the hash of a link: of every column but itself."""
    values = [
        *(link.id, link.at.isoformat(timespec="microseconds"), link.first_entry, link.last_entry),
        *(link.entries, link.total, hashlib.sha256(link.members).hexdigest()),
        *(link.forgotten, link.forgotten_hash, link.previous),
    ]
    return hashlib.sha256(audit.canonical(values).encode()).hexdigest()


def packed(rows: Sequence[AuditEntry]) -> bytes:
    """Return the members of a link: 8 bytes of the id and 32 of the hash, by id."""
    ordered = sorted(rows, key=lambda row: row.id)
    return b"".join(row.id.to_bytes(_ID_BYTES, "big") + row_hash(row) for row in ordered)


def members_of(link: AuditLink) -> dict[int, bytes]:
    """Return id and hash of each row of a link."""
    size = _ID_BYTES + _HASH_BYTES
    pieces = (link.members[start : start + size] for start in range(0, len(link.members), size))
    return {int.from_bytes(each[:_ID_BYTES], "big"): each[_ID_BYTES:] for each in pieces}


def unchained(session: Session) -> tuple[int, datetime | None]:
    """Return how many rows wait for their link, and when the oldest was written."""
    newest = _newest(session)
    last = newest.last_entry if newest else 0
    row = session.execute(
        select(func.count(), func.min(AuditEntry.at)).where(AuditEntry.id > last)
    ).one()
    return row[0], row[1]


def forget(session: Session, before: datetime, at: datetime) -> int:
    """Delete the oldest links whose rows are all older than a moment; return how many rows went.

    As many as one transaction should: call it until it returns 0. A link without rows says which
    were deleted, so the chain that is left stays whole. Raises what the database does where a row
    is younger than six months.
    """
    attempts.take_turns(session, [_TURN])
    newest = _newest(session)
    gone = list(islice(_over(session, before, newest), 10))
    if not gone or newest is None:
        return 0
    numbers = [number for link in gone for number in members_of(link)]
    _delete(session, [each.id for each in gone], numbers)
    last = gone[-1]
    _add(session, newest, at, forgotten=last)
    said = {"rows": len(numbers), "before": before.isoformat()}
    audit.note(session, AuditRecord(audit.SYSTEM, "audit_forgotten", "audit", None, said), at)
    return len(numbers)


def _over(session: Session, before: datetime, newest: AuditLink | None) -> Iterator[AuditLink]:
    """Yield the links from the oldest on that are over; never the newest."""
    links = session.scalars(select(AuditLink).order_by(AuditLink.id).limit(11))
    for link in links:
        youngest = session.scalar(
            select(func.max(AuditEntry.at)).where(
                one_of(session, AuditEntry.id, list(members_of(link)))
            )
        )
        if link is newest or link.at >= before or (youngest and youngest >= before):
            return
        yield link


def _delete(session: Session, links: Sequence[int], entries: Sequence[int]) -> None:
    """Delete links and rows: on PostgreSQL by a function that has the right to."""
    if not is_sqlite(session):
        numbers = {"links": list(links), "entries": list(entries)}
        session.execute(text("SELECT audit_forget(:links, :entries)"), numbers)
        return
    details = select(AuditEntry.detail).where(one_of(session, AuditEntry.id, entries))
    for table, condition in (
        (AuditDetail, AuditDetail.digest.in_(details)),
        (AuditEntry, one_of(session, AuditEntry.id, entries)),
        (AuditLink, one_of(session, AuditLink.id, links)),
    ):
        wanted = delete(table).where(condition)
        session.execute(wanted.execution_options(synchronize_session=False))


def _newest(session: Session) -> AuditLink | None:
    return session.scalar(select(AuditLink).order_by(AuditLink.id.desc()).limit(1))


def _unchained(
    session: Session, newest: AuditLink | None, at: datetime | None
) -> Sequence[AuditEntry]:
    """Return the rows after the newest link, after those beside it that came late by `at`."""
    last = newest.last_entry if newest else 0
    wanted = select(AuditEntry).order_by(AuditEntry.id).limit(ROWS)
    missing = _missing(session, last, at) if newest and at else []
    late = session.scalars(wanted.where(one_of(session, AuditEntry.id, missing))).all()
    new = session.scalars(wanted.where(AuditEntry.id > last)).all()
    return [*late, *new][:ROWS]


def _missing(session: Session, last: int, at: datetime) -> Sequence[int]:
    """Return the numbers that the links of the last hour passed over: rows of them may yet come."""
    settled = select(func.max(AuditLink.last_entry)).where(AuditLink.at <= at - LATE)
    low = (session.scalar(settled) or 0) + 1
    numbers = set(range(low, last + 1))
    for link in session.scalars(select(AuditLink).where(AuditLink.last_entry >= low)):
        numbers.difference_update(members_of(link))
    return sorted(numbers)


def _add(
    session: Session,
    newest: AuditLink | None,
    at: datetime,
    rows: Sequence[AuditEntry] = (),
    forgotten: AuditLink | None = None,
) -> None:
    """Add the next link."""
    numbers = [each.id for each in rows]
    link = AuditLink(
        id=newest.id + 1 if newest else 1,
        at=at,
        first_entry=min(numbers, default=0),
        last_entry=max([*numbers, newest.last_entry if newest else 0]),
        entries=len(numbers),
        total=(newest.total if newest else 0) + len(numbers),
        members=packed(rows),
        forgotten=forgotten.id if forgotten else None,
        forgotten_hash=forgotten.hash if forgotten else None,
        previous=newest.hash if newest else FIRST,
    )
    link.hash = link_hash(link)
    session.add(link)
    session.flush()
