"""Files kept for a while, sealed: what came in, and what was made for download.

They are written into the database, in the transaction of whoever brings them; what is kept for long
is moved to the object store afterwards, where there is one (`registry.upkeep.object_moves`).
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, delete, insert, select
from sqlalchemy.orm import Session, undefer
from sqlalchemy.orm.attributes import set_committed_value

from registry.base.crypto import Vault
from registry.base.database import random_key
from registry.base.file_tables import GoneObject, StoredFile
from registry.base.objects import ObjectMissing, store_of

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
    """Return a file of the school with its content, or None where it is gone; raise StoreAway."""
    if file_id is None:
        return None
    return _read(session, StoredFile.id == file_id, StoredFile.school_id == school_id)


def find_by_key(session: Session, school_id: int, key: str) -> StoredFile | None:
    """Return a file of the school with its content by its key, as `find` does."""
    return _read(session, StoredFile.key == key, StoredFile.school_id == school_id)


def _read(session: Session, *which: ColumnElement[bool]) -> StoredFile | None:
    wanted = select(StoredFile).where(*which).options(undefer(StoredFile.sealed))
    found = session.scalar(wanted)
    if found is None or found.object_name is None:
        return found
    try:
        content = store_of(session).get(found.object_name)
    except ObjectMissing:
        return None
    set_committed_value(found, "sealed", content)
    return found


def opened(vault: Vault, stored: StoredFile) -> bytes:
    """Return what was stored; raise UnreadableValue where it was altered."""
    return vault.open_bytes(PURPOSE, stored.key, stored.sealed)


def forget(session: Session, *which: ColumnElement[bool]) -> int:
    """Delete files, and have their content deleted where it lies; return how many."""
    gone = session.scalars(
        delete(StoredFile)
        .where(*which)
        .returning(StoredFile.object_name)
        .execution_options(synchronize_session=False)
    ).all()
    # As they were when they went: a file may have been moved, or its time prolonged, just before.
    elsewhere = [{"name": name} for name in gone if name is not None]
    if elsewhere:
        session.execute(insert(GoneObject), elsewhere)
    return len(gone)


def sweep_expired(session: Session, at: datetime) -> int:
    """Delete the files whose time has passed; return how many."""
    return forget(session, StoredFile.expires_at <= at)
