"""The table of supplements (补充协议): other terms that are proposed for what is signed."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.base.database import Base, Keyed
from registry.signing.supplement_states import SUPPLEMENT, SupplementState
from registry.signing.tables import Agreement

_PROPOSED = text(f"state = '{SupplementState.PROPOSED}'")


class Supplement(Keyed, Base):
    """Terms that an employer proposes; agreed to, they are a `TermsVersion` of the agreement."""

    __tablename__ = "supplement"
    __table_args__ = (
        # One proposal at a time for an agreement.
        Index(
            "uq_supplement_proposed",
            "agreement_id",
            unique=True,
            postgresql_where=_PROPOSED,
            sqlite_where=_PROPOSED,
        ),
        Index(
            "ix_supplement_answer_by",
            "answer_by",
            postgresql_where=_PROPOSED,
            sqlite_where=_PROPOSED,
        ),
        Index("ix_supplement_agreement", "agreement_id", "id"),
        Index("ix_supplement_graduate", "graduate_id", "id"),
    )

    agreement_id: Mapped[int] = mapped_column(ForeignKey("agreement.id"))
    graduate_id: Mapped[int] = mapped_column(ForeignKey("graduate.id"))
    state: Mapped[str] = mapped_column(String(16), default=SUPPLEMENT.start)
    terms: Mapped[dict[str, Any]] = mapped_column(JSON)
    """All terms as they would stand."""
    digest: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the terms, by which she says what she saw."""
    why: Mapped[str] = mapped_column(String(200))
    """Why the employer proposes it, which she reads."""
    proposed_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    proposed_at: Mapped[datetime]
    answer_by: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    answer: Mapped[str] = mapped_column(String(200), default="")
    """Why she did not agree."""

    agreement: Mapped[Agreement] = relationship(lazy="raise")
