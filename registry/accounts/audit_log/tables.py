"""The tables beside the audit log's rows: what may be erased of them, and the chain over them."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from registry.accounts.tables import DIGEST_LENGTH
from registry.base.database import Base, BigId


class AuditDetail(Base):
    """What a row says of a person: why, and what was before and after.

    A row of its own, so that an erasure can delete it; its digest in the entry, which is chained,
    shows if it was changed. The salt keeps what was erased from being guessed by its digest.
    """

    __tablename__ = "audit_detail"

    digest: Mapped[str] = mapped_column(String(DIGEST_LENGTH), primary_key=True)
    salt: Mapped[str] = mapped_column(String(32))
    content: Mapped[dict[str, Any]] = mapped_column(JSON)


class AuditLink(Base):
    """A link of the chain: up to a thousand rows, hashed together with the link before.

    One without rows says that older links and their rows were deleted when their time was over.
    """

    __tablename__ = "audit_link"

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    """One more than the link before: two made at once are one too many for the key."""
    at: Mapped[datetime]
    first_entry: Mapped[int]
    """The lowest id of its rows; 0 without rows."""
    last_entry: Mapped[int]
    """The highest id of its rows and of those of all links before."""
    entries: Mapped[int]
    total: Mapped[int]
    """Rows of this link and of all before."""
    members: Mapped[bytes] = mapped_column(LargeBinary)
    """Of each row 8 bytes of its id and the 32 of its hash, by id."""
    forgotten: Mapped[int | None]
    """The last link that was deleted, of a link that says so; `forgotten_hash` is its hash."""
    forgotten_hash: Mapped[str | None] = mapped_column(String(DIGEST_LENGTH))
    previous: Mapped[str] = mapped_column(String(DIGEST_LENGTH), unique=True)
    """The hash of the link before; of the first, zeros."""
    hash: Mapped[str] = mapped_column(String(DIGEST_LENGTH))


class MergedSchool(Base):
    """A school that was merged into another: its rows in the log are the other's to read."""

    __tablename__ = "merged_school"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    source_id: Mapped[int] = mapped_column(BigId, index=True)
    target_id: Mapped[int] = mapped_column(BigId, index=True)
    until_entry: Mapped[int]
    """The last row at the merge: SQLite may give the number of a deleted school to a new one."""
