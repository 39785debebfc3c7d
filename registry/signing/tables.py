"""The tables of signing: who may invite at which school, invitations, agreements."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.accounts.employer_tables import Employer
from registry.base.database import Base, BigId, Keyed
from registry.record.tables import Graduate
from registry.signing.states import AGREEMENT, INVITATION, QUALIFICATION, InvitationState

_OPEN = text(f"state = '{InvitationState.OPEN}'")
_LIVE = text("ended_at IS NULL")


class Qualification(Base):
    """That a school lets an employer invite its graduates (签约准入)."""

    __tablename__ = "qualification"
    __table_args__ = (UniqueConstraint("school_id", "employer_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    employer_id: Mapped[int] = mapped_column(ForeignKey("employer.id"), index=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"))
    state: Mapped[str] = mapped_column(String(16), default=QUALIFICATION.start)
    reason: Mapped[str] = mapped_column(String(200), default="")
    """Why it is suspended."""
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    employer: Mapped[Employer] = relationship(lazy="raise")


class Invitation(Keyed, Base):
    """An employer's invitation to one graduate to sign (签约邀请); its terms are never altered."""

    __tablename__ = "invitation"
    __table_args__ = (
        # One open invitation of an employer to a graduate.
        Index(
            "uq_invitation_open",
            "employer_id",
            "graduate_id",
            unique=True,
            postgresql_where=_OPEN,
            sqlite_where=_OPEN,
        ),
        Index("ix_invitation_answer_by", "answer_by", postgresql_where=_OPEN, sqlite_where=_OPEN),
        Index("ix_invitation_employer", "employer_id", "id"),
        Index("ix_invitation_graduate", "graduate_id", "id"),
    )

    employer_id: Mapped[int] = mapped_column(ForeignKey("employer.id"))
    graduate_id: Mapped[int] = mapped_column(ForeignKey("graduate.id"))
    state: Mapped[str] = mapped_column(String(16), default=INVITATION.start)
    terms: Mapped[dict[str, Any]] = mapped_column(JSON)
    """What was offered, by the names of `registry.signing.terms`, the employer's data with it."""
    answer_by: Mapped[datetime]
    sent_at: Mapped[datetime]
    sent_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    ended_at: Mapped[datetime | None]
    """When it was answered, withdrawn, stopped, or lapsed."""
    reason: Mapped[str] = mapped_column(String(200), default="")
    """Why it was refused or withdrawn."""

    employer: Mapped[Employer] = relationship(lazy="raise")
    graduate: Mapped[Graduate] = relationship(lazy="raise")


class Agreement(Keyed, Base):
    """What an accepted invitation became (就业协议), reviewed as an application."""

    __tablename__ = "agreement"
    __table_args__ = (
        # One live agreement of a graduate; `answering` sees to it that a person has one.
        Index(
            "uq_agreement_live",
            "graduate_id",
            unique=True,
            postgresql_where=_LIVE,
            sqlite_where=_LIVE,
        ),
        Index("ix_agreement_graduate", "graduate_id", "id"),
    )

    graduate_id: Mapped[int] = mapped_column(ForeignKey("graduate.id"))
    invitation_id: Mapped[int] = mapped_column(ForeignKey("invitation.id"), unique=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), unique=True)
    state: Mapped[str] = mapped_column(String(16), default=AGREEMENT.start)
    accepted_at: Mapped[datetime]
    retract_until: Mapped[datetime]
    """Until then she may take her acceptance back, and no review passes it for good."""
    signed_at: Mapped[datetime | None]
    registration_id: Mapped[int | None] = mapped_column(BigId)
    """The version that it wrote; no foreign key, as of `Graduate.registration_id`."""
    ended_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(String(200), default="")
    """Why the school did not pass it."""

    invitation: Mapped[Invitation] = relationship(lazy="raise")
