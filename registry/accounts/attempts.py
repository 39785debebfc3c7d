"""Attempts that are counted to protect a person from guessing: slower each time, never shut out."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CompoundSelect,
    Integer,
    Select,
    String,
    bindparam,
    case,
    delete,
    func,
    insert,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from registry.accounts.tables import Attempt
from registry.base import retention
from registry.base.database import is_sqlite

WINDOW = timedelta(hours=1)
KEPT = retention.ATTEMPT
LOCK_DIGITS = 15
"""Of an index in hex: as many as fit into a lock's number."""

_FAILURES = (
    select(
        Attempt.subject,
        func.sum(case((Attempt.succeeded.is_(True), -1), else_=1)),
        func.max(case((Attempt.succeeded.is_(False), Attempt.at))),
    )
    .where(
        Attempt.purpose == bindparam("purpose"),
        Attempt.subject.in_(bindparam("subjects", expanding=True)),
        Attempt.at > bindparam("since"),
    )
    .group_by(Attempt.subject)
)
"""Built once: every sign-in, binding and lookup asks it."""


@dataclass(frozen=True)
class Limit:
    """How many failures in an hour are free, and how long the wait may grow after them.

    From `puzzle_from` failures on a puzzle is to be solved first: what strangers may do to
    somebody costs a puzzle, pauses follow only what the asker did.

    Attempts about one subject wait for each other, from `in_turn_from` failures on: not before,
    where a crowd shares the subject. The rest of `free` has to be more than are ever in flight.
    """

    free: int
    longest: timedelta
    in_turn_from: int = 0
    puzzle_from: int | None = None
    """None: no puzzle."""


@dataclass(frozen=True)
class Subject:
    """Whose failures count: a blind index, and the limit that holds for its kind."""

    index: str
    limit: Limit


def wait_of(limit: Limit, failures: int) -> timedelta:
    """Return the pause after this many failures: one second, doubled by each, up to the longest."""
    if failures < limit.free:
        return timedelta()
    doublings = min(failures - limit.free, 20)
    return min(timedelta(seconds=2**doublings), limit.longest)


@dataclass(frozen=True)
class WeighedAttempt:
    """What has to come before the next attempt."""

    until: datetime | None
    """When it may be made; None for now, and for this transaction alone."""
    puzzle: bool
    failures: Mapping[str, int]
    """How many of the hour count against each subject, by its index; none where there are none."""
    waits: Mapping[str, datetime]
    """The subjects, by index, of which none may be made yet, and until when."""


def wait_until(
    session: Session, purpose: str, subjects: Sequence[Subject], at: datetime
) -> datetime | None:
    """Return when the next attempt may be made, as `weigh` says it."""
    return weigh(session, purpose, subjects, at).until


def weigh(
    session: Session, purpose: str, subjects: Sequence[Subject], at: datetime
) -> WeighedAttempt:
    """Say what has to come before the next attempt.

    Attempts about a subject that come at the same moment are weighed one after another, each when
    the one before is counted, as `take_turns` says. Each success of the hour that was counted makes
    up for one failure of the same subject.
    """
    take_turns(session, [each.index for each in subjects if not each.limit.in_turn_from])
    failures = _failures(session, purpose, subjects, at)
    late = [each.index for each in subjects if _is_late(each, failures)]
    if late:
        take_turns(session, late)
        failures = _failures(session, purpose, subjects, at)
    ends = {
        each.index: failures[each.index][1] + wait_of(each.limit, failures[each.index][0])
        for each in subjects
        if each.index in failures
    }
    waits = {index: end for index, end in ends.items() if end > at}
    puzzle = any(_wants_a_puzzle(each, failures) for each in subjects)
    counts = {index: count for index, (count, _) in failures.items()}
    return WeighedAttempt(max(waits.values(), default=None), puzzle, counts, waits)


def _wants_a_puzzle(subject: Subject, failures: Mapping[str, tuple[int, datetime]]) -> bool:
    count, _ = failures.get(subject.index, (0, None))
    return subject.limit.puzzle_from is not None and count >= subject.limit.puzzle_from


def _is_late(subject: Subject, failures: Mapping[str, tuple[int, datetime]]) -> bool:
    """Say whether attempts about a subject that a crowd shares begin to take turns now."""
    count, _ = failures.get(subject.index, (0, None))
    return 0 < subject.limit.in_turn_from <= count


def _failures(
    session: Session, purpose: str, subjects: Sequence[Subject], at: datetime
) -> dict[str, tuple[int, datetime]]:
    """Return how many failures of the hour count against each subject, and when the last was."""
    indexes = [each.index for each in subjects]
    values = {"purpose": purpose, "subjects": indexes, "since": at - WINDOW}
    rows = session.execute(_FAILURES, values)
    return {subject: (count, last) for subject, count, last in rows if last is not None}


def count_failure(
    session: Session, purpose: str, subjects: Sequence[Subject], at: datetime
) -> None:
    """Count a failed attempt against each subject."""
    _count(session, purpose, subjects, at, succeeded=False)


def count_success(
    session: Session, purpose: str, subjects: Sequence[Subject], at: datetime
) -> None:
    """Count an attempt that succeeded in favour of each subject."""
    _count(session, purpose, subjects, at, succeeded=True)


def forget(session: Session, purpose: str, subject: Subject) -> None:
    """Forget the failures of one subject, which has just proven itself."""
    session.execute(
        delete(Attempt)
        .where(Attempt.purpose == purpose, Attempt.subject == subject.index)
        .execution_options(synchronize_session=False)
    )


def _count(
    session: Session, purpose: str, subjects: Sequence[Subject], at: datetime, *, succeeded: bool
) -> None:
    rows = [
        {"purpose": purpose, "subject": each.index, "succeeded": succeeded, "at": at}
        for each in subjects
    ]
    session.execute(insert(Attempt), rows)


def sweep(session: Session, at: datetime) -> None:
    """Delete attempts too old to count."""
    session.execute(
        delete(Attempt).where(Attempt.at < at - KEPT).execution_options(synchronize_session=False)
    )


def turn_of(purpose: str, whose: str) -> str:
    """Return what those take turns by whose attempts are not counted here."""
    return hashlib.sha256(f"{purpose}\0{whose}".encode()).hexdigest()


def take_turns(session: Session, indexes: Iterable[str]) -> None:
    """Let transactions about the same subjects come one after another, each counting those before.

    All are taken in the same order, so that no two transactions wait for each other. SQLite lets no
    two write at once anyway.
    """
    numbers = sorted({int(each[:LOCK_DIGITS], 16) for each in indexes})
    if numbers and not is_sqlite(session):
        wanted = func.unnest(bindparam("numbers", numbers, ARRAY(BigInteger)))
        session.execute(select(func.pg_advisory_xact_lock(wanted))).all()


@dataclass(frozen=True)
class Counted:
    """A subject whose failures of some time are counted, and how far counting goes."""

    index: str
    window: timedelta
    most: int


@dataclass(frozen=True)
class Tally:
    """How many failures there were, and when the last."""

    failures: int
    last: datetime | None


def spend(session: Session, purpose: str, counted: Counted, at: datetime) -> datetime | None:
    """Take one of `most` that a time's budget has; None for taken, else when one is free again.

    Those who spend at the same moment come one after another, as `take_turns` says.
    """
    take_turns(session, [counted.index])
    spent = session.scalars(
        select(Attempt.at)
        .where(
            Attempt.purpose == purpose,
            Attempt.subject == counted.index,
            Attempt.at > at - counted.window,
        )
        .order_by(Attempt.at.desc())
        .limit(counted.most)
    ).all()
    if len(spent) == counted.most:
        return spent[-1] + counted.window
    row = {"purpose": purpose, "subject": counted.index, "succeeded": False, "at": at}
    session.execute(insert(Attempt), [row])
    return None


def tallies(
    session: Session, purpose: str, wanted: Sequence[Counted], at: datetime
) -> dict[str, Tally]:
    """Return the tally of each subject: one query, whose cost is bounded by `most`."""
    values: dict[str, object] = {"purpose": purpose}
    for place, each in enumerate(wanted):
        since = at - each.window
        values |= {f"subject{place}": each.index, f"since{place}": since, f"most{place}": each.most}
    rows = session.execute(_tally_of(len(wanted)), values)
    return {row.subject: Tally(row.failures, row.last) for row in rows}


@cache
def _tally_of(subjects: int) -> CompoundSelect[str, int, Any]:
    """Return the query for so many subjects, built once: a lookup asks it once or twice."""
    return union_all(*(_tally(place) for place in range(subjects)))


def _tally(place: int) -> Select[str, int, Any]:
    subject = bindparam(f"subject{place}", type_=String)
    newest = (
        select(Attempt.at)
        .where(
            Attempt.purpose == bindparam("purpose"),
            Attempt.subject == subject,
            Attempt.at > bindparam(f"since{place}"),
            Attempt.succeeded.is_(False),
        )
        .order_by(Attempt.at.desc())
        .limit(bindparam(f"most{place}", type_=Integer))
        .subquery()
    )
    return select(
        subject.label("subject"),
        func.count().label("failures"),
        func.max(newest.c.at).label("last"),
    ).select_from(newest)
