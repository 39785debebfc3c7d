"""Changes of how graduates are reached, as pages show them: to her, to her school."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, func, literal, or_, select
from sqlalchemy.orm import Session, aliased

from registry.accounts.school_tables import School
from registry.accounts.tables import Staff
from registry.base.counting import Counting, Query, columns
from registry.base.database import one_of
from registry.base.paging import Page, Place, nearest, turned
from registry.record.contact_changes import KEPT_FOR
from registry.record.contact_states import NOTICE_TITLES, ContactState, NoticeState
from registry.record.contact_tables import PHONE_TOLD_OFTEN, ContactChange
from registry.record.scope import MADE, Scope, made_for, within
from registry.record.tables import Graduate

MOST = 50
_other = aliased(Graduate)


class ShownContactChange(NamedTuple):
    """A change, with who it is about and who made it."""

    change: ContactChange
    school: str
    name: str
    """The graduate's."""
    by: str | None
    """Name of the member of staff; None for an account that is gone."""
    cohort: int
    """Of the record that was changed."""
    other: int | None = None
    """Cohort of the other record that is hers, too; None where there is none, or no more."""

    @property
    def said_by(self) -> str:
        """Return who made it, as she reads it."""
        return f"{self.school} {self.by or '工作人员'}"

    @property
    def text(self) -> str:
        """Return what became of the short message to the phone from before, as staff read it."""
        if self.change.notice_detail == PHONE_TOLD_OFTEN:
            return "未发送（该号码为多人共用，当日已通知多次）"
        return NOTICE_TITLES[NoticeState(self.change.notice_state)]

    def waits(self, at: datetime) -> bool:
        """Say whether it keeps a WeChat from being bound now, without an objection."""
        return (
            self.change.state == ContactState.STANDING
            and self.change.released_at is None
            and self.change.waits_until > at
        )


class Objection(NamedTuple):
    """An objection that somebody has to look at, in the list."""

    key: str
    graduate_key: str
    name: str
    student_number: str
    kind: str
    objected_at: datetime


def own(
    session: Session, graduate_ids: Sequence[int], openid: str, at: datetime
) -> list[ShownContactChange]:
    """Return what was done lately to somebody's records, newest first.

    Those of her records, and those that this WeChat was bound to at that moment.
    """
    hers = or_(
        one_of(session, ContactChange.graduate_id, graduate_ids), ContactChange.openid == openid
    )
    return _shown(session, _lately(at).where(hers))


def by_link(session: Session, link_hash: str, at: datetime) -> ShownContactChange | None:
    """Return the change that a short message's link leads to."""
    found = _shown(session, _lately(at).where(ContactChange.link_hash == link_hash))
    return found[0] if found else None


def of_graduate(session: Session, graduate_id: int, at: datetime) -> list[ShownContactChange]:
    """Return what was done lately to a record, newest first; the caller has found it in scope.

    Also what another record of hers was told of it.
    """
    either = or_(ContactChange.graduate_id == graduate_id, ContactChange.other_id == graduate_id)
    return _shown(session, _lately(at).where(either))


def objections(session: Session, scope: Scope, place: Place) -> Page[Objection]:
    """Return the objections of a scope that somebody has to look at, oldest first."""
    start = select(ContactChange.id).where(ContactChange.key == (place.before or place.after))
    wanted = (
        select(
            *(ContactChange.key, Graduate.key.label("graduate_key"), Graduate.name),
            *(Graduate.student_number, ContactChange.kind, ContactChange.objected_at),
        )
        .join(Graduate, Graduate.id == ContactChange.graduate_id)
        .where(*_objected(scope))
    )
    found = session.execute(nearest(wanted, ContactChange.id, start.scalar_subquery(), place))
    return turned((Objection(*row) for row in found), place)


def waiting_objections(scope: Scope) -> Counting:
    """Return the query of the objections of a scope that somebody has to look at."""
    made, values = made_for(scope)
    return Counting(_waiting_objections(made), values)


@lru_cache(MADE)
def _waiting_objections(scope: Scope) -> Query:
    return (
        select(*columns(ContactChange.objected_at))
        .join(Graduate, Graduate.id == ContactChange.graduate_id)
        .where(*_objected(scope))
    )


def _objected(scope: Scope) -> tuple[ColumnElement[bool], ...]:
    return (
        ContactChange.school_id == scope.school_id,
        ContactChange.state == ContactState.OBJECTED,
        within(scope),
    )


def _lately(at: datetime) -> Select[*tuple[Any, ...]]:
    """Return the query of what can still be objected to, or waits for somebody to look."""
    objected = ContactChange.state == ContactState.OBJECTED
    return (
        select(
            *(ContactChange, School.name, Graduate.name, Staff.name),
            *(func.abs(Graduate.year), func.abs(_other.year)),
        )
        .join(Graduate, Graduate.id == ContactChange.graduate_id)
        .outerjoin(_other, _other.id == ContactChange.other_id)
        .join(School, School.id == ContactChange.school_id)
        .outerjoin(Staff, literal("staff:") + Staff.key == ContactChange.made_by)
        .where(or_(ContactChange.made_at > at - KEPT_FOR, objected))
        .order_by(ContactChange.id.desc())
        .limit(MOST)
    )


def _shown(session: Session, wanted: Select[*tuple[Any, ...]]) -> list[ShownContactChange]:
    return [ShownContactChange(*row) for row in session.execute(wanted)]
