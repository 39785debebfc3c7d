"""The tables of what graduates are told of the use of their data, and of what they agreed to."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from registry.base.database import Base, BigId


class PrivacyNotice(Base):
    """A school's own text on the use of personal data (个人信息处理说明). Never altered."""

    __tablename__ = "privacy_notice"
    __table_args__ = (UniqueConstraint("school_id", "version"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"))
    version: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    """Empty: from then on the default text is shown again."""
    published_at: Mapped[datetime]
    published_by: Mapped[str] = mapped_column(String(80))


class Consent(Base):
    """One consent of a graduate, with the text it was given to. Withdrawn, never deleted."""

    __tablename__ = "consent"
    __table_args__ = (Index("ix_consent_graduate", "graduate_id", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    graduate_id: Mapped[int] = mapped_column(ForeignKey("graduate.id"))
    purpose: Mapped[str] = mapped_column(String(16))
    """A `registry.record.consents.ConsentPurpose`."""
    notice: Mapped[str] = mapped_column(String(40))
    """The version of the text she saw."""
    given_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
