"""What staff keep of lists of graduates: whom they chose, and how they narrowed a list."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from registry.base.database import Base, Keyed


class ViewedPage(StrEnum):
    """The page that filters kept under a name are of."""

    GRADUATES = "graduates"
    REMINDER = "reminder"


class Selection(Keyed, Base):
    """Graduates whom one member of staff chose from a list, to do something for them."""

    __tablename__ = "selection"

    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    size: Mapped[int]
    """How many were chosen."""
    created_at: Mapped[datetime] = mapped_column(index=True)


class SelectedGraduate(Base):
    """One graduate of a selection."""

    __tablename__ = "selected_graduate"

    selection_id: Mapped[int] = mapped_column(
        ForeignKey("selection.id", ondelete="CASCADE"), primary_key=True
    )
    graduate_id: Mapped[int] = mapped_column(
        ForeignKey("graduate.id"), primary_key=True, index=True
    )


class ListView(Keyed, Base):
    """Filters and order of a list under a name (常用筛选): of one member of staff, or shared.

    Also whom a reminder is for (常用发送对象).
    """

    __tablename__ = "list_view"
    __table_args__ = (
        Index("ix_list_view_school", "school_id", "id"),
        Index("uq_list_view_staff", "staff_id", "page", "name", unique=True),
        Index(
            "uq_list_view_shared",
            *("school_id", "page", "name"),
            unique=True,
            sqlite_where=text("shared"),
            postgresql_where=text("shared"),
        ),
    )

    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    """Who saved it, and alone may rename and remove it, besides the school's administrators."""
    page: Mapped[str] = mapped_column(
        String(16), default=ViewedPage.GRADUATES, server_default=ViewedPage.GRADUATES
    )
    """A `ViewedPage`."""
    name: Mapped[str] = mapped_column(String(40))
    query: Mapped[dict[str, str]] = mapped_column(JSON)
    """Parameters of the list's address; none that names a person."""
    shared: Mapped[bool]
    created_at: Mapped[datetime]
