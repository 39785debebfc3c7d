"""Many HTTP calls at once over kept-alive connections: libcurl's multi interface, driven by epoll.

Chosen after a trial outside this repository (docs/decisions/0003-delivery.md); `make bench`
measures this sender bare, and no other.

libcurl repeats a call by itself when a kept-alive connection ends before a byte came back. The
refusal of such a repeat would pass for the only answer, though the first call may have been taken.
The body is therefore handed over once and cannot be rewound: the repeat becomes an error.
"""

import contextlib
import math
import select
import time
from typing import Generic, NamedTuple, TypeVar

import certifi
import pycurl

from registry.base.clock import Seconds, elapsed_seconds

Tag = TypeVar("Tag")

CONNECT_MS = 3_000
TOTAL_MS = 10_000

_NEVER_LEFT = frozenset(
    {
        pycurl.E_COULDNT_RESOLVE_HOST,
        pycurl.E_COULDNT_RESOLVE_PROXY,
        pycurl.E_COULDNT_CONNECT,
        pycurl.E_SSL_CONNECT_ERROR,
        pycurl.E_PEER_FAILED_VERIFICATION,
        pycurl.E_ABORTED_BY_CALLBACK,  # by the body, before anything of it was handed over
    }
)


class Reply(NamedTuple, Generic[Tag]):
    """What came of a call."""

    tag: Tag
    left: bool
    """Whether the request may have reached the other side."""
    status: int
    """HTTP status; 0 where there was no answer."""
    body: bytes


class _Call(Generic[Tag]):
    """One reusable connection slot and the call it carries."""

    def __init__(self, elapsed: Seconds) -> None:
        self.curl = pycurl.Curl()
        self.url = ""
        self.answer: list[bytes] = []
        self.tag: Tag | None = None
        self._elapsed = elapsed
        self._rest = b""
        self._latest = math.inf
        curl = self.curl
        curl.setopt(pycurl.HTTPHEADER, ["Content-Type: application/json; charset=utf-8", "Expect:"])
        curl.setopt(pycurl.POST, 1)
        curl.setopt(pycurl.NOSIGNAL, 1)
        curl.setopt(pycurl.CONNECTTIMEOUT_MS, CONNECT_MS)
        curl.setopt(pycurl.TIMEOUT_MS, TOTAL_MS)
        curl.setopt(pycurl.HTTP_VERSION, pycurl.CURL_HTTP_VERSION_1_1)
        curl.setopt(pycurl.CAINFO, certifi.where())
        curl.setopt(pycurl.WRITEFUNCTION, self.answer.append)
        curl.setopt(pycurl.READFUNCTION, self._hand_over)

    def carry(self, tag: Tag, url: str, body: bytes, latest: float) -> None:
        """Take up a call."""
        self.tag = tag
        self.answer.clear()
        self._rest, self._latest = body, latest
        if self.url != url:
            self.url = url
            self.curl.setopt(pycurl.URL, url)
        self.curl.setopt(pycurl.POSTFIELDSIZE, len(body))

    def _hand_over(self, size: int) -> bytes | int:
        """Give libcurl the body in the instant before it is sent; of one begun, what is left.

        A process may be frozen between any two steps. Its last look at the clock is here.
        """
        if self._elapsed() > self._latest:
            return pycurl.READFUNC_ABORT
        self._latest = math.inf
        piece, self._rest = self._rest[:size], self._rest[size:]
        return piece


class HttpSender(Generic[Tag]):
    """Up to `connections` POSTs in flight; `send` starts one, `poll` returns those that ended."""

    def __init__(self, connections: int, elapsed: Seconds = elapsed_seconds) -> None:
        """Prepare the connections; they open as they are needed. `elapsed` counts suspension."""
        self._multi = pycurl.CurlMulti()
        self._multi.setopt(pycurl.M_MAXCONNECTS, connections)
        self._multi.setopt(pycurl.M_SOCKETFUNCTION, self._watch)
        self._multi.setopt(pycurl.M_TIMERFUNCTION, self._set_timer)
        self._epoll = select.epoll()
        self._watched: dict[int, int] = {}
        self._due: float | None = None
        self._free: list[_Call[Tag]] = [_Call(elapsed) for _ in range(connections)]
        self._busy: dict[pycurl.Curl, _Call[Tag]] = {}

    @property
    def free(self) -> int:
        """Return how many more calls may be started."""
        return len(self._free)

    @property
    def in_flight(self) -> int:
        """Return how many calls have not ended."""
        return len(self._busy)

    def send(self, tag: Tag, url: str, body: bytes, *, latest: float = math.inf) -> None:
        """Start a POST. There must be a free connection.

        Where its body is not on its way at `latest`, it is broken off and never left.
        """
        call = self._free.pop()
        call.carry(tag, url, body, latest)
        self._busy[call.curl] = call
        self._multi.add_handle(call.curl)

    def poll(self, seconds: float) -> list[Reply[Tag]]:
        """Let the calls go on for at most `seconds`; return those that ended, maybe none."""
        wait = seconds
        if self._due is not None:
            wait = max(0.0, min(wait, self._due - time.monotonic()))
        for fd, happened in self._epoll.poll(wait):
            self._multi.socket_action(fd, _actions(happened))
        if self._due is not None and time.monotonic() >= self._due:
            self._due = None
            self._multi.socket_action(pycurl.SOCKET_TIMEOUT, 0)
        return self._ended()

    def close(self) -> None:
        """Close every connection."""
        for curl in self._busy:
            self._multi.remove_handle(curl)
        for call in (*self._free, *self._busy.values()):
            call.curl.close()
        self._multi.close()
        self._epoll.close()

    def _ended(self) -> list[Reply[Tag]]:
        replies: list[Reply[Tag]] = []
        more = 1
        while more:
            more, fine, failed = self._multi.info_read()
            replies.extend(self._reply(curl, 0) for curl in fine)
            replies.extend(self._reply(curl, code) for curl, code, _ in failed)
        return replies

    def _reply(self, curl: pycurl.Curl, error: int) -> Reply[Tag]:
        self._multi.remove_handle(curl)
        call = self._busy.pop(curl)
        self._free.append(call)
        if call.tag is None:
            raise RuntimeError("a call that was never sent has ended")
        connecting = (
            error == pycurl.E_OPERATION_TIMEDOUT and curl.getinfo(pycurl.PRETRANSFER_TIME) == 0
        )
        return Reply(
            tag=call.tag,
            left=not (error in _NEVER_LEFT or connecting),
            status=0 if error else curl.getinfo(pycurl.RESPONSE_CODE),
            body=b"" if error else b"".join(call.answer),
        )

    def _watch(self, what: int, fd: int, _multi: pycurl.CurlMulti, _data: object) -> None:
        if what == pycurl.POLL_REMOVE:
            if self._watched.pop(fd, None) is not None:
                with contextlib.suppress(OSError):  # libcurl may have closed it already
                    self._epoll.unregister(fd)
        elif fd not in self._watched:
            self._watched[fd] = _EVENTS[what]
            self._epoll.register(fd, _EVENTS[what])
        elif self._watched[fd] != _EVENTS[what]:
            self._watched[fd] = _EVENTS[what]
            self._epoll.modify(fd, _EVENTS[what])

    def _set_timer(self, milliseconds: int) -> None:
        self._due = None if milliseconds < 0 else time.monotonic() + milliseconds / 1000


_EVENTS = {
    pycurl.POLL_NONE: 0,
    pycurl.POLL_IN: select.EPOLLIN,
    pycurl.POLL_OUT: select.EPOLLOUT,
    pycurl.POLL_INOUT: select.EPOLLIN | select.EPOLLOUT,
}


def _actions(happened: int) -> int:
    action = 0
    if happened & (select.EPOLLIN | select.EPOLLHUP):
        action |= pycurl.CSELECT_IN
    if happened & select.EPOLLOUT:
        action |= pycurl.CSELECT_OUT
    if happened & select.EPOLLERR:
        action |= pycurl.CSELECT_ERR
    return action
