"""A document shown to a scanner before it is kept: clamd's INSTREAM, where one is set up.

Source: clamd(8), "INSTREAM". While the scanner is away nothing is kept that it has not seen: who
uploads is told to try again. Without an address there is no scanner.
"""

import socket
from collections.abc import Iterator
from contextlib import closing

import structlog

from registry.base.errors import RuleError

SECONDS = 20.0
CHUNK = 64 * 1024
LONGEST_ANSWER = 4096
UNIX = "unix:"

log = structlog.get_logger(__name__)


def refuse_infected(address: str, content: bytes) -> None:
    """Raise RuleError `file_infected` for what the scanner knows, `scanner_away` without an answer.

    `address` is `unix:/path`, `host:port`, or empty for no scanner.
    """
    if not address:
        return
    try:
        answer = _asked(address, content)
    except (OSError, ValueError) as error:
        log.warning("no answer of the virus scanner", error=type(error).__name__)
        answer = ""
    if answer.endswith(" FOUND"):
        log.warning("an infected document was refused")
        sentence = "文件没有通过病毒检查，没有保存。请换一份文件，或拍照后上传。"
        raise RuleError("file_infected", sentence, "file")
    if not answer.endswith(": OK"):
        sentence = "文件安全检查暂时用不了，文件没有保存。请几分钟后再上传一次。"
        raise RuleError("scanner_away", sentence, "file")


def answers(address: str) -> bool:
    """Say whether there is a scanner at an address (clamd's PING)."""
    try:
        with closing(_connected(address)) as connection:
            connection.settimeout(SECONDS)
            connection.sendall(b"zPING\0")
            return _answer(connection) == "PONG"
    except (OSError, ValueError):
        return False


def _asked(address: str, content: bytes) -> str:
    with closing(_connected(address)) as connection:
        connection.settimeout(SECONDS)
        connection.sendall(b"zINSTREAM\0")
        for piece in _pieces(content):
            connection.sendall(len(piece).to_bytes(4) + piece)
        return _answer(connection)


def _connected(address: str) -> socket.socket:
    if not address.startswith(UNIX):
        host, _, port = address.rpartition(":")
        return socket.create_connection((host, int(port)), timeout=SECONDS)
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(SECONDS)
    try:
        connection.connect(address.removeprefix(UNIX))
    except OSError:
        connection.close()
        raise
    return connection


def _pieces(content: bytes) -> Iterator[bytes]:
    """Cut a document up; an empty piece says that it is whole."""
    for place in range(0, len(content), CHUNK):
        yield content[place : place + CHUNK]
    yield b""


def _answer(connection: socket.socket) -> str:
    """Read to the NUL that ends an answer."""
    said = b""
    while not said.endswith(b"\0") and len(said) < LONGEST_ANSWER:
        more = connection.recv(LONGEST_ANSWER)
        if not more:
            break
        said += more
    return said.rstrip(b"\0\n").decode("utf-8", "replace")
