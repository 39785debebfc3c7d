"""Ports of this machine: whether one is free, and any that is."""

import errno
import socket
from random import SystemRandom

LOOPBACK = "127.0.0.1"
PORTS = range(10_000, 30_000)
"""Below those that outgoing connections are given by themselves (Linux: from 32,768)."""


def address_of(host: str) -> str:
    """Return a host's address, of IPv4 if it has one; raises OSError for a name nobody has."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except UnicodeError:  # what no name can be
        raise OSError(errno.EINVAL, "not a host's name") from None
    return str(min(found, key=lambda each: each[0] != socket.AF_INET)[4][0])


def is_free(port: int, host: str = LOOPBACK) -> bool:
    """Say whether nobody listens there; raises OSError for a host that is not this machine's."""
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            return False
    return True


def any_port() -> int:
    """Return a port nobody listens on, and that no outgoing connection takes before somebody does.

    Processes that ask at one time are given others: the draw is not a seeded one.
    """
    draw = SystemRandom()
    return next(port for port in iter(lambda: draw.choice(PORTS), None) if is_free(port))
