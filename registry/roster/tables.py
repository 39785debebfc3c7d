"""The table of what each import changed of whom, so that it can be undone as a whole."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from registry.base.database import Base, BigId


class ImportChange(Base):
    """One graduate that an import added or changed, and what stood there before.

    The rows go when the import was undone, and a month after it was brought in.
    """

    __tablename__ = "import_change"
    __table_args__ = (UniqueConstraint("graduate_id", "task_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    task_id: Mapped[int] = mapped_column(ForeignKey("task.id", ondelete="CASCADE"), index=True)
    graduate_id: Mapped[int] = mapped_column(ForeignKey("graduate.id"))
    added: Mapped[bool]
    """New by the import: nothing stood there before."""
    before: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """The columns of Graduate that were written, with what stood there; of a sealed one the name
    alone, its value is below, as is the department's."""
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"))
    """Her department before, where the import wrote another; departments may be merged since."""
    identity_sealed: Mapped[str | None] = mapped_column(String(200))
    phone_sealed: Mapped[str | None] = mapped_column(String(200))
    particulars_sealed: Mapped[str | None]
    registration_before: Mapped[int | None] = mapped_column(BigId)
    """The version in force before; no foreign keys, as in Graduate."""
    registration_after: Mapped[int | None] = mapped_column(BigId)
    confirmation: Mapped[str] = mapped_column(String(16))
    """Where her confirmation stood before, a `ConfirmationState`."""
    answered_at: Mapped[datetime | None]
    """When she had last answered: a later answer is built on the import."""
    authorization_ended: Mapped[bool] = mapped_column(default=False)
    """Whether a verification she had authorized ended by the import."""
    found_at: Mapped[datetime]
    """When she was last changed before."""
    left_at: Mapped[datetime]
    """When the import changed her: `Graduate.updated_at` is later once anything else did."""
