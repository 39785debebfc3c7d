"""Counts that are kept, so that no page counts rows: graduates, their newest numbers, applications.

Triggers of the database write them in the transaction of what they count
(`migrations.count_triggers`, docs/decisions/0072-kept-counts.md): a change adds a row, positive or
negative, and waits for nobody. A count is a sum; `registry.record.counts` reads and folds.
"""

from datetime import date

from sqlalchemy import Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from registry.base.database import Base, BigId

_ALL_OF_GRADUATES = ("school_id", "year", "department_id", "level", "graduation_month")
_OF_GRADUATES = (*_ALL_OF_GRADUATES, "confirmation", "provenance", "category")
_OF_NUMBERS = (*_ALL_OF_GRADUATES, "is_registered", "issue", "kind", "standing", "ends_on")
_OF_APPLICATIONS = ("school_id", "year", "purpose", "state")


def _indexes(table: str, told_apart: tuple[str, ...]) -> tuple[Index, ...]:
    """Return how a cohort is summed up, how a fold finds its row, and what is to be folded."""
    folded, added = text("folded"), text("NOT folded")
    return (
        Index(f"ix_{table}_cohort", "school_id", "year"),
        Index(
            f"uq_{table}_folded",
            *told_apart,
            unique=True,
            postgresql_where=folded,
            sqlite_where=folded,
        ),
        Index(f"ix_{table}_added", "id", postgresql_where=added, sqlite_where=added),
    )


class GraduateCount(Base):
    """So many graduates more, or fewer, who have everything here in common."""

    __tablename__ = "graduate_count"
    __table_args__ = _indexes("graduate_count", _OF_GRADUATES)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    school_id: Mapped[int]
    """No foreign key: a merge of schools leaves sums of 0, which the next fold deletes."""
    year: Mapped[int]
    """Below 0 for ended records, as of `Graduate`."""
    department_id: Mapped[int]
    level: Mapped[str] = mapped_column(String(4))
    graduation_month: Mapped[str] = mapped_column(String(6))
    confirmation: Mapped[str] = mapped_column(String(16))
    provenance: Mapped[str] = mapped_column(String(24))
    """A `Provenance`; empty where nothing is in force."""
    category: Mapped[str] = mapped_column(String(2))
    """The first two digits of what is in force; empty where nothing is."""
    number: Mapped[int]
    folded: Mapped[bool]
    """Whether all that was added until then is in this one row."""


class NumberCount(Base):
    """So many newest numbers more, or fewer, that have everything here in common."""

    __tablename__ = "number_count"
    __table_args__ = _indexes("number_count", _OF_NUMBERS)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    school_id: Mapped[int]
    year: Mapped[int]
    department_id: Mapped[int]
    level: Mapped[str] = mapped_column(String(4))
    graduation_month: Mapped[str] = mapped_column(String(6))
    is_registered: Mapped[bool]
    """Whether a destination of the graduate is in force."""
    issue: Mapped[str] = mapped_column(String(16))
    kind: Mapped[str] = mapped_column(String(16))
    standing: Mapped[str] = mapped_column(String(16))
    ends_on: Mapped[date]
    number: Mapped[int]
    folded: Mapped[bool]


class ApplicationCount(Base):
    """So many applications more, or fewer, that have everything here in common.

    Not by department: a closed application stays where its graduate was when it was closed.
    """

    __tablename__ = "application_count"
    __table_args__ = _indexes("application_count", _OF_APPLICATIONS)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    school_id: Mapped[int]
    year: Mapped[int]
    purpose: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(24))
    number: Mapped[int]
    folded: Mapped[bool]
