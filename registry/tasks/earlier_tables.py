"""The two tables of background work before migration 0016, which made them one.

They stay while processes of the version before may run beside the new ones: what those write here
is brought over by `registry.tasks.carry_over`. A later migration drops them, and this module goes.
"""

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


class OfficeTask(Keyed, Base):
    """One thing done for many graduates: what, how far it has come, and the file that came of it.

    Whom it is for was settled when it was asked for, and stands in `office_task_person` until done.
    """

    __tablename__ = "office_task"
    __table_args__ = (
        Index("ix_office_task_list", "school_id", "id"),
        Index("ix_office_task_open", "state", "id"),
    )

    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"))
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"))
    """Whose staff asked; None for the school's."""
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    year: Mapped[int]
    kind: Mapped[str] = mapped_column(String(16))
    """File or household; empty for a list of names."""
    work: Mapped[str] = mapped_column(String(16))
    about: Mapped[dict[str, str]] = mapped_column(JSON, default=dict, server_default="{}")
    """Which campaign a list is of, and what state; nothing personal."""
    state: Mapped[str] = mapped_column(String(16))
    total: Mapped[int]
    """People."""
    done: Mapped[int] = mapped_column(default=0)
    """People whose line, slip or report is made; for numbers alone, numbers."""
    renewed_up_to: Mapped[int] = mapped_column(default=0)
    """The last graduate (by id) whose number was seen to."""
    counts: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    """created, renewed, left_out."""
    message: Mapped[str] = mapped_column(String(300), default="")
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id", ondelete="SET NULL"))
    attempts: Mapped[int] = mapped_column(default=0)
    """How often it was claimed; every later write of the claimant carries the number."""
    lease_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class OfficeTaskPerson(Base):
    """A graduate an unfinished task is for."""

    __tablename__ = "office_task_person"

    task_id: Mapped[int] = mapped_column(
        ForeignKey("office_task.id", ondelete="CASCADE"), primary_key=True
    )
    graduate_id: Mapped[int] = mapped_column(ForeignKey("graduate.id"), primary_key=True)
