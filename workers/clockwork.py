"""The clockwork: each second it looks into the ledger and asks for the jobs whose work is due.

Any number of them may run: what they do is guarded by the ledger, or harmless to do twice.
"""

import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import structlog
from redis import RedisError
from sqlalchemy.exc import SQLAlchemyError

from notifier.delivery.sweep import sweep
from runtime.jobs import Job
from workers import jobs
from workers.duties import DUTIES, Duty
from workers.failures import JobFailed, quiet_about_people
from workers.process import WorkerResources, resources
from workers.stopping import stopping

log = structlog.get_logger(__name__)

TICK_SECONDS = 1.0
PIECE_SECONDS = 5.0
"""How long the clockwork sends by itself at a time while Redis is away."""

BY_ITSELF: dict[Job, Callable[[], None]] = {
    Job.DELIVER: quiet_about_people(partial(jobs.deliver_for, PIECE_SECONDS)),
    Job.TAKE_IN: jobs.take_in,
    Job.EXPAND: jobs.expand,
    Job.DO_TASK: jobs.do_task,
}


@dataclass
class Clockwork:
    """One clockwork, and when each of its duties is due again."""

    resources: WorkerResources
    duties: tuple[Duty, ...] = DUTIES

    def __post_init__(self) -> None:
        """Begin with every duty due soon."""
        self._due = {duty.name: 0.0 for duty in self.duties}

    def tick(self, elapsed: float) -> set[Job]:
        """Sweep once, wake workers, do what Redis did not take; return the jobs that had work."""
        waiting = sweep(self.resources)
        for job in sorted(waiting):
            self._wake(job)
        self._do_duties(elapsed)
        return waiting

    def _wake(self, job: Job) -> None:
        resources = self.resources
        if not resources.wakeups.wake(job) and resources.settings.without_redis == "go_on":
            log.info("doing without redis", job=job.name)
            BY_ITSELF[job]()

    def _do_duties(self, elapsed: float) -> None:
        for duty in self.duties:
            if stopping.is_set() or elapsed < self._due[duty.name]:
                continue
            self._due[duty.name] = elapsed + duty.every_seconds
            if quiet_about_people(partial(duty.do, self.resources))() is False:
                rests = max(duty.every_seconds, duty.idle_seconds)
                self._due[duty.name] = elapsed + rests


def tick_on() -> None:
    """Tick each second until SIGTERM.

    A database or Redis that is away is waited for; a duty that fails is tried again in its turn and
    keeps the clockwork from nothing else.
    """
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    clockwork = Clockwork(resources())
    while not stopping.is_set():
        began = time.monotonic()
        try:
            clockwork.tick(began)
        except (SQLAlchemyError, RedisError) as error:
            log.warning("tick failed", error=type(error).__name__)
        except JobFailed as error:
            log.warning("tick failed", error=str(error))
        stopping.wait(max(0.0, TICK_SECONDS - (time.monotonic() - began)))
