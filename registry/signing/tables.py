"""The tables of signing: who may invite at which school, invitations, agreements.

What was agreed to and when is kept: terms are added as versions, never altered.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.accounts.employer_tables import Employer
from registry.base.database import Base, BigId, Keyed
from registry.record.tables import Graduate
from registry.signing.states import (
    INVITATION,
    OFFLINE_REQUEST,
    VOIDING,
    AgreementState,
    InvitationState,
    QualificationState,
    VoidingState,
)

_OPEN = text(f"state = '{InvitationState.OPEN}'")
_LIVE = text("ended_at IS NULL")
_ASKED = text(f"state = '{VoidingState.ASKED}'")
_OF_A_FILE = text("batch <> ''")


class Qualification(Base):
    """That a school lets an employer invite its graduates (签约准入)."""

    __tablename__ = "qualification"
    __table_args__ = (UniqueConstraint("school_id", "employer_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    employer_id: Mapped[int] = mapped_column(ForeignKey("employer.id"), index=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"))
    state: Mapped[str] = mapped_column(String(16), default=QualificationState.APPLIED)
    reason: Mapped[str] = mapped_column(String(200), default="")
    """Why it is suspended, or not qualified."""
    valid_until: Mapped[datetime | None] = mapped_column(index=True)
    """Until when it lets sign; None where it never did."""
    warned_at: Mapped[datetime | None]
    """When its people were told that it ends soon."""
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
        # A row of a file is sent once, however often the file comes.
        Index(
            "uq_invitation_row",
            "employer_id",
            "batch",
            "batch_row",
            unique=True,
            postgresql_where=_OF_A_FILE,
            sqlite_where=_OF_A_FILE,
        ),
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
    sent_from: Mapped[str | None] = mapped_column(String(32))
    """A blind index of the address it was sent from; None where no door sent it."""
    batch: Mapped[str] = mapped_column(String(64), default="", server_default="")
    """Of one that a file asked for: SHA-256 of the school's key and the file."""
    batch_row: Mapped[int] = mapped_column(default=0, server_default="0")
    """The row of that file."""

    employer: Mapped[Employer] = relationship(lazy="raise")
    graduate: Mapped[Graduate] = relationship(lazy="raise")


class OfflineRequest(Keyed, Base):
    """A graduate asks for an agreement on paper (线下签约): her employer cannot sign online."""

    __tablename__ = "offline_request"
    __table_args__ = (
        # One open request of a graduate.
        Index(
            "uq_offline_request_open",
            "graduate_id",
            unique=True,
            postgresql_where=_LIVE,
            sqlite_where=_LIVE,
        ),
        Index("ix_offline_request_graduate", "graduate_id", "id"),
    )

    graduate_id: Mapped[int] = mapped_column(ForeignKey("graduate.id"))
    state: Mapped[str] = mapped_column(String(16), default=OFFLINE_REQUEST.start)
    terms: Mapped[dict[str, Any]] = mapped_column(JSON)
    """What both will sign, like those of an invitation; the employer's data as she says it."""
    asked_at: Mapped[datetime]
    """When it was sent to the school the last time."""
    ended_at: Mapped[datetime | None]
    """When it was issued, withdrawn, or stopped."""
    reason: Mapped[str] = mapped_column(String(200), default="")
    """Why the school returned it."""

    graduate: Mapped[Graduate] = relationship(lazy="raise")


class Agreement(Keyed, Base):
    """What an accepted invitation became (就业协议), or a paper that the school issued.

    Reviewed as an application; of a paper, once it is handed in.
    """

    __tablename__ = "agreement"
    __table_args__ = (
        CheckConstraint("invitation_id IS NOT NULL OR request_id IS NOT NULL", name="source"),
        # One live agreement of a graduate; `answering` sees to it that a person has one.
        Index(
            "uq_agreement_live",
            "graduate_id",
            unique=True,
            postgresql_where=_LIVE,
            sqlite_where=_LIVE,
        ),
        Index("uq_agreement_request", "request_id", unique=True),
        Index("ix_agreement_graduate", "graduate_id", "id"),
        Index("ix_agreement_due_by", "due_by", postgresql_where=_LIVE, sqlite_where=_LIVE),
    )

    graduate_id: Mapped[int] = mapped_column(ForeignKey("graduate.id"))
    invitation_id: Mapped[int | None] = mapped_column(ForeignKey("invitation.id"), unique=True)
    request_id: Mapped[int | None] = mapped_column(ForeignKey("offline_request.id"))
    """Of one on paper: what she asked for. One of both is set."""
    application_id: Mapped[int | None] = mapped_column(ForeignKey("application.id"), unique=True)
    """None of a paper that is not handed in."""
    state: Mapped[str] = mapped_column(String(16), default=AgreementState.IN_REVIEW)
    terms: Mapped[dict[str, Any]] = mapped_column(JSON, server_default="{}")
    """What both have agreed to, like those of an invitation."""
    due_by: Mapped[datetime | None]
    """While it is mended, or a paper is out: until when the next step has to be taken."""
    accepted_at: Mapped[datetime]
    """When she accepted; of a paper, when the school issued it."""
    retract_until: Mapped[datetime]
    """Until then she may take her acceptance back, and no review passes it for good.

    Of a paper that is when it was issued: it may be taken back while it is reviewed.
    """
    signed_at: Mapped[datetime | None]
    registration_id: Mapped[int | None] = mapped_column(BigId)
    """The version that it wrote; no foreign key, as of `Graduate.registration_id`."""
    ended_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(String(200), default="")
    """Why the school returned it or did not pass it, or why it ended otherwise."""
    accepted_from: Mapped[str | None] = mapped_column(String(32))
    """A blind index of the address she accepted from, as of `Invitation.sent_from`."""

    invitation: Mapped[Invitation | None] = relationship(lazy="raise")


class TermsVersion(Base):
    """Terms that were proposed for an agreement: the first by what it began as. Append only."""

    __tablename__ = "terms_version"
    __table_args__ = (UniqueConstraint("agreement_id", "number"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    agreement_id: Mapped[int] = mapped_column(ForeignKey("agreement.id"))
    number: Mapped[int]
    """1 for those of the invitation, or of her request."""
    terms: Mapped[dict[str, Any]] = mapped_column(JSON)
    digest: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the terms, by which who agrees says what they saw."""
    proposed_by: Mapped[str] = mapped_column(String(80))
    """`staff:<key>` of the employer; of a paper `graduate:<key>`."""
    proposed_at: Mapped[datetime]
    agreed_at: Mapped[datetime | None]
    """When she agreed; None for terms that she did not agree to, or has yet to."""


class Voiding(Keyed, Base):
    """One of a school asks for an agreement to be voided, another administrator confirms it."""

    __tablename__ = "voiding"
    __table_args__ = (
        # One request at a time for an agreement.
        Index(
            "uq_voiding_asked",
            "agreement_id",
            unique=True,
            postgresql_where=_ASKED,
            sqlite_where=_ASKED,
        ),
        Index("ix_voiding_agreement", "agreement_id", "id"),
    )

    agreement_id: Mapped[int] = mapped_column(ForeignKey("agreement.id"))
    state: Mapped[str] = mapped_column(String(16), default=VOIDING.start)
    reason: Mapped[str] = mapped_column(String(200))
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    asked_at: Mapped[datetime]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    decided_at: Mapped[datetime | None]

    agreement: Mapped[Agreement] = relationship(lazy="raise")
