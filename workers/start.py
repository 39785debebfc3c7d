"""`quxiang worker`: which processes a host runs."""

from runtime.jobs import Queue
from runtime.settings import Settings
from workers.clockwork import tick_on
from workers.listening import listen
from workers.watching import SupervisedProcess


def processes_of(settings: Settings, processes: int) -> list[SupervisedProcess]:
    """Return the processes of one host: delivery, work, and the clockwork that wakes both."""
    url = settings.redis_url
    delivery = [
        SupervisedProcess(f"delivery {number}", lambda: listen(Queue.DELIVERY, url))
        for number in range(1, processes + 1)
    ]
    # Two, so that receipts do not wait behind the import of a roster.
    work = [
        SupervisedProcess(f"work {number}", lambda: listen(Queue.WORK, url)) for number in (1, 2)
    ]
    return [*delivery, *work, SupervisedProcess("clockwork", tick_on)]
