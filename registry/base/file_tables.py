"""The tables of files kept in the database: whole ones, and the pieces of large ones."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from registry.base.database import Base, BigId, Keyed


class StoredFile(Keyed, Base):
    """A file that came in or goes out, sealed, in the database: hosts keep no state."""

    __tablename__ = "stored_file"
    __table_args__ = (
        # What lies here and may be moved to the object store (registry.upkeep.object_moves).
        Index(
            "ix_stored_file_here",
            "id",
            postgresql_where=text("object_name IS NULL"),
            sqlite_where=text("object_name IS NULL"),
        ),
    )

    school_id: Mapped[int | None] = mapped_column(ForeignKey("school.id"))
    """None for what one person alone asked for: no school's door finds it."""
    name: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    sealed: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    """Empty where the content lies in the object store."""
    object_name: Mapped[str | None] = mapped_column(String(80))
    """Its name in the object store: the id of the key it is sealed under, then at random."""
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)


class GoneObject(Base):
    """A name in the object store that is to be deleted there: nothing in the database names it."""

    __tablename__ = "gone_object"

    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    due_at: Mapped[datetime | None] = mapped_column(index=True)
    """None: at once. Of what is being moved there: when it would have been given up."""
    taken: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Being deleted: nothing may name it any more."""


class FilePiece(Base):
    """A piece of a large file, sealed by itself, so that nobody holds the whole in memory."""

    __tablename__ = "file_piece"
    __table_args__ = (UniqueConstraint("file_id", "place"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id", ondelete="CASCADE"))
    place: Mapped[int]
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
