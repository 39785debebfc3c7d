"""The tables of tasks: what was asked for, how far it has come, and what came of it."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from registry.base.database import Base, Keyed


class Task(Keyed, Base):
    """One piece of work in the background, of one of the kinds in `registry.tasks.kinds`."""

    __tablename__ = "task"
    __table_args__ = (
        Index("ix_task_list", "school_id", "id"),
        Index("ix_task_open", "state", "id"),
        Index("ix_task_employer", "employer_id", "id"),
        Index("ix_task_staff", "staff_id", "id"),
        Index("ix_task_graduate", "graduate_id", "id"),
    )

    school_id: Mapped[int | None] = mapped_column(ForeignKey("school.id"))
    """None for what the staff of provinces and operators ask for."""
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"))
    """Whose staff asked; None for the school's."""
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    """None for the command line."""
    employer_id: Mapped[int | None] = mapped_column(ForeignKey("employer.id"))
    """Whose people asked, where it is an employer's."""
    graduate_id: Mapped[int | None] = mapped_column(ForeignKey("graduate.id"))
    """Who asked for what is about herself."""
    kind: Mapped[str] = mapped_column(String(16))
    """A `TaskKind`."""
    asked: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    """What was asked, in the words of the kind (see `TaskKind`); nothing personal."""
    year: Mapped[int | None]
    """The year of graduation; of an import it is known once the file is checked."""
    source_file_id: Mapped[int | None] = mapped_column(
        ForeignKey("stored_file.id", ondelete="SET NULL")
    )
    """The file that was uploaded for the task."""
    state: Mapped[str] = mapped_column(String(16))
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    """People, or rows of the uploaded file."""
    resume_after: Mapped[int] = mapped_column(default=0)
    """The last graduate (by id) that is dealt with: another worker goes on behind."""
    counts: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    """What came of it, in numbers, by the names of the kind."""
    problems: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    """The first problems of an uploaded file, for the page; all of them are in `file_id`."""
    message: Mapped[str] = mapped_column(String(300), default="")
    """A sentence for the page: why it was refused, or who is not in the file."""
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id", ondelete="SET NULL"))
    """The file that was made; of an import the workbook of refused rows."""
    plan_key: Mapped[str] = mapped_column(String(32), default="", server_default="")
    """Of an import: the key of the file that says who is new, who changes and who is absent."""
    applied_at: Mapped[datetime | None]
    """Of an import: when what it says was brought in, as the rows it wrote have it."""
    attempts: Mapped[int] = mapped_column(default=0)
    """How often it was claimed; every later write of the claimant carries the number."""
    lease_until: Mapped[datetime | None]
    """When the task is another worker's, by the database's clock; of one held back, the first's."""
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]

    @property
    def of_school(self) -> int:
        """Return whose it is: only an export of the audit log may be of no school."""
        assert self.school_id is not None, self.kind
        return self.school_id


class TaskApplication(Base):
    """An application that a task decides on, as it was seen, and what came of it."""

    __tablename__ = "task_application"

    task_id: Mapped[int] = mapped_column(
        ForeignKey("task.id", ondelete="CASCADE"), primary_key=True
    )
    application_id: Mapped[int] = mapped_column(
        ForeignKey("application.id"), primary_key=True, index=True
    )
    graduate_id: Mapped[int] = mapped_column(ForeignKey("graduate.id"), index=True)
    revision: Mapped[int]
    mark: Mapped[str] = mapped_column(String(24), default="", server_default="")
    """Why it is worth a look before it passes with many (`registry.tasks.review_steps.MARKS`)."""
    outcome: Mapped[str] = mapped_column(String(32), default="", server_default="")
    """A `registry.review.decisions.Outcome`; empty until it was decided on."""


class TaskPerson(Base):
    """A graduate an unfinished task is for."""

    __tablename__ = "task_person"

    task_id: Mapped[int] = mapped_column(
        ForeignKey("task.id", ondelete="CASCADE"), primary_key=True
    )
    graduate_id: Mapped[int] = mapped_column(
        ForeignKey("graduate.id"), primary_key=True, index=True
    )
