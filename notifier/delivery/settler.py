"""Collects verdicts and settles them in batches, in a thread of its own."""

import time
from concurrent.futures import Future, ThreadPoolExecutor
from typing import NamedTuple

from sqlalchemy.exc import OperationalError

from notifier.delivery import circuit_breaker
from notifier.delivery.claim import Claimed
from notifier.delivery.settle import settle
from notifier.delivery.verdict import Verdict
from registry.base.database import database_now
from runtime.resources import Resources

COUNT = 500
SECONDS = 0.1
PATIENCE = 20.0  # below the lease, so that a late write still finds its claim
RETRY_SECONDS = 0.5


class _Stop(NamedTuple):
    stop: circuit_breaker.Stop
    because_of: Claimed | None


class Settler:
    """One process's settling: one batch at a time is on its way to the database."""

    def __init__(self, resources: Resources) -> None:
        """Settle on these resources."""
        self._resources = resources
        self._thread = ThreadPoolExecutor(1)
        self._verdicts: list[Verdict] = []
        self._stops: list[_Stop] = []
        self._writing: Future[None] | None = None
        self._next = 0.0

    @property
    def busy(self) -> bool:
        """Say whether anything is not settled yet."""
        return bool(self._verdicts or self._stops or self._writing)

    def add(self, verdict: Verdict) -> None:
        """Have a verdict written with the next batch."""
        self._verdicts.append(verdict)

    def add_stop(self, stop: circuit_breaker.Stop, because_of: Claimed | None = None) -> None:
        """Have the campaign or the account paused with the next batch.

        Where it is because of a message, only if the claim still holds when its verdict is written.
        """
        self._stops.append(_Stop(stop, because_of))

    def turn(self) -> None:
        """Begin the next batch if it is time; raises what the last one could not do."""
        if self._writing is not None and self._writing.done():
            written, self._writing = self._writing, None
            written.result()
        now = time.monotonic()
        due = len(self._verdicts) >= COUNT or now >= self._next
        if self._writing is None and due and (self._verdicts or self._stops):
            self._next = now + SECONDS
            verdicts, self._verdicts = self._verdicts, []
            stops, self._stops = self._stops, []
            self._writing = self._thread.submit(self._write, verdicts, stops)

    def close(self) -> None:
        """Wait for what is being written."""
        self._thread.shutdown()

    def _write(self, verdicts: list[Verdict], stops: list[_Stop]) -> None:
        """Write a batch; while the database is away try again, until the leases would be over."""
        give_up = time.monotonic() + PATIENCE
        while True:
            try:
                self._write_once(verdicts, stops)
            except OperationalError:
                if time.monotonic() > give_up:
                    raise
                time.sleep(RETRY_SECONDS)
            else:
                return

    def _write_once(self, verdicts: list[Verdict], stops: list[_Stop]) -> None:
        with self._resources.sessions.begin() as session:
            written = settle(session, verdicts)
            at = database_now(session)
            for stop, because_of in stops:
                if because_of is None or because_of.id in written:
                    circuit_breaker.apply(session, self._resources.settings, stop, at)
