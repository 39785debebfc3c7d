"""The table of employers (用人单位), whose people sign in here to invite graduates to sign."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from registry.base.database import Base, Keyed


class Employer(Keyed, Base):
    """An employer, known by its unified social credit code; whatever school it recruits at.

    The columns are named as those of a registration, which they become when an agreement is signed.
    """

    __tablename__ = "employer"

    unit_name: Mapped[str] = mapped_column(String(120))
    """As on the licence, and on the stamp."""
    unit_code: Mapped[str] = mapped_column(String(18), unique=True)
    """GB 32100, with its check character."""
    unit_nature: Mapped[str] = mapped_column(String(4))
    unit_industry: Mapped[str] = mapped_column(String(4))
    unit_location_code: Mapped[str] = mapped_column(String(6))
    """GB/T 2260, down to the county."""
    unit_address: Mapped[str] = mapped_column(String(200), default="")
    unit_contact: Mapped[str] = mapped_column(String(80))
    unit_phone: Mapped[str] = mapped_column(String(40))
    """Of the office that recruits: agreements and registrations show it, as those of any unit."""
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"), index=True)
    """The school that registered it, and looks after its accounts."""
    created_at: Mapped[datetime]
