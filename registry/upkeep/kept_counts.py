"""Looking after the counts that are kept: folding what was added, comparing them with the rows.

Rule and reasons: docs/decisions/0072-kept-counts.md.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    delete,
    false,
    func,
    insert,
    literal,
    or_,
    select,
    text,
    true,
    union_all,
)
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from registry.accounts.school_tables import School
from registry.base.database import is_sqlite
from registry.numbers.tables import IssuedNumber
from registry.record.count_tables import ApplicationCount, GraduateCount, NumberCount
from registry.record.counts import CATEGORY_DIGITS, Counts
from registry.record.provenance import provenance_sql
from registry.record.tables import Graduate, Registration
from registry.review.tables import Application

FOLDED_AT_ONCE = 5000
"""Rows a transaction."""
COUNTED_EVERY = timedelta(hours=20)
KEPT: tuple[Counts, ...] = (GraduateCount, NumberCount, ApplicationCount)
_BOOKKEEPING = {"id", "number", "folded"}


@dataclass(frozen=True)
class Drift:
    """What was not as the rows say, and has been put right."""

    school: str
    """Its code."""
    cells: int
    """Sums that were wrong."""
    people: int
    """By how many they were, whichever way."""


def _columns(counts: Counts) -> list[str]:
    """Return what a count tells apart."""
    return [each.name for each in counts.__table__.c if each.name not in _BOOKKEEPING]


def fold(session: Session) -> bool:
    """Fold some of what was added into the rows it belongs to; say whether there was anything.

    Two may fold at once: each row is taken by one of them.
    """
    found = [_fold(session, each) for each in KEPT]
    return any(found)


def _fold(session: Session, counts: Counts) -> bool:
    # As the index says it: SQLite does not take `folded = 0` for that.
    oldest = select(counts.id).where(text("NOT folded")).order_by(counts.id)
    some = oldest.limit(FOLDED_AT_ONCE).with_for_update(skip_locked=True)
    names = _columns(counts)
    taken = session.execute(
        delete(counts)
        .where(counts.id.in_(some))
        .returning(*(getattr(counts, name) for name in names), counts.number)
        .execution_options(synchronize_session=False)
    ).all()
    sums = Counter[tuple[Any, ...]]()
    for *cell, number in taken:
        sums[tuple(cell)] += number
    rows = [
        {**dict(zip(names, cell, strict=True)), "number": number, "folded": True}
        for cell, number in sorted(sums.items())
        if number
    ]
    if rows:
        _add_up(session, counts, names, rows)
    return bool(taken)


def _add_up(
    session: Session, counts: Counts, names: list[str], rows: Sequence[dict[str, Any]]
) -> None:
    """Add to the folded rows, in the order of whoever folds at the same time; drop empty ones."""
    made = sqlite_insert(counts) if is_sqlite(session) else postgres_insert(counts)
    added = made.on_conflict_do_update(
        index_elements=names,
        index_where=text("folded"),
        set_={"number": counts.number + made.excluded.number},
    )
    session.execute(added, rows)
    schools = {row["school_id"] for row in rows}
    empty = (counts.school_id.in_(schools), counts.folded == true(), counts.number == 0)
    session.execute(delete(counts).where(*empty).execution_options(synchronize_session=False))


def recount(session: Session, at: datetime) -> Drift | None:
    """Compare a school's kept counts with its rows, if one was not for long; put them right.

    Return what was wrong with one that was compared; None where all were compared lately.
    """
    old = or_(School.counted_at.is_(None), School.counted_at <= at - COUNTED_EVERY)
    oldest = select(School).where(old).order_by(School.counted_at, School.id).limit(1)
    school = session.scalar(oldest.with_for_update(skip_locked=True, key_share=True))
    if school is None:
        return None
    return put_right(session, school, at)


def put_right(session: Session, school: School, at: datetime) -> Drift:
    """Compare the kept counts of one school with its rows, and put right what is wrong."""
    school.counted_at = at
    wrong = [number for counts in KEPT for number in _put_right(session, counts, school.id)]
    return Drift(school.code, len(wrong), sum(map(abs, wrong)))


def _put_right(session: Session, counts: Counts, school_id: int) -> Sequence[int]:
    """Add what is missing of what the rows come to; return by how much each sum was wrong.

    In one statement: what others write meanwhile is in both sums or in none.
    """
    names = _columns(counts)
    stands = [getattr(counts, name) for name in names]
    kept = select(*stands, -counts.number).where(counts.school_id == school_id)
    both = union_all(_rows_of(counts, school_id), kept).subquery()
    cell, number = list(both.c)[:-1], func.sum(list(both.c)[-1])
    missing = select(*cell, number, false()).group_by(*cell).having(number != 0)
    added = insert(counts).from_select([*names, "number", "folded"], missing)
    return session.scalars(added.returning(counts.number)).all()


def _rows_of(counts: Counts, school_id: int) -> Select[*tuple[Any, ...]]:
    """Return the query of what each row comes to, with a 1, in the order of the count's columns."""
    one = literal(1)
    if counts is ApplicationCount:
        sent = [getattr(Application, name) for name in _columns(counts)]
        return select(*sent, one).where(Application.school_id == school_id)
    about = [getattr(Graduate, name) for name in _columns(counts)[:5]]
    if counts is GraduateCount:
        digits = func.coalesce(func.substr(Registration.category, 1, CATEGORY_DIGITS), "")
        listed = select(*about, Graduate.confirmation, provenance_sql(), digits, one)
        listed = listed.outerjoin(Registration, Registration.id == Graduate.registration_id)
        return listed.where(Graduate.school_id == school_id)
    numbers = [getattr(IssuedNumber, name) for name in _columns(counts)[6:]]
    registered: ColumnElement[bool] = Graduate.registration_id.is_not(None)
    listed = select(*about, registered, *numbers, one)
    listed = listed.join(IssuedNumber, IssuedNumber.graduate_id == Graduate.id)
    return listed.where(Graduate.school_id == school_id, IssuedNumber.newest)
