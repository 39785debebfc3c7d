"""`quxiang worker`: which processes a host runs."""

from runtime.jobs import Queue
from runtime.settings import Settings
from workers.clockwork import tick_on
from workers.listening import listen
from workers.watching import Post


def posts_of(settings: Settings, processes: int) -> list[Post]:
    """Return the places of one host: delivery, work, and the clockwork that rings for both."""
    url = settings.redis_url
    delivery = [
        Post(f"delivery {number}", lambda: listen(Queue.DELIVERY, url))
        for number in range(1, processes + 1)
    ]
    # Two, so that receipts do not wait behind the import of a roster.
    work = [Post(f"work {number}", lambda: listen(Queue.WORK, url)) for number in (1, 2)]
    return [*delivery, *work, Post("clockwork", tick_on)]
