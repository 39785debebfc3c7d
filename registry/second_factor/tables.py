"""The tables of the second factor: its secret, the backup codes, requests to reset it."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from registry.base.database import Base, BigId, Keyed

REASON_LENGTH = 200


class SecondFactor(Base):
    """The second factor of a member of staff, in force: a new phone is a new row."""

    __tablename__ = "second_factor"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), unique=True)
    secret_sealed: Mapped[str] = mapped_column(String(200))
    """Opens for this member of staff alone."""
    last_step: Mapped[int]
    """The step of the code used last: no code of it or before is good any more."""


class BackupCode(Base):
    """A code that is good once where the phone is not at hand (备用码)."""

    __tablename__ = "backup_code"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    code_hash: Mapped[str] = mapped_column(String(200))
    used_at: Mapped[datetime | None]


class FactorReset(Keyed, Base):
    """One asks for a colleague's second factor to be taken off, another decides."""

    __tablename__ = "factor_reset"

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    reason: Mapped[str] = mapped_column(String(REASON_LENGTH))
    state: Mapped[str] = mapped_column(String(16), index=True)
    asked_at: Mapped[datetime]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    decided_at: Mapped[datetime | None]
