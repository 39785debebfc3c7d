"""Whose WeChat identity an openid is: a person's, with a binding in force for each of her records.

A person is one identity number and name; a record is one graduate of one school and cohort.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    SQLColumnExpression,
    String,
    and_,
    bindparam,
    delete,
    literal,
    select,
    true,
    update,
)
from sqlalchemy.orm import InstrumentedAttribute, Session, joinedload
from sqlalchemy.orm.attributes import set_committed_value

from notifier.ledger.tables import Binding
from registry.accounts import sessions, unsent_forms
from registry.accounts.school_tables import Department, School
from registry.accounts.tables import WebSession
from registry.base.database import UtcDateTime, insert_new, one_of
from registry.base.detached import Detached
from registry.base.value_tables import rows_of
from registry.record.scope import not_ended
from registry.record.tables import Graduate


def of_openid(
    openid: str | SQLColumnExpression[str] | SQLColumnExpression[str | None],
) -> ColumnElement[bool]:
    """Return the condition that picks the bindings in force of a WeChat identity."""
    return and_(Binding.openid == openid, Binding.ended_at.is_(None))


def of_graduate(
    graduate_id: int | SQLColumnExpression[int] | InstrumentedAttribute[int],
) -> ColumnElement[bool]:
    """Return the condition that picks the binding in force of a graduate."""
    return and_(Binding.graduate_id == graduate_id, Binding.ended_at.is_(None))


_RECORDS = (
    select(Graduate)
    .join(Binding, Binding.graduate_id == Graduate.id)
    .where(of_openid(bindparam("openid")), not_ended())
    .order_by(Graduate.year.desc(), Graduate.id.desc())
    .options(joinedload(Graduate.school), joinedload(Graduate.department))
)
_READ = Detached(WebSession, Graduate, School, Department)
_SESSION_WITH_RECORDS = (
    select(*_READ.columns, unsent_forms.any_of(WebSession.openid))
    .select_from(WebSession)
    .outerjoin(Binding, of_openid(WebSession.openid))
    .outerjoin(Graduate, and_(Graduate.id == Binding.graduate_id, not_ended()))
    .outerjoin(School, School.id == Graduate.school_id)
    .outerjoin(Department, Department.id == Graduate.department_id)
    .where(*sessions.NOT_OVER)
    .order_by(Graduate.year.desc(), Graduate.id.desc())
)
"""Both are made once: every page of a graduate asks."""


def records_of(session: Session, openid: str) -> Sequence[Graduate]:
    """Return the records a WeChat identity is bound to, with school and department, newest first.

    None where it is bound to nobody; records that were ended are left out.
    """
    return session.scalars(_RECORDS, {"openid": openid}).all()


class KnownSession(NamedTuple):
    """Who asks by the token of a session."""

    session: WebSession | None
    """None where it is over."""
    records: Sequence[Graduate]
    """Of its WeChat identity, as `records_of` returns them."""
    has_unsent: bool
    """Whether something is kept of a form that she could not send."""


def session_with_records(session: Session, token: str, at: datetime) -> KnownSession:
    """Return the session of a token, unless it is over, and the records of its WeChat identity."""
    rows = _READ.read(session, _SESSION_WITH_RECORDS, sessions.values_of(token, at))
    if not rows:
        return KnownSession(None, [], has_unsent=False)
    found, *_, has_unsent = rows[0]
    records = [_with_places(*row[1:4]) for row in rows if row[1] is not None]
    return KnownSession(found, records, has_unsent)


def _with_places(graduate: Graduate, school: School, department: Department) -> Graduate:
    set_committed_value(graduate, "school", school)
    set_committed_value(graduate, "department", department)
    return graduate


def ended_records_of(session: Session, openid: str) -> Sequence[Graduate]:
    """Return the records of a WeChat identity's person that were ended, with school."""
    return session.scalars(
        select(Graduate)
        .join(Binding, Binding.graduate_id == Graduate.id)
        .where(of_openid(openid), ~not_ended())
        .order_by(Graduate.id)
        .options(joinedload(Graduate.school))
    ).all()


class NewBinding(NamedTuple):
    """A record to be bound to a WeChat, and what `Binding` says of it."""

    graduate_id: int
    openid: str
    joined: bool
    phone_index: str | None


def add(session: Session, rows: Sequence[NewBinding], at: datetime) -> dict[int, int]:
    """Add bindings; return the ids of those added by graduate. What is bound already is left alone.

    In the order of the records: of two people who add the same, one waits for the other.
    """
    if not rows:
        return {}
    given = rows_of(
        session,
        "given",
        {
            "graduate_id": (BigInteger(), [each.graduate_id for each in rows]),
            "openid": (String(), [each.openid for each in rows]),
            "joined": (Integer(), [int(each.joined) for each in rows]),
            "phone_index": (String(), [each.phone_index for each in rows]),
        },
    ).c
    columns = ["graduate_id", "openid", "joined", "phone_index", "bound_at"]
    chosen = (
        select(
            *(given.graduate_id, given.openid, given.joined == 1, given.phone_index),
            literal(at, UtcDateTime()),
        )
        .where(true())  # or SQLite reads ON as a join's
        .order_by(given.graduate_id)
    )
    made = insert_new(session, Binding).from_select(columns, chosen)
    added = session.execute(made.returning(Binding.graduate_id, Binding.id))
    return dict(added.all())


def take_back(session: Session, ids: Sequence[int]) -> None:
    """Delete bindings that this very transaction has added."""
    session.execute(
        delete(Binding)
        .where(one_of(session, Binding.id, ids))
        .execution_options(synchronize_session=False)
    )


def take_over(session: Session, before: str, openid: str, *, joined: bool) -> None:
    """Let a WeChat identity have the bindings in force of another that is the same person's.

    `joined`: it has others of hers already.
    """
    session.execute(
        update(Binding)
        .where(of_openid(before))
        .values({"openid": openid} | ({"joined": True} if joined else {}))
        .execution_options(synchronize_session=False)
    )


def end(session: Session, which: ColumnElement[bool], reason: str, at: datetime) -> Sequence[int]:
    """End bindings in force; return the graduates whose they were, in order."""
    ended = session.scalars(
        update(Binding)
        .where(which, Binding.ended_at.is_(None))
        .values(ended_at=at, end_reason=reason)
        .returning(Binding.graduate_id)
        .execution_options(synchronize_session=False)
    )
    return sorted(ended)
