"""The tables of what employers hand in, and of what is decided about them.

Their papers (资质材料), a take-over of their accounts, the list of those that sign with nobody, and
what a province settles for its schools.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.accounts.employer_tables import Employer
from registry.accounts.tables import LOGIN_LENGTH, NAME_LENGTH
from registry.base.database import Base, BigId, Keyed
from registry.signing.employer_states import (
    CERTIFICATION,
    LISTING,
    TAKEOVER,
    CertificationState,
    TakeoverState,
)

_WAITING = text(f"state = '{CertificationState.WAITING}'")
_ASKED = text(f"state = '{TakeoverState.WAITING}'")


class Certification(Keyed, Base):
    """An employer's papers as it handed them in to one school, or to a province; never altered."""

    __tablename__ = "certification"
    __table_args__ = (
        # One waits for each who decides.
        Index(
            "uq_certification_school",
            "employer_id",
            "school_id",
            unique=True,
            postgresql_where=_WAITING,
            sqlite_where=_WAITING,
        ),
        Index(
            "uq_certification_province",
            "employer_id",
            "province",
            unique=True,
            postgresql_where=_WAITING,
            sqlite_where=_WAITING,
        ),
        Index("ix_certification_school", "school_id", "state", "id"),
        Index("ix_certification_province", "province", "state", "id"),
    )

    employer_id: Mapped[int] = mapped_column(ForeignKey("employer.id"), index=True)
    school_id: Mapped[int | None] = mapped_column(ForeignKey("school.id"))
    """The school that decides; None where a province does."""
    province: Mapped[str | None] = mapped_column(String(6))
    """The province that decides, for all its schools; None where a school does."""
    state: Mapped[str] = mapped_column(String(16), default=CERTIFICATION.start)
    unit: Mapped[dict[str, Any]] = mapped_column(JSON)
    """What it says of itself, by the columns of an employer: in force once it is passed."""
    licence_file_id: Mapped[int | None] = mapped_column(
        ForeignKey("stored_file.id", ondelete="SET NULL"), index=True
    )
    licence_until: Mapped[date | None]
    """Last day of the licence; None for one without an end (长期)."""
    letter_file_id: Mapped[int | None] = mapped_column(
        ForeignKey("stored_file.id", ondelete="SET NULL"), index=True
    )
    letter_until: Mapped[date]
    """Last day of the letter of authority (签约授权书)."""
    handler_name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    """Whom the letter lets sign."""
    handler_phone_sealed: Mapped[str] = mapped_column(Text)
    handler_phone_index: Mapped[str] = mapped_column(String(32), index=True)
    """A blind index of it; it was proven by a code."""
    submitted_at: Mapped[datetime]
    submitted_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    reason: Mapped[str] = mapped_column(String(200), default="")
    """Why it was returned."""
    valid_until: Mapped[datetime | None]
    """Until when it lets sign; None where it does not."""

    employer: Mapped[Employer] = relationship(lazy="raise")


class EmployerTakeover(Keyed, Base):
    """Somebody asks to look after the accounts of an employer that is registered (管理员变更)."""

    __tablename__ = "employer_takeover"
    __table_args__ = (
        Index(
            "uq_employer_takeover_waiting",
            "employer_id",
            unique=True,
            postgresql_where=_ASKED,
            sqlite_where=_ASKED,
        ),
    )

    employer_id: Mapped[int] = mapped_column(ForeignKey("employer.id"), index=True)
    state: Mapped[str] = mapped_column(String(16), default=TAKEOVER.start)
    name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    login: Mapped[str] = mapped_column(String(LOGIN_LENGTH))
    password_hash: Mapped[str] = mapped_column(String(200))
    phone_sealed: Mapped[str] = mapped_column(Text)
    letter_file_id: Mapped[int | None] = mapped_column(
        ForeignKey("stored_file.id", ondelete="SET NULL"), index=True
    )
    asked_at: Mapped[datetime]
    passable_from: Mapped[datetime]
    """From when it may be granted: those who look after the accounts now have time to object."""
    objection: Mapped[str] = mapped_column(String(200), default="")
    objected_at: Mapped[datetime | None]
    objected_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    reason: Mapped[str] = mapped_column(String(200), default="")

    employer: Mapped[Employer] = relationship(lazy="raise")


class EmployerListing(Keyed, Base):
    """That an employer signs with nobody (签约黑名单), in a province or everywhere, for a time."""

    __tablename__ = "employer_listing"

    employer_id: Mapped[int] = mapped_column(ForeignKey("employer.id"), index=True)
    province: Mapped[str | None] = mapped_column(String(6))
    """Where it holds; None: everywhere."""
    state: Mapped[str] = mapped_column(String(16), default=LISTING.start)
    reason: Mapped[str] = mapped_column(String(200))
    evidence_file_id: Mapped[int | None] = mapped_column(
        ForeignKey("stored_file.id", ondelete="SET NULL"), index=True
    )
    until: Mapped[datetime]
    listed_at: Mapped[datetime]
    listed_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    lifted_at: Mapped[datetime | None]
    lifted_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    lift_reason: Mapped[str] = mapped_column(String(200), default="")

    employer: Mapped[Employer] = relationship(lazy="raise")


class ProvinceSigning(Base):
    """What a province settles about signing at its schools; no row: nothing."""

    __tablename__ = "province_signing"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    province: Mapped[str] = mapped_column(String(6), unique=True)
    qualifies: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether the province decides about employers, for all its schools; else each school."""
    minimum_pay: Mapped[int | None]
    """The lowest monthly minimum wage of the province, in yuan; None: not entered."""
    updated_at: Mapped[datetime]
