"""The tables of the provinces' interface: keys and nonces, what was pushed, the feed of changes."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from registry.base.database import Base, BigId

_STANDING = text("NOT void")


class ProvinceKey(Base):
    """A key that a province's system signs with; several may be good at one time."""

    __tablename__ = "province_key"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    keyid: Mapped[str] = mapped_column(String(32), unique=True)
    """As requests name it; carries no secret and no order."""
    province: Mapped[str] = mapped_column(String(6), index=True)
    """GB/T 2260 code, six digits."""
    algorithm: Mapped[str] = mapped_column(String(16))
    """A `registry.interface.signatures.Algorithm`."""
    secret_sealed: Mapped[str] = mapped_column(String(200))
    valid_from: Mapped[datetime]
    valid_until: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    minute_began_at: Mapped[datetime | None]
    minute_rows: Mapped[int] = mapped_column(default=0)
    """Rows taken since then: what the limit of a minute counts."""
    created_at: Mapped[datetime]


class SpentNonce(Base):
    """A nonce that a key has signed with: it is good once."""

    __tablename__ = "spent_nonce"
    __table_args__ = (UniqueConstraint("key_id", "nonce"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    key_id: Mapped[int] = mapped_column(ForeignKey("province_key.id"))
    nonce: Mapped[str] = mapped_column(String(64))
    spent_at: Mapped[datetime] = mapped_column(index=True)


class SourceRecord(Base):
    """The newest version that a province's system pushed of one of its records.

    A void one stays: else a late older version would bring it back. So does one that came before
    any version that says whose it is.
    """

    __tablename__ = "source_record"
    __table_args__ = (
        UniqueConstraint("province", "source_id"),
        # One record of the system speaks for a graduate at a time.
        Index(
            "uq_source_record_graduate",
            "graduate_id",
            unique=True,
            postgresql_where=_STANDING,
            sqlite_where=_STANDING,
        ),
        Index("ix_source_record_of_graduate", "graduate_id"),
        Index("ix_source_record_school", "school_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    province: Mapped[str] = mapped_column(String(6))
    source_id: Mapped[str] = mapped_column(String(64))
    version: Mapped[int]
    """0 only while the transaction that adds it is at work."""
    digest: Mapped[str] = mapped_column(String(64))
    """SHA-256 of what it says, without the version."""
    void: Mapped[bool]
    school_id: Mapped[int | None] = mapped_column(ForeignKey("school.id"))
    graduate_id: Mapped[int | None] = mapped_column(ForeignKey("graduate.id"))
    received_at: Mapped[datetime]


class SyncDay(Base):
    """What a province's system pushed of one school on one day of Asia/Shanghai, counted."""

    __tablename__ = "sync_day"
    __table_args__ = (UniqueConstraint("school_id", "day"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"))
    day: Mapped[date]
    created: Mapped[int] = mapped_column(default=0)
    updated: Mapped[int] = mapped_column(default=0)
    unchanged: Mapped[int] = mapped_column(default=0)
    stale: Mapped[int] = mapped_column(default=0)
    rejected: Mapped[int] = mapped_column(default=0)
    version_conflict: Mapped[int] = mapped_column(default=0)
    last_at: Mapped[datetime]


class FeedHead(Base):
    """Where a province's feed stands; its row is locked while a number is taken."""

    __tablename__ = "feed_head"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    province: Mapped[str] = mapped_column(String(6), unique=True)
    epoch: Mapped[str] = mapped_column(String(32))
    """Random; another one where the database is another."""
    seq: Mapped[int]
    """The last number taken."""
    floor: Mapped[int]
    """The last number that was deleted."""
    read_seq: Mapped[int]
    """Up to where the province's system says that it has stored the feed."""
    read_at: Mapped[datetime | None]


class FeedChange(Base):
    """Something that happened here to a graduate, numbered for her province in commit order."""

    __tablename__ = "feed_change"
    __table_args__ = (UniqueConstraint("province", "seq"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    province: Mapped[str] = mapped_column(String(6))
    seq: Mapped[int]
    kind: Mapped[str] = mapped_column(String(24))
    """A `registry.interface.feed.ChangeKind`."""
    graduate_id: Mapped[int] = mapped_column(ForeignKey("graduate.id"), index=True)
    said: Mapped[dict[str, Any]] = mapped_column(JSON)
    """What the feed says of it besides: whose it is, and how she stood right after it."""
    at: Mapped[datetime]
