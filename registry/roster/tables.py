"""The table of roster imports."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from registry.base.database import Base, Keyed


class RosterImport(Keyed, Base):
    """One import of a roster: the file, the choice, the progress and the outcome."""

    __tablename__ = "roster_import"
    __table_args__ = (Index("ix_roster_import_list", "school_id", "id"),)

    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id", ondelete="SET NULL"))
    refused_file_id: Mapped[int | None] = mapped_column(
        ForeignKey("stored_file.id", ondelete="SET NULL")
    )
    file_name: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(16))
    policy: Mapped[str] = mapped_column(String(16))
    year: Mapped[int | None]
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    counts: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    problems: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    """The first problems, for the page; all refused rows are in the refused file."""
    message: Mapped[str] = mapped_column(String(300), default="")
    attempts: Mapped[int] = mapped_column(default=0)
    """How often it was claimed; every later write of the claimant carries the number."""
    lease_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
