"""The tables of what a province forwards to the Ministry: the files, and who is in them."""

from datetime import date, datetime

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from registry.base.database import Base, Keyed


class ForwardingHead(Base):
    """The last number of a province's forwardings; its row is locked while one is begun."""

    __tablename__ = "forwarding_head"

    province: Mapped[str] = mapped_column(String(6), primary_key=True)
    last: Mapped[int] = mapped_column(default=0)


class Forwarding(Keyed, Base):
    """One file that a province forwards, and what the Ministry said of it."""

    __tablename__ = "forwarding"
    __table_args__ = (
        UniqueConstraint("province", "sequence"),
        Index("ix_forwarding_list", "province", "year", "id"),
        Index("ix_forwarding_file", "file_id"),
        Index("ix_forwarding_task", "task_id"),
    )

    province: Mapped[str] = mapped_column(String(6))
    """GB/T 2260 code, six digits."""
    sequence: Mapped[int]
    """Counted in the province, from 1."""
    year: Mapped[int]
    state: Mapped[str] = mapped_column(String(16))
    total: Mapped[int]
    counts: Mapped[dict[str, int]] = mapped_column(JSON)
    """Graduates by category."""
    made_by: Mapped[str] = mapped_column(String(80))
    made_by_name: Mapped[str] = mapped_column(String(80))
    made_at: Mapped[datetime]
    """When it was begun: the moment that its manifest names."""
    task_id: Mapped[int | None] = mapped_column(ForeignKey("task.id", ondelete="SET NULL"))
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id", ondelete="SET NULL"))
    sha256: Mapped[str] = mapped_column(String(64), default="")
    """Of the whole file, in hex."""
    key_name: Mapped[str] = mapped_column(String(40), default="")
    """Of the key that signed the manifest."""
    sent_by: Mapped[str] = mapped_column(String(80), default="")
    sent_by_name: Mapped[str] = mapped_column(String(80), default="")
    sent_at: Mapped[datetime | None]
    receipt_number: Mapped[str] = mapped_column(String(40), default="")
    receipt_on: Mapped[date | None]
    accepted: Mapped[int | None]
    refused: Mapped[int | None]
    reason: Mapped[str] = mapped_column(String(500), default="")
    """Why nothing of it was taken."""
    received_by: Mapped[str] = mapped_column(String(80), default="")
    received_by_name: Mapped[str] = mapped_column(String(80), default="")
    received_at: Mapped[datetime | None]
    """When the receipt was entered here."""

    @property
    def number(self) -> str:
        """Return how it is called: the province's code and its count."""
        return f"{self.province}-{self.sequence:04}"


class ForwardedEntry(Base):
    """One graduate in a forwarding, and the filed version that it holds."""

    __tablename__ = "forwarded_entry"
    __table_args__ = (
        # What is filed once is with the Ministry once.
        Index(
            "uq_forwarded_entry_standing",
            *("batch_id", "graduate_id"),
            unique=True,
            postgresql_where=text("standing"),
            sqlite_where=text("standing = 1"),
        ),
        Index("ix_forwarded_entry_graduate", "graduate_id"),
        # Asked by the database for each version that is deleted.
        Index("ix_forwarded_entry_registration_id", "registration_id"),
    )

    forwarding_id: Mapped[int] = mapped_column(ForeignKey("forwarding.id"), primary_key=True)
    graduate_id: Mapped[int] = mapped_column(ForeignKey("graduate.id"), primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("province_batch.id"))
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"))
    standing: Mapped[bool] = mapped_column(default=True)
    """Neither refused, nor in a forwarding that was refused or discarded."""
    refusal: Mapped[str | None] = mapped_column(String(200))
    """Why the Ministry did not take her."""
