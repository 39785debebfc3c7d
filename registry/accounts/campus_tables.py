"""The table of the campus accounts (统一身份认证) that members of staff sign in with."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from registry.base.database import Base, BigId

ISSUER_LENGTH, SUBJECT_LENGTH = 300, 128


class CampusAccount(Base):
    """Which subject of a campus is a member of staff, since they proved it by their password."""

    __tablename__ = "campus_account"
    __table_args__ = (
        UniqueConstraint("staff_id", "issuer"),
        Index("ix_campus_account_subject", "issuer", "subject"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    issuer: Mapped[str] = mapped_column(String(ISSUER_LENGTH))
    """The address of the campus, as the settings name it."""
    subject: Mapped[str] = mapped_column(String(SUBJECT_LENGTH))
    bound_at: Mapped[datetime]
    last_used_at: Mapped[datetime]
