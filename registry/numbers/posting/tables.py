"""The table of postings: a file that left the school, and what became of it."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from registry.base.database import Base, Keyed
from registry.numbers.posting.states import POSTING

_STANDING = text("state IN ('posted', 'received', 'returned')")


class Posting(Keyed, Base):
    """One file posted once (寄送); only its state and what was noted of its arrival change."""

    __tablename__ = "posting"
    __table_args__ = (
        # The one that says where a file is, and how lists join it.
        Index(
            "uq_posting_standing",
            "graduate_id",
            unique=True,
            postgresql_where=_STANDING,
            sqlite_where=_STANDING,
        ),
        Index("ix_posting_graduate", "graduate_id", "id"),
        # The directory of receivers: a school's, newest first, and all of one unit.
        Index("ix_posting_school", "school_id", "id"),
        Index("ix_posting_unit", "school_id", "unit", "id"),
    )

    graduate_id: Mapped[int] = mapped_column(ForeignKey("graduate.id"))
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"))
    cohort: Mapped[int]
    """Hers (届) when it was noted."""
    way: Mapped[str] = mapped_column(String(16))
    """A `PostingWay`."""
    number: Mapped[str] = mapped_column(String(40))
    """The courier's (单号), as `registry.numbers.posting.waybill` reads it."""
    posted_on: Mapped[date]
    """The day in Asia/Shanghai, as the next two."""
    unit: Mapped[str] = mapped_column(String(120))
    """The receiver (收档单位) and where it is, as they were written on the envelope."""
    address: Mapped[str] = mapped_column(String(200), default="")
    postcode: Mapped[str] = mapped_column(String(6), default="")
    contact: Mapped[str] = mapped_column(String(80), default="")
    phone: Mapped[str] = mapped_column(String(40), default="")
    state: Mapped[str] = mapped_column(String(16), default=POSTING.start)
    received_on: Mapped[date | None]
    returned_on: Mapped[date | None]
    reason: Mapped[str] = mapped_column(String(200), default="")
    """Why it came back, or why it was removed."""
    noted_by: Mapped[str] = mapped_column(String(80))
    """`staff:<key>`, as the next but one."""
    noted_at: Mapped[datetime]
    settled_by: Mapped[str] = mapped_column(String(80), default="")
    """Who noted what stands of its arrival, or removed it."""
    settled_at: Mapped[datetime | None]
