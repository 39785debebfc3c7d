"""Files kept in the database, sealed, for a while: what came in, and what was made for download."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, undefer

from registry.base.crypto import Vault
from registry.base.database import random_key
from registry.base.file_tables import StoredFile

PURPOSE = "file"


@dataclass(frozen=True)
class Incoming:
    """A file about to be stored; its name is for people and never a path."""

    school_id: int | None
    name: str
    media_type: str
    content: bytes


def store(
    session: Session, vault: Vault, incoming: Incoming, at: datetime, expires_at: datetime
) -> StoredFile:
    """Seal and store a file until `expires_at`."""
    key = random_key()
    stored = StoredFile(
        key=key,
        school_id=incoming.school_id,
        name=incoming.name[:200],
        media_type=incoming.media_type,
        size=len(incoming.content),
        sha256=hashlib.sha256(incoming.content).hexdigest(),
        sealed=vault.seal_bytes(PURPOSE, key, incoming.content),
        created_at=at,
        expires_at=expires_at,
    )
    session.add(stored)
    session.flush()
    return stored


def find(session: Session, school_id: int, file_id: int | None) -> StoredFile | None:
    """Return a file of the school with its content, or None where it is gone."""
    if file_id is None:
        return None
    wanted = select(StoredFile).where(StoredFile.id == file_id, StoredFile.school_id == school_id)
    return session.scalar(wanted.options(undefer(StoredFile.sealed)))


def find_by_key(session: Session, school_id: int, key: str) -> StoredFile | None:
    """Return a file of the school with its content by its key, or None where it is gone."""
    wanted = select(StoredFile).where(StoredFile.key == key, StoredFile.school_id == school_id)
    return session.scalar(wanted.options(undefer(StoredFile.sealed)))


def opened(vault: Vault, stored: StoredFile) -> bytes:
    """Return what was stored; raise UnreadableValue where it was altered."""
    return vault.open_bytes(PURPOSE, stored.key, stored.sealed)


def sweep_expired(session: Session, at: datetime) -> int:
    """Delete the files whose time has passed; return how many."""
    gone = session.scalars(
        delete(StoredFile).where(StoredFile.expires_at <= at).returning(StoredFile.id)
    )
    return len(gone.all())
