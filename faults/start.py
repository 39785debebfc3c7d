"""Start a part of the service with something of it changed, which no setting can change.

`python -m faults.start CHANGES ARGUMENTS…` makes the changes, by name and separated by commas, in
its own process and those it forks, and then is `quxiang ARGUMENTS…`.
"""

import os
import select
import signal
import sys
import tempfile
import time
from contextlib import suppress
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any, SupportsIndex

import quxiang
from notifier.delivery import claim, feeder, http_sender, settler
from notifier.delivery.cards import Cards
from notifier.delivery.claim import Claimed
from notifier.delivery.feeder import Feeder, Share
from notifier.delivery.school_queues import SchoolQueue
from notifier.ledger import receipts
from notifier.wechat.templates import MatchedTemplate
from registry.record import contact_tables
from runtime import schema
from runtime.jobs import Job
from workers import jobs
from workers.wakeups import RqWakeups

SHORT_LEASE = timedelta(seconds=6)
SHORT_WINDOW = timedelta(seconds=24)
SHORT_PROMISE = 30.0
"""Seconds for which the sandbox must recognise a repeat where the windows are short."""
SHORT_JOB_SECONDS = 5
POISONED = "FAULTS_POISONED"
"""Name of the environment variable with the openid whose card kills the process that writes it."""

FREEZE_AFTER_CLAIM = "freeze-after-claim"
"""Name of the file, where passing files are, that the next process to claim takes away: it then
stops itself between its claim and its first call."""

FREEZE_INSIDE_CLAIM = "freeze-inside-claim"
"""The same of a process that stops before its claim is committed, with all locks in its hands."""

MIGRATIONS = "FAULTS_MIGRATIONS"
"""Name of the environment variable with the folder of migrations that a version brings."""


def _shorten_leases() -> None:
    """Scale the lease to a fifth, and what must be shorter than it."""
    claim.LEASE = SHORT_LEASE
    claim.BEGIN_SECONDS = 2.0
    http_sender.CONNECT_MS, http_sender.TOTAL_MS = 1_000, 3_000
    settler.PATIENCE = 4.0


def _shorten_windows() -> None:
    """Scale the ten-minute window to a twentieth, and what must be shorter than it."""
    _shorten_leases()
    claim.WINDOW = receipts.WINDOW = SHORT_WINDOW
    _shorten_jobs()


def _shorten_jobs() -> None:
    """Have a worker take its next job after seconds: only then does it need Redis again."""
    jobs.DELIVER_SECONDS = SHORT_JOB_SECONDS


def _poison_a_card() -> None:
    """Kill the process, as a fault in a C library would, when one person's card is written."""
    openid = os.environ[POISONED]
    write = Cards.body

    def body(self: Cards, queue: SchoolQueue, message: Claimed) -> tuple[bytes, MatchedTemplate]:
        if message.openid == openid:
            os.kill(os.getpid(), signal.SIGSEGV)
        return write(self, queue, message)

    Cards.body = body  # type: ignore[method-assign]  # the very point of this file


def _freeze_after_a_claim() -> None:
    """Stop the process behind the commit of a claim, when it is told to: the file is there."""
    jobs.DELIVER_SECONDS = 100  # a run that is over by its own clock would call nothing anyway
    told = Path(os.environ["TMPDIR"]) / FREEZE_AFTER_CLAIM
    claims = Feeder._claim  # noqa: SLF001 - the very point of this file

    def claim_and_freeze(self: Feeder, queue: SchoolQueue, size: int, crashes: int) -> Share:
        share = claims(self, queue, size, crashes)
        if share.chunk.claimed and told.exists():
            with suppress(FileNotFoundError):  # another process was first
                told.unlink()
                os.kill(os.getpid(), signal.SIGSTOP)
        return share

    Feeder._claim = claim_and_freeze  # type: ignore[method-assign]  # noqa: SLF001 - as above


def _freeze_inside_a_claim() -> None:
    """Stop the process in the transaction of a claim, when it is told to: the file is there."""
    told = Path(os.environ["TMPDIR"]) / FREEZE_INSIDE_CLAIM
    claims = claim.claim

    def claim_and_freeze(*given: Any, **more: Any) -> claim.Chunk:  # noqa: ANN401 - as it has them
        chunk = claims(*given, **more)
        if chunk.claimed and told.exists():
            with suppress(FileNotFoundError):  # another process was first
                told.unlink()
                os.kill(os.getpid(), signal.SIGSTOP)
        return chunk

    vars(feeder)["claim"] = claim_and_freeze


def _sleep_by_select() -> None:
    """Sleep by select: libfaketime gets the call wrong that Python's own sleep makes."""

    def sleep(seconds: float | SupportsIndex, /) -> None:
        select.select((), (), (), float(seconds))

    time.sleep = sleep


def _lose_wakeups() -> None:
    """Say of every second wake-up that it was heard, and let it be lost."""
    ring = RqWakeups.wake
    counted = count()

    def lossy(self: RqWakeups, job: Job) -> bool:
        return bool(next(counted) % 2) or ring(self, job)

    RqWakeups.wake = lossy  # type: ignore[method-assign]  # the very point of this file


def _bring_migrations() -> None:
    """Be the version that has other migrations."""
    schema.FOLDER = Path(os.environ.get(MIGRATIONS, schema.FOLDER))


def _not_know_a_kind() -> None:
    """Be the version before a kind of row that a page shows by its title."""
    contact_tables.KIND_TITLES.pop(contact_tables.ContactKind.IDENTITY)


def _stay_on_the_disk() -> None:
    """Let files pass through one disk only: Python looks for another where it is full."""
    tempfile.tempdir = os.environ["TMPDIR"]


CHANGES = {
    "one_disk": _stay_on_the_disk,
    "migrations": _bring_migrations,
    "not_know_a_kind": _not_know_a_kind,
    "freeze_after_claim": _freeze_after_a_claim,
    "freeze_inside_claim": _freeze_inside_a_claim,
    "lose_wakeups": _lose_wakeups,
    "sleep_by_select": _sleep_by_select,
    "short_jobs": _shorten_jobs,
    "short_leases": _shorten_leases,
    "short_windows": _shorten_windows,
    "poison": _poison_a_card,
}


def main(arguments: list[str]) -> int:
    """Make the changes and go on as quxiang."""
    for name in filter(None, arguments[0].split(",")):
        CHANGES[name]()
    return quxiang.main(arguments[1:])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
