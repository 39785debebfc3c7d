"""The tables of numbers, of the proofs of who authorized them, and of who looked them up."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from registry.base.database import Base, BigId, InCohort
from registry.numbers.states import ISSUED_NUMBER


class IssuedNumber(InCohort, Base):
    """One number, with what it shows. Never reused; only its state (`standing`) and end change.

    A lookup reads this row alone. The number itself is loaded only by who asks for it.
    """

    __tablename__ = "issued_number"
    __table_args__ = (
        UniqueConstraint("graduate_id", "issue", "kind", "sequence"),
        # The newest of a graduate, issue and kind: at most one, and how lists join it.
        Index(
            "uq_issued_number_newest",
            "graduate_id",
            "issue",
            "kind",
            unique=True,
            postgresql_where=text("newest"),
            sqlite_where=text("newest = 1"),
        ),
        # A school's lists and counts of one cohort.
        Index(
            "ix_issued_number_cohort",
            *("school_id", "year", "issue", "kind", "standing", "ends_on"),
            postgresql_where=text("newest"),
            sqlite_where=text("newest = 1"),
        ),
        # What runs out on a day, for the reminders.
        Index("ix_issued_number_ends_on", "issue", "ends_on"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    graduate_id: Mapped[int] = mapped_column(ForeignKey("graduate.id"))
    issue: Mapped[str] = mapped_column(String(16))
    kind: Mapped[str] = mapped_column(String(16))
    sequence: Mapped[int]
    newest: Mapped[bool] = mapped_column(default=True)
    standing: Mapped[str] = mapped_column(String(16), default=ISSUED_NUMBER.start)
    number_index: Mapped[str] = mapped_column(String(32), unique=True)
    number_sealed: Mapped[str] = mapped_column(String(200), deferred=True, deferred_raiseload=True)
    link_hash: Mapped[str] = mapped_column(String(64), unique=True)
    """SHA-256 of the token in the QR code's link."""
    link_sealed: Mapped[str | None] = mapped_column(
        String(200), deferred=True, deferred_raiseload=True
    )
    """That token, to print it again; None in older rows, whose token follows from the index key
    until `quxiang keys rotate` keeps it."""
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"), index=True)
    snapshot: Mapped[dict[str, Any]] = mapped_column(JSON)
    """The fields it shows, by `registry.numbers.report`, as they were when it was issued."""
    ends_on: Mapped[date]
    """The last day it holds, in Asia/Shanghai."""
    issued_at: Mapped[datetime]
    issued_by: Mapped[str] = mapped_column(String(80))
    authentication_id: Mapped[int | None] = mapped_column(ForeignKey("authentication.id"))
    """The proof a verification was authorized with."""
    ended_at: Mapped[datetime | None]
    """When it stopped being good."""


class Way(StrEnum):
    """How a person was authenticated (实人认证)."""

    FACE = "face"
    IN_PERSON = "in_person"


WAY_TITLES = {Way.FACE: "人脸核身", Way.IN_PERSON: "学校现场核验"}


class Authentication(InCohort, Base):
    """One real-person authentication, asked for or done. No picture is ever kept."""

    __tablename__ = "authentication"
    __table_args__ = (Index("ix_authentication_graduate", "graduate_id", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    graduate_id: Mapped[int] = mapped_column(ForeignKey("graduate.id"))
    way: Mapped[str] = mapped_column(String(16))
    session_hash: Mapped[str | None] = mapped_column(String(64))
    """The browser session it holds for; None: any of hers (she was seen in person)."""
    reference_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    """SHA-256 of the face provider's token for this check."""
    act: Mapped[str] = mapped_column(String(64), default="", server_default="")
    """The one act it proves her for; empty for authorizing, whatever she authorizes."""
    document: Mapped[str] = mapped_column(String(16), default="")
    """What was shown in person (a `Document`)."""
    recorded_by: Mapped[str] = mapped_column(String(80), default="")
    begun_at: Mapped[datetime]
    proved_at: Mapped[datetime | None]
    """None: not done, or failed."""
    failed_at: Mapped[datetime | None]
    holds_until: Mapped[datetime | None]


class Result(StrEnum):
    """What came of a lookup; only the log tells the refusals apart."""

    SHOWN = "shown"
    MALFORMED = "malformed"
    UNKNOWN = "unknown"
    WRONG_NAME = "wrong_name"
    ENDED = "ended"
    """Right number and name, but lapsed, revoked, replaced or run out."""


class Lookup(Base):
    """One lookup by a receiver (核验记录). Append only."""

    __tablename__ = "lookup"
    __table_args__ = (
        Index("ix_lookup_number", "number_id", "id"),
        Index(
            *("ix_lookup_agreement", "agreement_id", "id"),
            postgresql_where=text("agreement_id IS NOT NULL"),
            sqlite_where=text("agreement_id IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    number_id: Mapped[int | None] = mapped_column(ForeignKey("issued_number.id"))
    agreement_id: Mapped[int | None] = mapped_column(ForeignKey("agreement.id"))
    """The agreement whose number was looked up; then `kind` is `agreement`."""
    kind: Mapped[str] = mapped_column(String(16))
    result: Mapped[str] = mapped_column(String(16))
    by_link: Mapped[bool]
    address_index: Mapped[str] = mapped_column(String(32))
    """Blind index of the network address."""
    receiver: Mapped[str] = mapped_column(String(80), default="")
    """`staff:<key>` of a receiver with an account; empty for the public pages."""
    at: Mapped[datetime]
