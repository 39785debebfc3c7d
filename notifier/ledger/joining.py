"""A person's records follow each other: one that comes later is bound to the WeChat she has bound.

Records of one identity number and name are one person's. Those of another school are so only where
their phone is the one whose code she has shown: else whoever may write a school's roster could
open another school's records by writing a phone of their own.
"""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select, true
from sqlalchemy.orm import Session, aliased

from notifier.ledger import bindings
from notifier.ledger.bindings import NewBinding
from notifier.ledger.tables import Binding
from registry.accounts import audit, sessions
from registry.accounts.audit import AuditRecord
from registry.base.database import one_of
from registry.base.text import compared_name
from registry.record.contact_changes import waits
from registry.record.tables import Graduate

CORRECTED = "identity_corrected"
"""Why a binding ended: the school corrected the record's identity number to another than the
person's."""


class Joined(NamedTuple):
    """A record that was bound to the WeChat of its person."""

    binding_id: int
    graduate_id: int
    school_id: int
    year: int


def same_person(session: Session, graduate: Graduate) -> list[Graduate]:
    """Return all records of the person who has shown the code sent to this record's phone."""
    found = session.scalars(
        select(Graduate).where(Graduate.identity_index == graduate.identity_index)
    )
    name, phone = compared_name(graduate.name), graduate.phone_index
    named = [each for each in found if compared_name(each.name) == name]
    proven = {each.school_id for each in named if phone is not None and each.phone_index == phone}
    return [each for each in named if each.school_id in {graduate.school_id, *proven}]


def follow(session: Session, changed: Sequence[int], at: datetime) -> list[Joined]:
    """Let changed records leave the WeChat of who they are not, and join that of who they are."""
    _leave(session, changed, at)
    return join(session, at, changed)


def join(session: Session, at: datetime, among: Sequence[int] | None = None) -> list[Joined]:
    """Bind the records whose person has bound another of hers; return them.

    `among` are the records to look at; None looks at all. A few statements, however many there are.
    """
    wanted = true() if among is None else one_of(session, _new.id, among)
    found: dict[int, Any] = {}
    for row in session.execute(_of_bound_people(wanted, at)):
        if compared_name(row.name) == compared_name(row.known_name):
            found.setdefault(row.id, row)
    rows = [
        NewBinding(each.id, each.openid, joined=True, phone_index=each.phone_index)
        for each in found.values()
    ]
    added = bindings.add(session, rows, at)
    joined = [found[graduate_id] for graduate_id in sorted(added)]
    _note(session, [(each.key, each.school_id) for each in joined], "bound_with_others", at)
    return [Joined(added[each.id], each.id, each.school_id, each.year) for each in joined]


_new, _known = aliased(Graduate), aliased(Graduate)


def _of_bound_people(wanted: ColumnElement[bool], at: datetime) -> Select[*tuple[Any, ...]]:
    """Return records without a binding beside the bindings of the same identity, newest first.

    Not those that no WeChat may be bound to yet.
    """
    proven = or_(_known.school_id == _new.school_id, Binding.phone_index == _new.phone_index)
    other = aliased(Binding)
    bound = exists().where(other.graduate_id == _new.id, other.ended_at.is_(None))
    return (
        select(
            *(_new.id, _new.key, _new.school_id, _new.year, _new.name),
            _known.name.label("known_name"),
            *(Binding.openid, Binding.phone_index),
        )
        .join(_known, and_(_known.identity_index == _new.identity_index, _known.id != _new.id))
        .join(Binding, bindings.of_graduate(_known.id))
        .where(_new.identity_index != "", wanted, ~bound, proven, ~waits(_new.id, at))
        .order_by(_new.id, Binding.id.desc())
    )


def _of_torn(session: Session, changed: Sequence[int]) -> Select[*tuple[Any, ...]]:
    """Return all bindings of the WeChats that hold a changed record and one of another identity."""
    mine, other, others = aliased(Binding), aliased(Binding), aliased(Graduate)
    torn = (
        select(mine.openid)
        .join(Graduate, Graduate.id == mine.graduate_id)
        .join(other, and_(other.openid == mine.openid, other.ended_at.is_(None)))
        .join(others, others.id == other.graduate_id)
        .where(
            one_of(session, mine.graduate_id, changed),
            mine.ended_at.is_(None),
            others.identity_index != Graduate.identity_index,
        )
    )
    columns = (Binding.openid, Binding.id, Binding.graduate_id, Binding.joined)
    return (
        select(*columns, Graduate.identity_index)
        .join(Graduate, Graduate.id == Binding.graduate_id)
        .where(Binding.openid.in_(torn), Binding.ended_at.is_(None))
        .order_by(Binding.openid, Binding.id)
    )


def _leave(session: Session, changed: Sequence[int], at: datetime) -> None:
    """End the bindings of records that are no longer of the identity of their WeChat.

    That is the identity of the record whose code was shown first, also where its own number
    changed; where that one is gone, of a record that did not change, else of the one bound first.
    So a record that is bound alone stays, whatever its number is now.
    """
    leaving, moved = set[int](), set(changed)
    for _, group in groupby(session.execute(_of_torn(session, changed)), attrgetter("openid")):
        bound = list(group)
        first = min(bound, key=lambda each: (each.joined, each.graduate_id in moved, each.id))
        leaving |= {
            each.graduate_id for each in bound if each.identity_index != first.identity_index
        }
    if leaving:
        _end(session, sorted(leaving), at)


def _end(session: Session, graduate_ids: Sequence[int], at: datetime) -> None:
    ended = bindings.end(session, one_of(session, Binding.graduate_id, graduate_ids), CORRECTED, at)
    sessions.end_all_of_graduates(session, ended)
    gone = select(Graduate.key, Graduate.school_id).where(one_of(session, Graduate.id, ended))
    _note(session, session.execute(gone).all(), f"unbound_{CORRECTED}", at)


def _note(session: Session, who: Sequence[Any], action: str, at: datetime) -> None:
    records = [AuditRecord("system", action, f"graduate:{key}", school) for key, school in who]
    audit.note_all(session, records, at)
