"""Ports that somebody is to listen on a moment later."""

from pathlib import Path

from commands.ports import any_port

GIVEN_BY_ITSELF = Path("/proc/sys/net/ipv4/ip_local_port_range")


def test_no_outgoing_connection_takes_a_port_before_somebody_listens_there() -> None:
    lowest = int(GIVEN_BY_ITSELF.read_text(encoding="ascii").split()[0])

    assert all(any_port() < lowest for _ in range(100))
