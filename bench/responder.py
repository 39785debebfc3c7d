"""A bare answerer in WeChat's place: HTTP over asyncio with a fixed latency, and nothing else.

It is a process of its own, so that its work is not counted as the sender's. `GET /tally` returns
how many sends came in each hundredth of a second, which is what the rate limit is judged by.
"""

import asyncio
import json
import multiprocessing
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from urllib.request import urlopen

from typing_extensions import override

TICK = 0.01

_TOKEN = b'{"access_token":"bench","expires_in":7200}'


class _Answerer(asyncio.Protocol):
    """One kept-alive connection; requests come one after another."""

    tally: Counter[int] = Counter()
    latency = 0.0
    count = 0

    def __init__(self) -> None:
        self._read = bytearray()
        self._wire: asyncio.Transport | None = None

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._wire = transport

    @override
    def data_received(self, data: bytes) -> None:
        self._read += data
        while (request := self._next_request()) is not None:
            self._answer(request)

    def _next_request(self) -> bytes | None:
        head, gap, rest = self._read.partition(b"\r\n\r\n")
        if not gap:
            return None
        _, named, after = head.lower().partition(b"content-length:")
        length = int(after.partition(b"\r\n")[0]) if named else 0
        if len(rest) < length:
            return None
        self._read = bytearray(rest[length:])
        return bytes(head)

    def _answer(self, head: bytes) -> None:
        if b"message/template/send" in head:
            kind = type(self)
            kind.count += 1
            kind.tally[int(time.time() / TICK)] += 1
            body = b'{"errcode":0,"errmsg":"ok","msgid":%d}' % kind.count
        elif b" /tally" in head:
            body = json.dumps(sorted(type(self).tally.items())).encode()
        else:
            body = _TOKEN
        self._write(body)

    def _write(self, body: bytes) -> None:
        answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
        if self._wire is None:
            return
        if self.latency:
            asyncio.get_running_loop().call_later(self.latency, self._wire.write, answer)
        else:
            self._wire.write(answer)


def _serve(latency: float, tell: Connection) -> None:
    async def serve() -> None:
        _Answerer.latency = latency
        loop = asyncio.get_running_loop()
        server = await loop.create_server(_Answerer, "127.0.0.1", 0, backlog=2048)
        tell.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(serve())


@contextmanager
def running_responder(latency: float) -> Iterator[str]:
    """Run a responder that answers after `latency` seconds; give its address."""
    hear, tell = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(
        target=_serve, args=(latency, tell), daemon=True
    )
    process.start()
    try:
        if not hear.poll(20):
            raise RuntimeError("the responder did not start")
        yield f"http://127.0.0.1:{hear.recv()}"
    finally:
        process.terminate()
        process.join()


def tally(url: str) -> dict[int, int]:
    """Return how many sends came in which hundredth of a second (since 1970)."""
    with urlopen(f"{url}/tally", timeout=10) as answer:  # noqa: S310 - our own address
        return dict(json.load(answer))
