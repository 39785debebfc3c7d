"""One process that takes jobs from one queue, without forking for each."""

import signal

import structlog
from redis import Redis, RedisError
from rq import Queue as RqQueue
from rq import SimpleWorker
from rq.exceptions import StopRequested
from rq.job import Job as RqJob
from rq.serializers import JSONSerializer
from rq.worker import WorkerStatus
from typing_extensions import override

from runtime import tracing
from runtime.jobs import Queue
from runtime.redis_client import open_redis, prove_writable
from workers.job_class import NamedJob
from workers.stopping import stopping

log = structlog.get_logger(__name__)

WORKER_SECONDS = 90
MAINTENANCE_SECONDS = 30
LONGEST_PAUSE = 5.0
AGAIN_SECONDS = 1.0
"""How long Redis is left alone after it refused what a worker of RQ needs."""


class Listener(SimpleWorker):
    """RQ's worker in one process: nothing is left running when it is killed.

    SIGTERM ends it when idle; in a job it sets `stopping`, and the job comes to its end.
    """

    max_connection_wait_time = LONGEST_PAUSE
    job_class = NamedJob

    @override
    def execute_job(self, job: RqJob, queue: RqQueue) -> None:
        """Do a job of ours; throw away anything else that stands in the queue, and say so."""
        if isinstance(job, NamedJob) and job.is_known:
            with tracing.span("job", job.trace, **{"quxiang.job": job.func_name or ""}):
                super().execute_job(job, queue)
            return
        log.error("a job that is not ours was thrown away", queue=queue.name)
        with self.connection.pipeline() as pipeline:
            pipeline.lrem(queue.intermediate_queue_key, 1, job.id)
            pipeline.delete(job.key)
            pipeline.execute()

    @override
    def _install_signal_handlers(self) -> None:
        signal.signal(signal.SIGTERM, self._stop_soon)
        signal.signal(signal.SIGINT, signal.SIG_IGN)

    def _stop_soon(self, _signal: int, _frame: object) -> None:
        stopping.set()
        self._stop_requested = True
        if self.get_state() != WorkerStatus.BUSY:
            raise StopRequested

    @override
    def subscribe(self) -> None:
        """Take no commands through Redis: ours come as signals."""

    @override
    def unsubscribe(self) -> None:
        """Leave nothing."""


def listen(queue: Queue, redis_url: str) -> None:
    """Take jobs until told to stop; wait while Redis is away or takes no writes.

    A server that becomes a copy, is full, or is loading refuses with errors of its own, at which
    RQ's worker gives up. They end no process: another worker of RQ goes on when Redis takes writes.
    """
    # Set here, since the connection that asks whether Redis is there is the one that waits later.
    redis = open_redis(redis_url, WORKER_SECONDS, LONGEST_PAUSE)
    _end_when_told()
    while _wait_for(redis):
        _listen_on(queue, redis)
        _end_when_told()
        if not stopping.is_set():
            log.warning("listening again", queue=queue)
            redis.connection_pool.disconnect()  # behind a proxy another server may be asked now
            stopping.wait(AGAIN_SECONDS)


def _end_when_told() -> None:
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())


def _listen_on(queue: Queue, redis: Redis) -> None:
    """Take jobs until told to stop, or until Redis refuses one."""
    own = RqQueue(queue, connection=redis, serializer=JSONSerializer, job_class=NamedJob)
    worker = Listener(
        [own],
        connection=redis,
        serializer=JSONSerializer,
        worker_ttl=WORKER_SECONDS,
        maintenance_interval=MAINTENANCE_SECONDS,
        log_job_description=False,
    )
    try:
        worker.work(logging_level="WARNING", with_scheduler=False)
    except RedisError as error:  # as it begins, and as it takes itself off the list
        log.warning("redis refused", queue=queue, error=type(error).__name__)


def _wait_for(redis: Redis) -> bool:
    """Say whether Redis took a write, as taking a job is, before we were told to stop."""
    silent = False
    while not stopping.is_set():
        try:
            prove_writable(redis)
        except RedisError as error:
            if not silent:
                log.warning("waiting for redis", error=type(error).__name__)
            silent = True
            stopping.wait(1)
        else:
            return True
    return False
