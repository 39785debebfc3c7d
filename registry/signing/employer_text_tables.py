"""The table of short messages to employers."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from registry.base.database import Base, BigId
from registry.record.contact_states import NoticeState

_OPEN = text("state IN ('waiting', 'sending')")


class EmployerText(Base):
    """A short message to who signs for an employer: there is news that nobody has looked at."""

    __tablename__ = "employer_text"
    __table_args__ = (
        # One at a time: what happens meanwhile is in the next.
        Index(
            "uq_employer_text_open",
            "employer_id",
            unique=True,
            postgresql_where=_OPEN,
            sqlite_where=_OPEN,
        ),
        Index("ix_employer_text_next", "next_at", postgresql_where=_OPEN, sqlite_where=_OPEN),
        Index("ix_employer_text_employer", "employer_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    employer_id: Mapped[int] = mapped_column(ForeignKey("employer.id"))
    certification_id: Mapped[int] = mapped_column(ForeignKey("certification.id"))
    """The papers whose handler is told, at the phone that was proven with them."""
    state: Mapped[str] = mapped_column(String(16), default=NoticeState.WAITING)
    news: Mapped[str] = mapped_column(String(12))
    """What it says has happened."""
    up_to: Mapped[datetime]
    """What was told in the console until then is said by it, or by one before."""
    next_at: Mapped[datetime]
    """When it is to be sent; while it is sent, when that is given up."""
    tries: Mapped[int] = mapped_column(default=0)
    detail: Mapped[str] = mapped_column(String(80), default="")
    """The provider's code for why it was not sent."""
    created_at: Mapped[datetime]
