"""A receiver looks a number up: name and number, or the link in the QR code.

One question to the database whatever comes; whoever has no right answer learns nothing from it:
unknown, mistyped, another's name, lapsed, run out and revoked look alike, and take alike.
"""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, bindparam, func, insert, select, true
from sqlalchemy.orm import Session

from registry.accounts.tables import Staff
from registry.base.crypto import Vault
from registry.base.database import BigId
from registry.base.detached import read_rows
from registry.base.text import compared_name
from registry.numbers import issuing, report, service, shape
from registry.numbers.sealed_number import link_hash
from registry.numbers.shape import Issue, Kind
from registry.numbers.states import NumberState
from registry.numbers.tables import IssuedNumber, Lookup, Result

_NOBODY = "无此人"


@dataclass(frozen=True)
class Finding:
    """What a lookup found; `number` only where the result is SHOWN."""

    result: Result
    number: IssuedNumber | None = None
    about: int | None = None
    """The id of the number it was about, for the log; also where nothing is shown of it."""
    kind: Kind | None = None
    """What that number shows; None where no number was found."""

    @property
    def shown(self) -> Sequence[report.Shown]:
        """Return the blocks of the report, where there is one to show."""
        if self.number is None:
            return []
        return report.blocks(self.number.snapshot, Kind(self.number.kind))


@dataclass(frozen=True)
class Receiver:
    """Who looked up: from where, by what, and with which account if any."""

    address_index: str
    by_link: bool = False
    account: str = ""


@dataclass(frozen=True)
class ListEntry:
    """A name and a number, as a receiver wrote them into a list."""

    name: str
    number: str


@dataclass(frozen=True)
class Viewed:
    """How often a graduate's numbers were looked up with success, and when last."""

    times: int
    last: datetime | None


def by_number(
    session: Session, vault: Vault, kind: Kind, name: str, entered: str, at: datetime
) -> Finding:
    """Look up a number of a kind under a name; nothing mistyped reaches the database."""
    read = shape.read(entered)
    if read is None:
        return Finding(Result.MALFORMED)
    indexes = issuing.number_indexes(vault, read.number)
    row = _find(session, IssuedNumber.number_index.in_(indexes))
    return _judged(row, kind, name, at)


def by_list(
    session: Session, vault: Vault, kind: Kind, lines: Sequence[ListEntry], at: datetime
) -> list[Finding]:
    """Look up the lines of a list, all by one query; the findings are in their order."""
    read = [shape.read(each.number) for each in lines]
    indexes = [issuing.number_indexes(vault, each.number) if each else () for each in read]
    wanted = {index for each in indexes for index in each}
    rows = session.scalars(select(IssuedNumber).where(IssuedNumber.number_index.in_(wanted)))
    found = {row.number_index: row for row in rows}
    return [
        _judged(_first(found, each), kind, line.name, at) if each else Finding(Result.MALFORMED)
        for line, each in zip(lines, indexes, strict=True)
    ]


def _first(found: Mapping[str, IssuedNumber], indexes: Sequence[str]) -> IssuedNumber | None:
    return next((found[each] for each in indexes if each in found), None)


def by_link(session: Session, token: str, at: datetime) -> Finding:
    """Look up the link of a QR code: holding it is the proof."""
    row = _find(session, IssuedNumber.link_hash == link_hash(token))
    return Finding(Result.UNKNOWN) if row is None else _finding(row, at)


def _judged(row: IssuedNumber | None, kind: Kind, name: str, at: datetime) -> Finding:
    """Say what a row is worth to who gave this name; a missing row takes the same work."""
    holder = row.snapshot["name"] if row is not None else _NOBODY
    named = hmac.compare_digest(compared_name(holder).encode(), compared_name(name).encode())
    if row is None or row.kind != kind:
        return Finding(Result.UNKNOWN)
    return _finding(row, at) if named else Finding(Result.WRONG_NAME, about=row.id, kind=kind)


def _find(session: Session, condition: ColumnElement[bool]) -> IssuedNumber | None:
    return session.scalar(select(IssuedNumber).where(condition))


def _finding(row: IssuedNumber, at: datetime) -> Finding:
    if row.standing == NumberState.GOOD and service.today(at) <= row.ends_on:
        return Finding(Result.SHOWN, row, row.id, Kind(row.kind))
    return Finding(Result.ENDED, None, row.id, Kind(row.kind))


def note(
    session: Session, kind: Kind | None, finding: Finding, receiver: Receiver, at: datetime
) -> None:
    """Keep that somebody looked up, and what came of it; no kind for a link that leads nowhere."""
    note_all(session, kind, [finding], receiver, at)


def note_all(
    session: Session,
    kind: Kind | None,
    findings: Sequence[Finding],
    receiver: Receiver,
    at: datetime,
) -> None:
    """Keep what came of the lines of a list."""
    common = {
        "kind": kind or "",
        "by_link": receiver.by_link,
        "address_index": receiver.address_index,
        "receiver": receiver.account,
        "at": at,
    }
    rows = [{**common, "number_id": each.about, "result": each.result} for each in findings]
    session.execute(insert(Lookup), rows)


_VIEWED = (
    select(IssuedNumber.kind, func.count(), func.max(Lookup.at))
    .join(Lookup, Lookup.number_id == IssuedNumber.id)
    .where(
        IssuedNumber.graduate_id == bindparam("graduate", type_=BigId),
        IssuedNumber.issue == bindparam("issue"),
        Lookup.result == Result.SHOWN,
    )
    .group_by(IssuedNumber.kind)
)
"""Made once: a page of each graduate asks."""


def viewed(session: Session, graduate_id: int, issue: Issue) -> dict[Kind, Viewed]:
    """Return how often each kind was looked up with success by numbers of an issue, all years'."""
    rows = read_rows(session, _VIEWED, {"graduate": graduate_id, "issue": issue})
    found = {Kind(kind): Viewed(times, last) for kind, times, last in rows}
    return {kind: found.get(kind, Viewed(0, None)) for kind in Kind}


class OwnView(NamedTuple):
    """One time that somebody saw a report of hers."""

    id: int
    at: datetime
    kind: str
    issue: str
    by_link: bool
    receiver: str
    """The name of an organisation with an account; empty for the public pages."""


def all_views(
    session: Session, graduate_id: int, limit: int, before: int | None = None
) -> Sequence[OwnView]:
    """Return when a graduate's numbers of any kind were looked up with success, newest first.

    `before` is the id of the row that the page comes after.
    """
    older = Lookup.id < before if before is not None else true()
    rows = session.execute(
        select(
            *(Lookup.id, Lookup.at, IssuedNumber.kind, IssuedNumber.issue, Lookup.by_link),
            func.coalesce(Staff.name, ""),
        )
        .join(IssuedNumber, IssuedNumber.id == Lookup.number_id)
        .outerjoin(Staff, Lookup.receiver == "staff:" + Staff.key)
        .where(IssuedNumber.graduate_id == graduate_id, Lookup.result == Result.SHOWN, older)
        .order_by(Lookup.id.desc())
        .limit(limit)
    )
    return [OwnView(*row) for row in rows]


def views(session: Session, graduate_id: int, kind: Kind, limit: int = 50) -> Sequence[Lookup]:
    """Return when a graduate's verification of a kind was looked up with success, newest first."""
    wanted = (
        select(Lookup)
        .join(IssuedNumber, IssuedNumber.id == Lookup.number_id)
        .where(
            IssuedNumber.graduate_id == graduate_id,
            IssuedNumber.issue == Issue.VERIFICATION,
            IssuedNumber.kind == kind,
            Lookup.result == Result.SHOWN,
        )
        .order_by(Lookup.id.desc())
        .limit(limit)
    )
    return session.scalars(wanted).all()
