"""Where pushes of WeChat are dropped: a burst of them costs one commit for all that wait.

Each request waits until its own event is committed. The first of a batch waits a moment for company
before it writes for all: a commit costs as much as forty events in it.
"""

import time
from concurrent.futures import Future
from threading import Lock

from sqlalchemy.orm import Session, sessionmaker

from notifier.wechat import pushes
from notifier.wechat.callback import CallbackEvent

GATHER_SECONDS = 0.01
"""Nobody sees it: WeChat waits five seconds, and a receipt is shown a second later at best."""


class _Batch:
    """Events that are written together, and where their writer leaves word for all of them."""

    def __init__(self) -> None:
        self.events: list[CallbackEvent] = []
        self.new: Future[set[str]] = Future()


class WriteBatcher:
    """The events of one process on their way into the database."""

    def __init__(self, sessions: sessionmaker[Session]) -> None:
        """Write on sessions of their own: an event is stored whatever becomes of the page."""
        self.sessions = sessions
        self._open = _Batch()
        self._gathering = Lock()
        self._writing = Lock()

    def put(self, event: CallbackEvent) -> bool:
        """Return once the event is committed, and say whether it is a new one.

        Raises the database's error for everybody whose event it kept from being written.
        """
        with self._gathering:
            batch = self._open
            batch.events.append(event)
            is_first = len(batch.events) == 1
        if is_first:  # it writes for all that come until its turn
            time.sleep(GATHER_SECONDS)
            with self._writing:
                self._write_all()
        return event.dedup_key in batch.new.result()

    def _write_all(self) -> None:
        with self._gathering:
            batch, self._open = self._open, _Batch()
        try:
            with self.sessions.begin() as session:
                new = pushes.store_all(session, batch.events)
        except BaseException as error:
            batch.new.set_exception(error)  # whoever waits hears of it too
            raise
        batch.new.set_result(new)
