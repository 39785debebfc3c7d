"""Whose WeChat identity an openid is: the one binding of it, or of a graduate, that has no end."""

from sqlalchemy import ColumnElement, SQLColumnExpression, and_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, joinedload

from notifier.ledger.tables import Binding
from registry.record.tables import Graduate


def of_openid(openid: str | SQLColumnExpression[str]) -> ColumnElement[bool]:
    """Return the condition that picks the binding in force of a WeChat identity."""
    return and_(Binding.openid == openid, Binding.ended_at.is_(None))


def of_graduate(
    graduate_id: int | SQLColumnExpression[int] | InstrumentedAttribute[int],
) -> ColumnElement[bool]:
    """Return the condition that picks the binding in force of a graduate."""
    return and_(Binding.graduate_id == graduate_id, Binding.ended_at.is_(None))


def graduate_of(session: Session, openid: str) -> Graduate | None:
    """Return the graduate a WeChat identity is bound to, with school and department."""
    return session.scalar(
        select(Graduate)
        .join(Binding, Binding.graduate_id == Graduate.id)
        .where(of_openid(openid))
        .options(joinedload(Graduate.school), joinedload(Graduate.department))
    )
