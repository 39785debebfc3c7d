"""The table of the pieces of large files; the files stand in `registry.accounts.tables`."""

from sqlalchemy import ForeignKey, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from registry.base.database import Base, BigId


class FilePiece(Base):
    """A piece of a large file, sealed by itself, so that nobody holds the whole in memory."""

    __tablename__ = "file_piece"
    __table_args__ = (UniqueConstraint("file_id", "place"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id", ondelete="CASCADE"))
    place: Mapped[int]
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
