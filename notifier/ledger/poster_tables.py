"""Posters of classes (绑定海报): the scene codes by which a class follows the account and binds."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from registry.base.database import Base, Keyed


class Poster(Keyed, Base):
    """A class's code. WeChat's temporary codes end after thirty days; a new one keeps the scene."""

    __tablename__ = "poster"
    __table_args__ = (Index("ix_poster_class", "school_id", "year", "department_id", "class_name"),)

    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"))
    department_id: Mapped[int] = mapped_column(ForeignKey("department.id"))
    year: Mapped[int]
    """The cohort."""
    class_name: Mapped[str] = mapped_column(String(80))
    """Empty for those of the department who are in no class."""
    scene: Mapped[str] = mapped_column(String(64), unique=True)
    """What WeChat pushes with whoever scans it; not to be guessed."""
    address: Mapped[str] = mapped_column(String(300))
    """What the code says."""
    expires_at: Mapped[datetime]
    made_by: Mapped[str] = mapped_column(String(80))
    made_at: Mapped[datetime]
    scans: Mapped[int] = mapped_column(default=0, server_default="0")
    """How often it was scanned, whoever did."""
