"""Colleagues: staff who proved which WeChat is theirs, for test sends and for alarms."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, delete, or_, select, update
from sqlalchemy.orm import Session, joinedload

from notifier.ledger.tables import Colleague
from registry.accounts.tables import Role, Staff
from registry.record.scope import Scope


class LinkedColleague(NamedTuple):
    """A colleague of the same school to whom a test can be sent."""

    key: str
    name: str


def link(session: Session, staff: Staff, openid: str, at: datetime) -> None:
    """Let this WeChat be theirs; what either was linked to before is so no more."""
    _delete(session, or_(Colleague.staff_id == staff.id, Colleague.openid == openid))
    session.add(Colleague(staff_id=staff.id, openid=openid, linked_at=at))


def unlink(session: Session, openid: str) -> None:
    """Let this WeChat be no colleague's."""
    _delete(session, Colleague.openid == openid)


def unlink_staff(session: Session, staff_id: int) -> None:
    """Let no WeChat be this colleague's."""
    _delete(session, Colleague.staff_id == staff_id)


def is_linked(session: Session, staff_id: int) -> bool:
    """Say whether a member of staff linked a WeChat."""
    wanted = select(Colleague.staff_id).where(Colleague.staff_id == staff_id)
    return session.scalar(wanted) is not None


def _delete(session: Session, those: ColumnElement[bool]) -> None:
    session.execute(delete(Colleague).where(those).execution_options(synchronize_session=False))


def of_wechat(session: Session, openid: str) -> Staff | None:
    """Return whose WeChat this is, with their school."""
    return session.scalar(
        select(Staff)
        .join(Colleague, Colleague.staff_id == Staff.id)
        .where(Colleague.openid == openid, Staff.active.is_(True))
        .options(joinedload(Staff.school))
    )


def of_school(session: Session, scope: Scope) -> Sequence[LinkedColleague]:
    """Return the school's colleagues who linked their WeChat, by name."""
    rows = session.execute(_of(scope).with_only_columns(Staff.key, Staff.name))
    return [LinkedColleague(*row) for row in rows]


def wechat_of(session: Session, scope: Scope, staff_key: str) -> str | None:
    """Return the openid of a colleague of the school; None where there is none."""
    wanted = _of(scope).where(Staff.key == staff_key)
    return session.scalar(wanted.with_only_columns(Colleague.openid))


def of_province(session: Session, province: str) -> Sequence[LinkedColleague]:
    """Return the province's colleagues who linked their WeChat, by name."""
    rows = session.execute(_in_province(province).with_only_columns(Staff.key, Staff.name))
    return [LinkedColleague(*row) for row in rows]


def wechat_in_province(session: Session, province: str, staff_key: str) -> str | None:
    """Return the openid of a colleague of the province; None where there is none."""
    wanted = _in_province(province).where(Staff.key == staff_key)
    return session.scalar(wanted.with_only_columns(Colleague.openid))


class AlarmedColleague(NamedTuple):
    """A colleague of the province who linked a WeChat, and whether alarms go to it."""

    key: str
    name: str
    told: bool


def choices_of_alarms(session: Session, province: str) -> Sequence[AlarmedColleague]:
    """Return the province's colleagues who linked their WeChat, and who of them is told."""
    wanted = _in_province(province).with_only_columns(Staff.key, Staff.name, Colleague.sync_alarms)
    return [AlarmedColleague(*row) for row in session.execute(wanted)]


def choose_alarmed(session: Session, province: str, keys: Collection[str]) -> None:
    """Have these colleagues of the province be told of its syncs, and no others."""
    theirs = select(Staff.id).where(Staff.role == Role.PROVINCE, Staff.province == province)
    session.execute(
        update(Colleague)
        .where(Colleague.staff_id.in_(theirs))
        .values(sync_alarms=Colleague.staff_id.in_(theirs.where(Staff.key.in_(keys))))
        .execution_options(synchronize_session=False)
    )


def told_of_syncs(session: Session, province: str) -> Sequence[tuple[int, str]]:
    """Return id and openid of the province's colleagues who are told of its syncs."""
    wanted = _in_province(province).where(Colleague.sync_alarms)
    rows = session.execute(wanted.with_only_columns(Staff.id, Colleague.openid))
    return [(ident, openid) for ident, openid in rows]


def _of(scope: Scope) -> Select[int]:
    return _linked(Staff.school_id == scope.school_id)


def _in_province(province: str) -> Select[int]:
    return _linked((Staff.role == Role.PROVINCE) & (Staff.province == province))


def _linked(whose: ColumnElement[bool]) -> Select[int]:
    return (
        select(Staff.id)
        .join(Colleague, Colleague.staff_id == Staff.id)
        .where(whose, Staff.active.is_(True))
        .order_by(Staff.name, Staff.id)
    )
