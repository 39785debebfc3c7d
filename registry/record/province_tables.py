"""The tables of what was reported to the province: the batches, and who is in them.

They belong to the record, since `registry.record.province_lock` asks them before every change; the
batches are sent and decided in `registry.province`.
"""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from registry.base.database import Base, InCohort, Keyed


class ProvinceBatch(Keyed, Base):
    """What a school reported to its province at one time, signed, and what became of it."""

    __tablename__ = "province_batch"
    __table_args__ = (Index("ix_province_batch_list", "school_id", "year", "id"),)

    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"))
    year: Mapped[int]
    state: Mapped[str] = mapped_column(String(16))
    revision: Mapped[int] = mapped_column(default=1)
    total: Mapped[int]
    counts: Mapped[dict[str, int]] = mapped_column(JSON)
    """Graduates by category."""
    left_out: Mapped[dict[str, int]] = mapped_column(JSON)
    """Graduates by the reason why they were left out."""
    sent_by: Mapped[str] = mapped_column(String(80))
    sent_by_name: Mapped[str] = mapped_column(String(80))
    sent_at: Mapped[datetime]
    decided_by: Mapped[str] = mapped_column(String(80), default="")
    decided_by_name: Mapped[str] = mapped_column(String(80), default="")
    decided_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(String(500), default="")


class ProvinceEntry(InCohort, Base):
    """One graduate in a batch, and the version that was reported."""

    __tablename__ = "province_entry"
    __table_args__ = (
        Index(
            "uq_province_entry_standing",
            "graduate_id",
            unique=True,
            postgresql_where=text("standing"),
            sqlite_where=text("standing = 1"),
        ),
        Index("ix_province_entry_graduate", "graduate_id", "batch_id"),
        # Asked by the database for each version that is deleted.
        Index("ix_province_entry_registration_id", "registration_id"),
    )

    batch_id: Mapped[int] = mapped_column(ForeignKey("province_batch.id"), primary_key=True)
    graduate_id: Mapped[int] = mapped_column(ForeignKey("graduate.id"), primary_key=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"))
    standing: Mapped[bool] = mapped_column(default=True)
    """With the province: sent or filed, and neither returned nor overtaken by a later version."""
    locked: Mapped[bool] = mapped_column(default=False)
    """Filed: the school's copy changes only through the province."""
    returned_at: Mapped[datetime | None]
    """When the province returned it, with its batch or by itself."""
    return_reason: Mapped[str | None] = mapped_column(String(500))
