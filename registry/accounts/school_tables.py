"""The tables of schools and their departments."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from registry.base.database import Base, Keyed


class School(Keyed, Base):
    """A school (院校), known by its 5-digit code."""

    __tablename__ = "school"

    code: Mapped[str] = mapped_column(String(5), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    province: Mapped[str] = mapped_column(String(6), default="")
    """GB/T 2260 code of the province, six digits."""
    correction_system: Mapped[str | None] = mapped_column(String(80))
    """The province's own system, where its graduates correct what is wrong; None: here."""
    correction_url: Mapped[str | None] = mapped_column(String(300))
    helpline: Mapped[str] = mapped_column(String(120), default="")
    breach_url: Mapped[str | None] = mapped_column(String(300))
    """Where breaches of the four don'ts (四不准) are reported."""
    post_address: Mapped[str] = mapped_column(String(200), default="", server_default="")
    """From where it posts files, as envelopes say it; with the next."""
    post_code: Mapped[str] = mapped_column(String(6), default="", server_default="")
    synced_at: Mapped[datetime | None]
    sync_alarm: Mapped[str | None] = mapped_column(String(16))
    """What staff were told about its synchronisation, a `SyncState`; None while all is well."""
    counted_at: Mapped[datetime | None]
    """When its kept counts were compared with its people last (`registry.upkeep.recount`)."""
    created_at: Mapped[datetime]


class Department(Keyed, Base):
    """A department (院系) of a school."""

    __tablename__ = "department"
    __table_args__ = (UniqueConstraint("school_id", "name"),)

    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"))
    name: Mapped[str] = mapped_column(String(80))
