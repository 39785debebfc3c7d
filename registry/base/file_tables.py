"""The tables of files kept in the database: whole ones, and the pieces of large ones."""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from registry.base.database import Base, BigId, Keyed


class StoredFile(Keyed, Base):
    """A file that came in or goes out, sealed, in the database: hosts keep no state."""

    __tablename__ = "stored_file"

    school_id: Mapped[int | None] = mapped_column(ForeignKey("school.id"))
    """None for what one person alone asked for: no school's door finds it."""
    name: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    sealed: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)


class FilePiece(Base):
    """A piece of a large file, sealed by itself, so that nobody holds the whole in memory."""

    __tablename__ = "file_piece"
    __table_args__ = (UniqueConstraint("file_id", "place"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id", ondelete="CASCADE"))
    place: Mapped[int]
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
