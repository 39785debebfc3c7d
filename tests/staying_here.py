"""No test reaches for another machine.

Python's own sockets are told so one by one, not by `sys.addaudithook`: a hook in Python is called
for whatever is imported, compiled or looked up, and took a sixteenth of the run.
"""

import ipaddress
import socket
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, TypeVar

Answer = TypeVar("Answer")
Connecting = Callable[Concatenate[socket.socket, ...], Answer]


def stay_here() -> None:
    """Refuse what sockets ask of other machines from now on (libpq and curl have their own)."""
    for name in ("connect", "connect_ex"):
        setattr(socket.socket, name, _here(getattr(socket.socket, name)))


def _here(connect: Connecting[Answer]) -> Connecting[Answer]:
    @wraps(connect)
    def connect_here(to: socket.socket, address: Any) -> Answer:  # noqa: ANN401 - its own
        if isinstance(address, tuple) and not _is_here(str(address[0])):
            raise RuntimeError(f"a test reached for {address[0]}: only this machine may be asked")
        return connect(to, address)

    return connect_here


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
