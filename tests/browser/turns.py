"""Two processes look at pages at a time; what measures time looks alone."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

DOOR, ROOM = Path(__file__), Path(__file__).parent / "conftest.py"
"""Files that are locked, and there for every process of the run."""


@contextmanager
def turn(*, alone: bool, door_file: Path = DOOR, room_file: Path = ROOM) -> Iterator[None]:
    """Be let in beside others; or alone, when they have left: who comes later waits at the door."""
    with door_file.open("rb") as door, room_file.open("rb") as room:
        fcntl.flock(door, fcntl.LOCK_EX)
        fcntl.flock(room, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        if not alone:
            fcntl.flock(door, fcntl.LOCK_UN)
        yield
