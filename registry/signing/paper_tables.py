"""The table of agreements as documents: number, link, whose it is, and the hash of the text."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from registry.base.database import Base, BigId


class AgreementPaper(Base):
    """The document of an agreement (协议书). No file is kept: it is set again for whoever asks.

    Number and link stand here as they are: who reads this table reads the agreements beside it,
    which say more than either leads to.
    """

    __tablename__ = "agreement_paper"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    agreement_id: Mapped[int] = mapped_column(ForeignKey("agreement.id"), unique=True)
    graduate_id: Mapped[int] = mapped_column(ForeignKey("graduate.id"), index=True)
    number: Mapped[str] = mapped_column(String(16), unique=True)
    """协议书编号, by `registry.numbers.shape`; never given twice."""
    link: Mapped[str] = mapped_column(String(40), unique=True)
    """The token in the link of its QR code."""
    edition: Mapped[int]
    """Of the clauses."""
    signer: Mapped[dict[str, Any]] = mapped_column(JSON)
    """The graduate as she was when the agreement began, by `registry.signing.agreement_text`."""
    digest: Mapped[str] = mapped_column(String(64))
    """SHA-256 of number, clauses and signer. That of the terms is kept with their version."""
    made_at: Mapped[datetime]
