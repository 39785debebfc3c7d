"""`quxiang backup`: the whole database in one encrypted file, proven by restoring it."""

import argparse
import json
import os
import struct
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import Engine

from commands.answers import Answer, Refused, runs, say
from commands.database import migrating
from commands.scratch import proven
from registry.base.clock import utc_now
from registry.base.crypto import derive
from registry.base.sealed_stream import DamagedFile, open_stream, seal_stream
from runtime.dumps import Dump, DumpFailed, dumped
from runtime.settings import Settings

MAGIC = b"quxiang backup 1\n"
PURPOSE = "backup"
_LENGTH = struct.Struct(">I")
_MOST_HEAD = 1_000_000


@dataclass(frozen=True)
class About:
    """What stands before the database in a backup: sealed with it."""

    kind: str
    revision: str | None
    made_at: str
    program: str
    counts: dict[str, int]

    @property
    def rows(self) -> int:
        """Return how many rows all tables have."""
        return sum(self.counts.values())


def fill(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    parser.add_argument("file", type=Path, help="to be written; there must be none yet")
    parser.add_argument(
        "--unproven", action="store_true", help="do not restore it into a scratch database"
    )
    runs(parser, _back_up)


def _back_up(options: argparse.Namespace) -> Answer:
    began = time.monotonic()
    with migrating() as (resources, engine):
        about = _written(options.file, resources.settings, engine)
        if not options.unproven:
            say("Written; restoring it into a scratch database …")
            prove(options.file, resources.settings, engine)
    facts = {
        "file": str(options.file),
        "bytes": options.file.stat().st_size,
        "rows": about.rows,
        "revision": about.revision,
        "proven": not options.unproven,
        "seconds": round(time.monotonic() - began, 1),
    }
    proof = "not proven" if options.unproven else "proven by restoring it"
    return Answer(facts, f"{about.rows:,} rows are in {options.file}, {proof}.")


def _written(path: Path, settings: Settings, engine: Engine) -> About:
    """Write a backup, for its owner alone; nothing is left of one that failed."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file, dumped(engine) as dump:
            about = _about(dump)
            file.writelines(_sealed(settings, about, dump))
            file.flush()
            os.fsync(file.fileno())
    except DumpFailed as failure:
        path.unlink()
        raise Refused("backup_failed", f"Nothing was backed up: {failure}") from None
    except BaseException:
        path.unlink()
        raise
    return about


def _about(dump: Dump, at: datetime | None = None) -> About:
    made = (at or utc_now()).astimezone(UTC).isoformat(timespec="seconds")
    return About(dump.kind, dump.revision, made, version("quxiang"), dict(dump.counts))


def _sealed(settings: Settings, about: About, dump: Dump) -> Iterator[bytes]:
    kid, key = next(iter(settings.encryption_keys.items()))
    head = MAGIC + kid.encode() + b"\n"
    words = json.dumps(asdict(about)).encode()

    def parts() -> Iterator[bytes]:
        yield _LENGTH.pack(len(words)) + words
        yield from dump.parts

    yield head
    yield from seal_stream(derive(key, PURPOSE), head, parts())


def opened(file: BinaryIO, settings: Settings) -> tuple[About, Iterator[bytes]]:
    """Return what a backup says of itself, and the database in it; refuse what is none."""
    magic, kid = file.readline(len(MAGIC) + 1), file.readline(100)
    key = settings.encryption_keys.get(kid.decode(errors="replace").rstrip("\n"))
    if magic != MAGIC:
        raise Refused("no_backup", "This is no backup of Quxiang.")
    if key is None:
        words = f"It is sealed under the key {kid.decode(errors='replace').strip()}"
        raise Refused("key_missing", f"{words}, which is not in QUXIANG_DATA_KEYS.")
    pieces = open_stream(derive(key, PURPOSE), magic + kid, file)
    try:
        first = next(pieces)
    except DamagedFile as damage:
        raise Refused("damaged", f"The backup cannot be read: {damage}.") from None
    end = _LENGTH.size + min(_LENGTH.unpack(first[: _LENGTH.size])[0], _MOST_HEAD)
    return About(**json.loads(first[_LENGTH.size : end])), _after(first[end:], pieces)


def _after(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def prove(path: Path, settings: Settings, engine: Engine) -> About:
    """Restore a backup into a scratch database and compare the rows; refuse what differs."""
    with path.open("rb") as file:
        about, parts = opened(file, settings)
        found = proven(engine.url, about.kind, parts)
    wrong = sorted(
        name for name in {*about.counts, *found} if about.counts.get(name) != found.get(name)
    )
    if wrong:
        raise Refused("not_proven", f"Restored it has other rows in {', '.join(wrong)}.")
    return about
