"""Large files kept in the database for a while, in sealed pieces: in and out in constant memory."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import IO

from sqlalchemy import insert, select
from sqlalchemy.orm import Session, sessionmaker

from registry.base import files
from registry.base.crypto import UnreadableValue, Vault
from registry.base.file_tables import FilePiece, StoredFile
from registry.base.files import Incoming

PURPOSE = "file piece"
PIECE_BYTES = 1024 * 1024
PIECES_AT_ONCE = 8
"""Stored in one transaction."""


@dataclass(frozen=True)
class Made:
    """A file made here, of any size; its name is for people and never a path."""

    school_id: int | None
    name: str
    media_type: str
    content: IO[bytes]


def store(
    sessions: sessionmaker[Session], vault: Vault, made: Made, at: datetime, expires_at: datetime
) -> int:
    """Store a file until `expires_at`, some pieces a transaction; return its id.

    What a lost worker left unfinished is deleted with the others when its time has passed.
    """
    name = Incoming(made.school_id, made.name, made.media_type, b"")
    with sessions.begin() as session:
        ident = files.store(session, vault, name, at, expires_at).id
    digest, size = hashlib.sha256(), 0
    pieces = enumerate(iter(lambda: made.content.read(PIECE_BYTES), b""))
    while some := list(islice(pieces, PIECES_AT_ONCE)):
        for _, piece in some:
            digest.update(piece)
            size += len(piece)
        rows = [
            {
                "file_id": ident,
                "place": place,
                "sealed": vault.seal_bytes(PURPOSE, f"{ident}/{place}", piece),
            }
            for place, piece in some
        ]
        with sessions.begin() as session:
            session.execute(insert(FilePiece), rows)
    with sessions.begin() as session:
        stored = session.get_one(StoredFile, ident)
        stored.size, stored.sha256 = size, digest.hexdigest()
    return ident


def pieces(readers: sessionmaker[Session], vault: Vault, stored: StoredFile) -> Iterator[bytes]:
    """Yield a file piece by piece, a short transaction each.

    Raises UnreadableValue, before the last piece, where the whole is not what was stored.
    """
    digest, size, place = hashlib.sha256(), 0, 0
    while size < stored.size:
        with readers.begin() as session:
            sealed = session.scalar(
                select(FilePiece.sealed).where(
                    FilePiece.file_id == stored.id, FilePiece.place == place
                )
            )
        if sealed is None:
            raise UnreadableValue(PURPOSE)
        piece = vault.open_bytes(PURPOSE, f"{stored.id}/{place}", sealed)
        digest.update(piece)
        size, place = size + len(piece), place + 1
        if size >= stored.size and digest.hexdigest() != stored.sha256:
            raise UnreadableValue(PURPOSE)
        yield piece
