"""The tables of reports: the report, what was said about it since, and its documents."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.accounts.school_tables import School
from registry.base.database import Base, Keyed
from registry.breaches.states import BREACH
from registry.record.tables import Graduate

NUMBER_LENGTH, UNIT_LENGTH = 16, 120
_WAITING = text("state IN ('received', 'handling', 'reopened')")


class BreachReport(Keyed, Base):
    """What a graduate reported (举报), and whose it is to answer."""

    __tablename__ = "breach_report"
    __table_args__ = (
        Index("ix_breach_report_school", "school_id", "id"),
        Index("ix_breach_report_graduate", "graduate_id", "id"),
        Index("ix_breach_report_due", "due_at", postgresql_where=_WAITING, sqlite_where=_WAITING),
    )

    number: Mapped[str] = mapped_column(String(NUMBER_LENGTH), unique=True)
    """The receipt's (回执号): who has it reads how the report stands and what was answered."""
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"))
    graduate_id: Mapped[int] = mapped_column(ForeignKey("graduate.id"))
    kind: Mapped[str] = mapped_column(String(16))
    accused: Mapped[str] = mapped_column(String(16))
    unit: Mapped[str] = mapped_column(String(UNIT_LENGTH), default="")
    """Name of the employer it is about, as she gave it."""
    named: Mapped[bool]
    """Whether a province or the operators may know who reported; a school never does."""
    words_sealed: Mapped[str] = mapped_column(Text)
    office: Mapped[str] = mapped_column(String(16))
    """Who handles it now, a `registry.breaches.kinds.Office`."""
    state: Mapped[str] = mapped_column(String(16), default=BREACH.start)
    received_at: Mapped[datetime]
    due_at: Mapped[datetime]
    """Until when an answer is owed."""
    answered_at: Mapped[datetime | None]
    told_at: Mapped[datetime | None]
    """When the school that it is about was first asked to explain; before, it knows nothing."""
    closed_at: Mapped[datetime | None]

    school: Mapped[School] = relationship(lazy="raise")
    graduate: Mapped[Graduate] = relationship(lazy="raise")


class BreachStep(Keyed, Base):
    """Something that was done or said about a report since. Append only."""

    __tablename__ = "breach_step"

    report_id: Mapped[int] = mapped_column(ForeignKey("breach_report.id"), index=True)
    act: Mapped[str] = mapped_column(String(16))
    """An `Act` of `registry.breaches.steps`."""
    office: Mapped[str] = mapped_column(String(16), default="")
    """Whose staff did it; empty for the graduate and the clock."""
    by: Mapped[str] = mapped_column(String(80), default="")
    """`staff:<key>`; empty as above."""
    words_sealed: Mapped[str | None] = mapped_column(Text)
    at: Mapped[datetime]


class BreachFile(Keyed, Base):
    """A document with a report; it keeps no name, which could tell whose it is."""

    __tablename__ = "breach_file"

    report_id: Mapped[int] = mapped_column(ForeignKey("breach_report.id"), index=True)
    file_id: Mapped[int | None] = mapped_column(
        ForeignKey("stored_file.id", ondelete="SET NULL"), index=True
    )
    media_type: Mapped[str] = mapped_column(String(40))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    added_at: Mapped[datetime]
