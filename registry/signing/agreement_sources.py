"""What an agreement began as, an invitation or her request for a paper: pages go by its key."""

from typing import TypeVarTuple

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session

from registry.signing.tables import Agreement, Invitation, OfflineRequest

Row = TypeVarTuple("Row")


def called(key: str) -> ColumnElement[bool]:
    """Return the condition of the agreement that began as what has this key."""
    invited = select(Invitation.id).where(Invitation.key == key)
    asked = select(OfflineRequest.id).where(OfflineRequest.key == key)
    return or_(
        Agreement.invitation_id == invited.scalar_subquery(),
        Agreement.request_id == asked.scalar_subquery(),
    )


def source_key() -> ColumnElement[str]:
    """Return the key of what an agreement began as, of a query that is `with_sources`."""
    return func.coalesce(Invitation.key, OfflineRequest.key)


def with_sources(wanted: Select[*Row]) -> Select[*Row]:
    """Return a query of agreements, joined with what they began as."""
    return wanted.outerjoin(Invitation, Invitation.id == Agreement.invitation_id).outerjoin(
        OfflineRequest, OfflineRequest.id == Agreement.request_id
    )


def key_of(session: Session, agreement: Agreement) -> str:
    """Return the key of what an agreement began as."""
    wanted = with_sources(select(source_key()).select_from(Agreement))
    return session.scalars(wanted.where(Agreement.id == agreement.id)).one()


def term(name: str) -> ColumnElement[str]:
    """Return a term of an agreement, for a query."""
    found: ColumnElement[str] = Agreement.terms[name].as_string()
    return found
