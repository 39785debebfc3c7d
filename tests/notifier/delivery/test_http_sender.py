"""What the wire tells of a call, down to the connection."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from notifier.delivery.http_sender import HttpSender, Reply
from tests.waiting import PATIENCE

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@contextmanager
def server_that_answers_once_a_connection() -> Iterator[tuple[str, list[bytes]]]:
    """Take a second request on a connection and close it; give the address and what was asked."""
    asked: list[bytes] = []

    def serve(connection: socket.socket) -> None:
        with connection:
            asked.append(connection.recv(65536))
            connection.sendall(ANSWER)
            asked.append(connection.recv(65536))

    def listen() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            serve(connection)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=listen)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/", asked
        listening.shutdown(socket.SHUT_RDWR)
    thread.join(PATIENCE)


def post(wire: HttpSender[int], tag: int, url: str) -> Reply[int]:
    wire.send(tag, url, b"body")
    while not (replies := wire.poll(1)):
        pass
    return replies[0]


def test_a_call_is_never_repeated_without_our_knowing() -> None:
    with server_that_answers_once_a_connection() as (url, asked):
        wire: HttpSender[int] = HttpSender(1)
        assert post(wire, 1, url) == Reply(1, left=True, status=200, body=b"ok")
        assert post(wire, 2, url) == Reply(2, left=True, status=0, body=b"")
        wire.close()
    assert [request.startswith(b"POST") for request in asked] == [True, True]
    assert all(request.endswith(b"body") for request in asked)
