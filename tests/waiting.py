"""Waiting for what is to happen: as long as a busy machine takes, and no longer than it takes."""

import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from registry.base.database import is_sqlite

PATIENCE = 120.0
"""Seconds, within the time limit of a test: a whole service starts in it at a load of 20."""
POLL_SECONDS = 0.02
WAITING_FOR_US = """
    SELECT count(*) FROM pg_locks
    WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))
"""


def wait_until(holds: Callable[[], object], what: str, *, seconds: float = PATIENCE) -> None:
    """Return as soon as `what` holds; fail the test where it does not in `seconds`."""
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, f"not in {seconds:.0f} seconds: {what}"
        time.sleep(POLL_SECONDS)


def wait_until_blocked(session: Session, other: Future[Any]) -> None:
    """Return when the other transaction waits for a lock of this session's, or is over.

    On SQLite return at once: a transaction begins there when the one before it has ended.
    """
    if is_sqlite(session):
        return
    waiting = text(WAITING_FOR_US)
    wait_until(lambda: other.done() or session.scalar(waiting), "the other waits for a lock")
