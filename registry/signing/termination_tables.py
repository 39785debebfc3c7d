"""The tables of terminations (解约): the request, what was done about it, its documents."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.base.database import Base, BigId, Keyed
from registry.signing.tables import Agreement
from registry.signing.termination_states import LIVE, TerminationState

_LIVE = text(f"state IN ({', '.join(repr(str(each)) for each in sorted(LIVE))})")
_ASKED = text(f"state = '{TerminationState.ASKED}'")


class Termination(Keyed, Base):
    """One party's request to end an agreement that is signed (解约申请)."""

    __tablename__ = "termination"
    __table_args__ = (
        # One request at a time about an agreement.
        Index(
            "uq_termination_live",
            "agreement_id",
            unique=True,
            postgresql_where=_LIVE,
            sqlite_where=_LIVE,
        ),
        Index(
            "ix_termination_answer_by", "answer_by", postgresql_where=_ASKED, sqlite_where=_ASKED
        ),
        Index("ix_termination_agreement", "agreement_id", "id"),
        Index("ix_termination_employer", "employer_id", "id"),
        Index("ix_termination_graduate", "graduate_id", "id"),
    )

    agreement_id: Mapped[int] = mapped_column(ForeignKey("agreement.id"))
    graduate_id: Mapped[int] = mapped_column(ForeignKey("graduate.id"))
    employer_id: Mapped[int | None] = mapped_column(ForeignKey("employer.id"))
    """None of an agreement on paper, whose employer answers on paper."""
    state: Mapped[str] = mapped_column(String(16))
    party: Mapped[str] = mapped_column(String(16))
    """Who asked, a `Party`."""
    way: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(String(24))
    breach: Mapped[int | None]
    """Yuan of breach money that who asked names; it is kept, and nothing is done with it."""
    answer_by: Mapped[datetime]
    """When the other party's silence leads to the school."""
    asked_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]

    agreement: Mapped[Agreement] = relationship(lazy="raise")


class TerminationStep(Base):
    """What was done about a request to terminate. Append only (办理经过)."""

    __tablename__ = "termination_step"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    termination_id: Mapped[int] = mapped_column(ForeignKey("termination.id"), index=True)
    event: Mapped[str] = mapped_column(String(16))
    """A `TerminationEvent`, or `ask`."""
    party: Mapped[str] = mapped_column(String(16))
    """Who did it: a `Party`, `school`; empty for the clock."""
    text: Mapped[str] = mapped_column(String(200))
    settlement: Mapped[str] = mapped_column(String(16), default="")
    """What a party said of the breach money, a `Settlement`."""
    by: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime]


class TerminationDocument(Keyed, Base):
    """A document that a party adds to a termination; the file itself is a stored file."""

    __tablename__ = "termination_document"

    termination_id: Mapped[int] = mapped_column(ForeignKey("termination.id"), index=True)
    graduate_id: Mapped[int] = mapped_column(ForeignKey("graduate.id"), index=True)
    party: Mapped[str] = mapped_column(String(16))
    """Who added it."""
    file_id: Mapped[int | None] = mapped_column(
        ForeignKey("stored_file.id", ondelete="SET NULL"), index=True
    )
    name: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(40))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    added_at: Mapped[datetime]
