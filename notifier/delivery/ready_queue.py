"""The ready queue: what one process has claimed and not begun, event messages in front."""

from collections import deque
from collections.abc import Iterator

from notifier.delivery.cards import Ready


class ReadyQueue:
    """Two queues, each in the order of its claims; campaigns wait while there are events."""

    def __init__(self) -> None:
        """Begin empty."""
        self._events: deque[Ready] = deque()
        self._others: deque[Ready] = deque()

    def __len__(self) -> int:
        """Count all messages in it."""
        return len(self._events) + len(self._others)

    def __bool__(self) -> bool:
        """Say whether there is any."""
        return bool(self._events or self._others)

    @property
    def events(self) -> int:
        """Count the event messages in it."""
        return len(self._events)

    @property
    def first(self) -> Ready:
        """Return the next message; there must be one."""
        return (self._events or self._others)[0]

    def add(self, ready: Ready) -> None:
        """Put one at the end of its queue."""
        self._queue_of(ready).append(ready)

    def put_back(self, ready: Ready) -> None:
        """Put one that was called, and not taken, at the head of its queue."""
        self._queue_of(ready).appendleft(ready)

    def take(self) -> Ready:
        """Take out the next message."""
        return (self._events or self._others).popleft()

    def take_late(self, now: float) -> Iterator[Ready]:
        """Take out, of both queues, those that should have begun before `now`."""
        for queue in (self._events, self._others):
            while queue and now > queue[0].begin_by:
                yield queue.popleft()

    def _queue_of(self, ready: Ready) -> deque[Ready]:
        return self._events if ready.queue.for_events else self._others
