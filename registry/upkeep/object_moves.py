"""Moving files between the database and the object store, so that none is lost and none is left.

A file is written into the database first, with the row that names it. Out of it, its content goes
in three steps: the new name is written down as one that is to be given up; the content is put under
it; the row takes the name and empties itself, and the name is given up no more. Whoever is stopped
in between leaves the file where it was and a name that goes when its hour has passed.
"""

import math
import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, delete, exists, func, or_, select, update
from sqlalchemy.orm import Session, sessionmaker

from registry.base import files
from registry.base.clock import Clock
from registry.base.crypto import UnreadableValue, Vault
from registry.base.database import random_key
from registry.base.file_tables import FilePiece, GoneObject, StoredFile
from registry.base.objects import ObjectMissing, ObjectStore, StoreAway

LEAST = 1024
"""Bytes of a file that is worth an object."""
KEPT_LONG = timedelta(days=30)
"""What goes sooner stays in the database: files of tasks do."""
GIVEN_UP = timedelta(hours=1)
"""How long a move may take; longer than any call of the store."""
AT_ONCE = 100
"""Names deleted in one turn."""
_MARK = 64
"""Of what is sealed, the first bytes: none has another's."""


def waiting(at: datetime, after: int = 0) -> Select[int]:
    """Return the files that lie in the database and belong into the store."""
    in_pieces = exists().where(FilePiece.file_id == StoredFile.id)
    return (
        select(StoredFile.id)
        .where(StoredFile.object_name.is_(None), StoredFile.id > after)
        .where(StoredFile.size >= LEAST, StoredFile.expires_at > at + KEPT_LONG, ~in_pieces)
        .order_by(StoredFile.id)
    )


def sealed_otherwise(vault: Vault, after: int = 0) -> Select[int]:
    """Return the files in the store that are not sealed under the newest key."""
    ours = StoredFile.object_name.startswith(f"{vault.current}/", autoescape=True)
    return (
        select(StoredFile.id)
        .where(StoredFile.object_name.is_not(None), ~ours, StoredFile.id > after)
        .order_by(StoredFile.id)
    )


def elsewhere(after: int = 0) -> Select[int]:
    """Return the files in the store."""
    return (
        select(StoredFile.id)
        .where(StoredFile.object_name.is_not(None), StoredFile.id > after)
        .order_by(StoredFile.id)
    )


@dataclass(frozen=True)
class Mover:
    """What moves files; each call is some short transactions, none open while the store is asked.

    All of them raise StoreAway.
    """

    sessions: sessionmaker[Session]
    vault: Vault
    store: ObjectStore
    clock: Clock
    """Asked at each move: moving all may take days."""

    def out(self, ident: int) -> bool:
        """Put a file's content into the store; say whether it lies there now."""
        with self.sessions.begin() as session:
            found = session.execute(
                select(StoredFile.key, StoredFile.sealed).where(
                    StoredFile.id == ident, StoredFile.object_name.is_(None)
                )
            ).one_or_none()
        if found is None:
            return False
        sealed = found.sealed
        unchanged = func.substr(StoredFile.sealed, 1, _MARK) == sealed[:_MARK]
        if not sealed.startswith(self.vault.prefix.encode()):
            sealed = self._again(found.key, sealed)
        return self._put(ident, sealed, unchanged)

    def seal_again(self, ident: int) -> bool:
        """Seal a file in the store under the newest key, under another name."""
        with self.sessions.begin() as session:
            row = select(StoredFile.key, StoredFile.object_name).where(StoredFile.id == ident)
            found = session.execute(row.where(StoredFile.object_name.is_not(None))).one_or_none()
        if found is None or (content := self._fetched(found.object_name)) is None:
            return False
        sealed = self._again(found.key, content)
        unchanged = StoredFile.object_name == found.object_name
        return self._put(ident, sealed, unchanged, found.object_name)

    def back(self, ident: int) -> bool:
        """Bring a file's content back into the database."""
        with self.sessions.begin() as session:
            row = select(StoredFile.key, StoredFile.object_name).where(StoredFile.id == ident)
            found = session.execute(row.where(StoredFile.object_name.is_not(None))).one_or_none()
        if found is None or (content := self._fetched(name := found.object_name)) is None:
            return False
        try:
            self.vault.open_bytes(files.PURPOSE, found.key, content)
        except UnreadableValue:  # other bytes than were put there: those may yet be found
            return False
        with self.sessions.begin() as session:
            still = StoredFile.object_name == name
            moved = _changed(session, ident, still, sealed=content, object_name=None)
            if moved:
                session.add(GoneObject(name=name))
        return moved

    def delete_gone(self, until: float = math.inf) -> int:
        """Delete what nothing names any more, some names a turn; return how many.

        After `until`, in the seconds of this process's clock, the rest waits for the next turn.
        """
        due = or_(GoneObject.due_at.is_(None), GoneObject.due_at <= self.clock(), GoneObject.taken)
        some = select(GoneObject.name).where(due).order_by(GoneObject.name).limit(AT_ONCE)
        with self.sessions.begin() as session:
            those = GoneObject.name.in_(session.scalars(some).all())
            take = update(GoneObject).where(those, due).values(taken=True)
            # Only what is still there: a move may have ended meanwhile, and its file names it now.
            names = session.scalars(take.returning(GoneObject.name)).all()
        deleted: list[str] = []
        for name in names:
            self.store.delete(name)
            deleted.append(name)
            if time.monotonic() > until:
                break
        over = (GoneObject.name.in_(deleted), GoneObject.taken)
        with self.sessions.begin() as session:
            session.execute(delete(GoneObject).where(*over))
        return len(deleted)

    def _again(self, key: str, sealed: bytes) -> bytes:
        content = self.vault.open_bytes(files.PURPOSE, key, sealed)
        return self.vault.seal_bytes(files.PURPOSE, key, content)

    def _fetched(self, name: str) -> bytes | None:
        try:
            return self.store.get(name)
        except ObjectMissing:
            return None

    def _put(
        self, ident: int, sealed: bytes, unchanged: ColumnElement[bool], before: str | None = None
    ) -> bool:
        """Put what is sealed under a new name; the row names it if it is as it was read."""
        name = f"{self.vault.current}/{random_key()}"
        with self.sessions.begin() as session:
            session.add(GoneObject(name=name, due_at=self.clock() + GIVEN_UP))
        self.store.put(name, sealed)
        kept = self._fetched(name)  # what stands before a store may answer 200 to anything
        if kept is not None and kept != sealed:
            raise StoreAway("other bytes")
        with self.sessions.begin() as session:
            held = delete(GoneObject).where(GoneObject.name == name)
            taken = session.scalar(held.returning(GoneObject.taken))
            # Given up: deleted perhaps before it was put, so that it is written down once more.
            ours = kept is not None and taken is False
            moved = ours and _changed(session, ident, unchanged, sealed=b"", object_name=name)
            left = before if moved else name
            if left is not None:
                session.add(GoneObject(name=left))
        return moved


def _changed(
    session: Session, ident: int, unchanged: ColumnElement[bool], **values: object
) -> bool:
    moved = session.scalars(
        update(StoredFile)
        .where(StoredFile.id == ident, unchanged)
        .values(values)
        .returning(StoredFile.id)
        .execution_options(synchronize_session=False)
    )
    return bool(moved.all())
