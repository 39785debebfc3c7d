"""Waking workers through RQ: at most one waiting job of each name."""

import time
import uuid
from collections.abc import Callable

from prometheus_client import Counter
from redis import Redis, RedisError
from rq import Queue as RqQueue
from rq.serializers import JSONSerializer

from runtime import tracing
from runtime.jobs import QUEUES, Job
from runtime.redis_client import open_redis, prove_writable

PATIENCE_SECONDS = 0.25
AWAY_SECONDS = 1.0
FAILURE_SECONDS = 3600
JOB_SECONDS = {Job.DELIVER: 120, Job.TAKE_IN: 120, Job.EXPAND: 900, Job.DO_TASK: 900}
"""When RQ breaks a job off: not before the longest piece of work that it may begin is done."""
USUAL_JOB_SECONDS = 60

unheard = Counter("quxiang_bell_unheard", "Rings that Redis did not take.", ["job"])


class RqWakeups:
    """Wakes by putting a job without arguments into its queue, unless one waits there already.

    An error of Redis is counted, never raised, and nothing is asked of it for a second: a page
    must not wait for Redis again and again. The sweeper asks for the work later.
    """

    def __init__(self, redis: Redis, elapsed: Callable[[], float] = time.monotonic) -> None:
        """Keep a client with short patience (`open_wakeups` makes one)."""
        self._redis = redis
        self._elapsed = elapsed
        self._quiet_until = 0.0

    def wake(self, job: Job) -> bool:
        """Ask for the job; say whether one is waiting now."""
        if self._elapsed() < self._quiet_until:
            unheard.labels(job.name).inc()
            return False
        try:
            with tracing.span("wake-up", **{"quxiang.job": job.name}):
                self._put(job)
        except RedisError:
            self._quiet_until = self._elapsed() + AWAY_SECONDS
            unheard.labels(job.name).inc()
            return False
        return True

    def _put(self, job: Job) -> None:
        prove_writable(self._redis)  # a job that waits from before can be shown, but not taken
        queue = RqQueue(QUEUES[job], connection=self._redis, serializer=JSONSerializer)
        if self._waits(queue, job):
            return
        queue.enqueue(
            job.value,
            job_id=f"{job.name}-{uuid.uuid4().hex}",
            job_timeout=JOB_SECONDS.get(job, USUAL_JOB_SECONDS),
            result_ttl=0,
            failure_ttl=FAILURE_SECONDS,
            description=job.name,
            meta={tracing.KEY: trace} if (trace := tracing.current()) else None,
        )

    def _waits(self, queue: RqQueue, job: Job) -> bool:
        """Look at the queue, which this very check keeps short."""
        return any(name.startswith(f"{job.name}-") for name in queue.get_job_ids())


def open_wakeups(redis_url: str) -> RqWakeups:
    """Open a connection for wake-ups alone: a quarter of a second of patience, no second try."""
    return RqWakeups(open_redis(redis_url, PATIENCE_SECONDS, retries=0))
