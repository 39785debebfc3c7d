"""The tables of applications: the years they belong to, their review, and their evidence."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint, text, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.base.database import Base, BigId, InCohort, Keyed
from registry.record.tables import Graduate
from registry.review import states as review

_LISTED = ("state", "purpose", "submitted_at", "id", "graduate_id", "category")


class Season(Base):
    """One year of a school (届): who reviews, and from when to when one may register."""

    __tablename__ = "season"
    __table_args__ = (UniqueConstraint("school_id", "year"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"))
    year: Mapped[int]
    levels: Mapped[list[str]] = mapped_column(JSON)
    opens_on: Mapped[date | None]
    closes_on: Mapped[date]
    """Last day for graduates, in Asia/Shanghai."""
    reminds: Mapped[bool] = mapped_column(default=True, server_default=true())
    """Whether those who have not confirmed are reminded of that day."""
    offers_papers: Mapped[bool] = mapped_column(default=True, server_default=true())
    """Whether the school issues agreements on paper (线下签约)."""
    updated_at: Mapped[datetime]
    updated_by: Mapped[str] = mapped_column(String(80))


class Application(Keyed, Base):
    """What a graduate wants registered or voided, from the draft to the decision."""

    __tablename__ = "application"
    __table_args__ = (
        Index(
            "uq_application_graduate_open",
            "graduate_id",
            unique=True,
            postgresql_where=text("closed_at IS NULL"),
            sqlite_where=text("closed_at IS NULL"),
        ),
        Index("ix_application_graduate_id", "graduate_id"),
        # The review list and its counts: a school or a department, one year, by state and purpose,
        # in the order of submission; with what filters look at, so that counting reads it alone.
        Index("ix_application_school", "school_id", "year", *_LISTED),
        Index("ix_application_department", "department_id", "year", *_LISTED),
    )

    graduate_id: Mapped[int] = mapped_column(ForeignKey("graduate.id"))
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"))
    department_id: Mapped[int] = mapped_column(ForeignKey("department.id"))
    """The graduate's; `registry.record.registration` keeps it so while the application is open."""
    year: Mapped[int]
    purpose: Mapped[str] = mapped_column(String(16), default=review.Purpose.REGISTER)
    state: Mapped[str] = mapped_column(String(24))
    revision: Mapped[int] = mapped_column(default=1)
    """Rises with every move: whoever writes says which one they saw."""
    category: Mapped[str] = mapped_column(String(4), default="")
    values: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """What was typed, as text, by column of Registration; once submitted, what is applied for.

    Nothing once it has passed: `registry.review.sent` says what was sent.
    """
    based_on: Mapped[int | None] = mapped_column(BigId)
    """The version in force when it was submitted."""
    registration_id: Mapped[int | None] = mapped_column(BigId)
    """The version it became, or the one it voided."""
    note: Mapped[str] = mapped_column(String(500), default="")
    """Why the graduate asks: for voiding."""
    reason: Mapped[str] = mapped_column(String(500), default="")
    """Why it was last returned or declined."""
    submitted_at: Mapped[datetime | None]
    passable_from: Mapped[datetime | None]
    """Before it no review passes it for good: of an agreement, while she may take it back."""
    closed_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    graduate: Mapped[Graduate] = relationship(lazy="raise")


class ReviewStep(InCohort, Base):
    """One step of an application, with what was sent or decided (审核记录).

    Append only, but for `values`.
    """

    __tablename__ = "review_step"
    __table_args__ = (UniqueConstraint("application_id", "revision"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"))
    revision: Mapped[int]
    """The application's revision that this step made."""
    event: Mapped[str] = mapped_column(String(24))
    level: Mapped[str] = mapped_column(String(16), default="")
    """Who decided; empty for the graduate's own steps."""
    reason: Mapped[str] = mapped_column(String(500), default="")
    values: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """What was submitted by this step; None once it is a version that says the same.

    `registry.review.sent` reads either.
    """
    based_on: Mapped[int | None] = mapped_column(BigId)
    by: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime]


class ReviewReason(Keyed, Base):
    """A reason a school or a province keeps for returning, to be used again: one of both is set."""

    __tablename__ = "review_reason"
    __table_args__ = (UniqueConstraint("school_id", "text"), UniqueConstraint("province", "text"))

    school_id: Mapped[int | None] = mapped_column(ForeignKey("school.id"))
    province: Mapped[str | None] = mapped_column(String(6))
    """GB/T 2260 code, six digits."""
    text: Mapped[str] = mapped_column(String(200))
    created_by: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime]


class Evidence(InCohort, Keyed, Base):
    """A document that proves a destination (佐证材料); the file itself is a stored file."""

    __tablename__ = "evidence"

    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), index=True)
    graduate_id: Mapped[int] = mapped_column(ForeignKey("graduate.id"), index=True)
    kind: Mapped[str] = mapped_column(String(24))
    file_id: Mapped[int | None] = mapped_column(
        ForeignKey("stored_file.id", ondelete="SET NULL"), index=True
    )
    name: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(40))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    added_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]
    """Taken off the form; what was once submitted stays in the file for those who check."""
