"""Hosts of a run's own: network namespaces on one bridge, which can vanish without a word.

Debian's `iproute2` makes them; it takes root, and a machine that lets it.
"""

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from signal import SIGKILL
from time import sleep

from faults.parts import Part, signal_one

IP = "/usr/sbin/ip"
NEEDED = {
    "patroni": "patroni",
    "etcd": "etcd-server",
    "haproxy": "haproxy",
    "pgbouncer": "pgbouncer",
    "keepalived": "keepalived",
}
"""Programs, and the Debian packages that have them."""
PATHS = "/usr/sbin:/usr/bin:/sbin:/bin"
"""Where Debian keeps them: the interpreter's own folder comes first on the path elsewhere."""


def cannot_be_played() -> str:
    """Say why hosts cannot be made here; empty where they can."""
    missing = [package for name, package in NEEDED.items() if not program(name)]
    if missing:
        return f"needs Debian's {', '.join(missing)}"
    try:
        _ip("netns", "add", "quxiang-probe")
    except (OSError, subprocess.CalledProcessError):
        return "needs network namespaces (root, and iproute2)"
    _ip("netns", "del", "quxiang-probe")
    return ""


def program(name: str) -> str | None:
    """Return where Debian keeps a program; None where it is not installed."""
    return shutil.which(name, path=PATHS)


class Host:
    """One host: a namespace with an address of its own, and what runs in it."""

    def __init__(self, name: str, link: str, address: str) -> None:
        """Note how it is called."""
        self.name, self.link, self.address = name, link, address
        self.parts: list[Part] = []

    def runs(self, command: Sequence[str | Path]) -> list[str | Path]:
        """Return the command that runs a command here."""
        return [IP, "netns", "exec", self.name, *command]

    def has(self, address: str) -> bool:
        """Say whether an address is its own just now."""
        shown = _ip("-n", self.name, "-oneline", "address", "show", "dev", "eth0", "up")
        return f"inet {address}/" in shown

    def cut(self) -> None:
        """Pull its cable: nothing leaves it and nothing arrives."""
        _ip("link", "set", self.link, "down")

    def mend(self) -> None:
        """Put the cable back."""
        _ip("link", "set", self.link, "up")

    def vanish(self) -> None:
        """Be gone: the cable first, so that nobody is told that the processes ended."""
        self.cut()
        for part in self.parts:
            part.leave_down()
        self.end()

    def end(self) -> None:
        """Kill all that runs here."""
        while pids := _ip("netns", "pids", self.name).split():
            for pid in pids:
                signal_one(int(pid), SIGKILL)
            sleep(0.02)


class Hosts:
    """The hosts of one run, and the bridge between them, which this machine itself is on."""

    def __init__(self, number: int) -> None:
        """Make the bridge. `number` tells runs apart (a claimed port)."""
        self._number = number
        self._bridge = f"qxf{number}"
        self._net = f"10.{100 + number // 256 % 100}.{number % 256}"
        self.address = f"{self._net}.1"
        self.all: list[Host] = []
        _ip("link", "add", self._bridge, "type", "bridge")
        _ip("address", "add", f"{self.address}/24", "dev", self._bridge)
        _ip("link", "set", self._bridge, "up")

    def add(self, role: str) -> Host:
        """Make one more host."""
        place = len(self.all) + 2
        name, link = f"qxf{self._number}-{role}", f"qx{self._number}v{place}"
        host = Host(name, link, f"{self._net}.{place}")
        self.all.append(host)
        _ip("netns", "add", name)
        _ip("link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", name)
        _ip("link", "set", link, "master", self._bridge, "up")
        inside = ("-n", name)
        _ip(*inside, "address", "add", f"{host.address}/24", "dev", "eth0")
        _ip(*inside, "link", "set", "eth0", "up")
        _ip(*inside, "link", "set", "lo", "up")
        return host

    def end(self) -> None:
        """Take all of it down."""
        for host in self.all:
            host.end()
            _ip("netns", "del", host.name)
        _ip("link", "del", self._bridge)


def _ip(*words: str) -> str:
    return subprocess.run([IP, *words], check=True, capture_output=True, text=True).stdout
