"""`quxiang worker`: which processes a host runs."""

from functools import partial

from runtime import tracing
from runtime.jobs import Queue
from runtime.settings import Settings
from workers.clockwork import tick_on
from workers.listening import listen
from workers.metrics import serve_metrics
from workers.watching import SupervisedProcess


def processes_of(
    settings: Settings, processes: int, metrics_port: int | None = None
) -> list[SupervisedProcess]:
    """Return the processes of one host: delivery, work, and the clockwork that wakes both.

    One more where a port is named at which monitoring reads.
    """
    delivery = [
        SupervisedProcess(f"delivery {number}", lambda: _listen(Queue.DELIVERY, settings))
        for number in range(1, processes + 1)
    ]
    # Two, so that receipts do not wait behind the import of a roster.
    work = [
        SupervisedProcess(f"work {number}", lambda: _listen(Queue.WORK, settings))
        for number in (1, 2)
    ]
    own = [SupervisedProcess("clockwork", tick_on)]
    if metrics_port is not None:
        own.append(SupervisedProcess("metrics", partial(serve_metrics, metrics_port)))
    return [*delivery, *work, *own]


def _listen(queue: Queue, settings: Settings) -> None:
    tracing.begin(settings, "quxiang-worker")
    listen(queue, settings.redis_url)
