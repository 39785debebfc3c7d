"""Where pushes of WeChat are dropped: a burst of them costs one commit for all that wait.

Each request waits until its own event is committed, as before; but while one of them writes, those
that come meanwhile gather, and the next writes them all.
"""

from concurrent.futures import Future
from threading import Lock
from typing import NamedTuple

from sqlalchemy.orm import Session, sessionmaker

from notifier import inbox
from notifier.wechat.callback import CallbackEvent


class _Slip(NamedTuple):
    """An event that waits to be written, and where its writer leaves word."""

    event: CallbackEvent
    is_new: Future[bool]


class Letterbox:
    """The events of one process on their way into the inbox."""

    def __init__(self, sessions: sessionmaker[Session]) -> None:
        """Write on sessions of their own: an event is stored whatever becomes of the page."""
        self.sessions = sessions
        self._waiting: list[_Slip] = []
        self._gathering = Lock()
        self._writing = Lock()

    def put(self, event: CallbackEvent) -> bool:
        """Return once the event is committed, and say whether it is a new one.

        Raises the database's error for everybody whose event it kept from being written.
        """
        mine = _Slip(event, Future())
        with self._gathering:
            self._waiting.append(mine)
            is_first = len(self._waiting) == 1
        if is_first:  # it writes for all that come until the write before has ended
            with self._writing:
                self._write_all()
        return mine.is_new.result()

    def _write_all(self) -> None:
        with self._gathering:
            slips, self._waiting = self._waiting, []
        try:
            with self.sessions.begin() as session:
                new = inbox.store_all(session, [slip.event for slip in slips])
        except BaseException as error:
            for slip in slips:  # whoever waits hears of it too
                slip.is_new.set_exception(error)
            raise
        for slip in slips:
            slip.is_new.set_result(slip.event.dedup_key in new)
