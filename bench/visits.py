"""Visitors by the thousand: plain sockets that are kept, so that asking costs next to nothing."""

import gzip
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Lock
from urllib.parse import urlsplit

SECONDS = 120.0
_END = b"\r\n\r\n"


@dataclass(frozen=True)
class Ask:
    """A page, and the token of who asks for it."""

    path: str
    token: str


@dataclass(frozen=True)
class Answer:
    """What came back: seconds from when it was due, and its bytes with the headers."""

    path: str
    status: int
    seconds: float
    size: int


class Line:
    """One connection that is kept, as a browser's behind a proxy."""

    def __init__(self, base: str) -> None:
        parts = urlsplit(base)
        self._place = (parts.hostname or "", parts.port or 80)
        self._socket = socket.create_connection(self._place, SECONDS)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, ask: Ask) -> tuple[int, bytes, bytes]:
        """Return status, headers and body; raise OSError where the connection ends."""
        self._socket.sendall(
            f"GET {ask.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: quxiang={ask.token}\r\n"
            "Accept-Encoding: gzip\r\nSec-Fetch-Site: same-origin\r\n"
            "User-Agent: Mozilla/5.0 (Linux; Android 14) MicroMessenger/8.0\r\n\r\n".encode()
        )
        return self._read()

    def _read(self) -> tuple[int, bytes, bytes]:
        got = b""
        while _END not in got:
            got += self._received()
        head, _, body = got.partition(_END)
        left = int(_header(head, b"content-length")) - len(body)
        rest = [body]
        while left > 0:
            rest.append(self._received())
            left -= len(rest[-1])
        return int(head.split(b" ", 2)[1]), head, b"".join(rest)

    def _received(self) -> bytes:
        if not (got := self._socket.recv(65_536)):
            raise ConnectionResetError("the server has closed the connection")
        return got

    def close(self) -> None:
        """End the connection."""
        self._socket.close()


def _header(head: bytes, name: bytes) -> bytes:
    return head.lower().split(b"\r\n" + name + b":", 1)[1].split(b"\r\n", 1)[0]


def unpacked(head: bytes, body: bytes) -> str:
    """Return the page of an answer."""
    packed = b"content-encoding: gzip" in head.lower()
    return (gzip.decompress(body) if packed else body).decode()


def asked(base: str, asks: Iterator[Ask], lines: int, due: Callable[[int], float]) -> list[Answer]:
    """Ask over so many connections; `due` says when each is, on the clock of `time.monotonic`."""
    turn, places = Lock(), iter(range(1 << 62))

    def follow(_: int) -> list[Answer]:
        line, answers = Line(base), list[Answer]()
        while True:
            with turn:
                ask, place = next(asks, None), next(places)
            if ask is None:
                line.close()
                return answers
            answers.append(_answer(line, ask, due(place)))

    with ThreadPoolExecutor(lines) as threads:
        return [each for found in threads.map(follow, range(lines)) for each in found]


def _answer(line: Line, ask: Ask, due: float) -> Answer:
    wait = due - time.monotonic()
    if wait > 0:
        time.sleep(wait)
    status, head, body = line.ask(ask)
    return Answer(ask.path, status, time.monotonic() - due, len(head) + len(_END) + len(body))


def at_full_speed(base: str, asks: Sequence[Ask], lines: int) -> list[Answer]:
    """Ask one after the other on each connection: a page is due when it is asked for."""
    return asked(base, iter(asks), lines, lambda _: time.monotonic())


def at_a_rate(base: str, asks: Sequence[Ask], lines: int, rate: float) -> list[Answer]:
    """Offer so many pages a second; what waits for a connection is late."""
    begun = time.monotonic()
    return asked(base, iter(asks), lines, lambda place: begun + place / rate)
