"""Two haproxy on hosts of their own, before PostgreSQL, and an address that the living one has."""

from collections.abc import Callable, Sequence
from pathlib import Path

from faults.cluster import DATABASE_PORT
from faults.hosts import Host, Hosts, program
from faults.parts import Part

FILE = Path(__file__).parent.parent / "deploy" / "several" / "keepalived.conf"
NAMES = ("lb1", "lb2")
PRIORITIES = {"lb1": "100", "lb2": "90"}
RUNS_HAPROXY = "/usr/bin/pgrep -x haproxy"
LAST = 200
"""The last number of the address that moves."""


class Balancers:
    """The two, as the reference deployment has them."""

    def __init__(self, hosts: Hosts, folder: Path) -> None:
        """Make the hosts; nothing runs yet."""
        self.hosts = {name: hosts.add(name) for name in NAMES}
        self.address = f"{hosts.address.rpartition('.')[0]}.{LAST}"
        self._folder = folder

    def parts(
        self, proxy: str, start: Callable[[Host, str, Sequence[str | Path]], Part]
    ) -> list[Part]:
        """Return what runs there: haproxy, which is told so, and what moves the address."""
        found = []
        for name, host in self.hosts.items():
            folder = self._folder / name
            folder.mkdir()
            files = [f"--pid={folder}/keepalived.pid", f"--vrrp_pid={folder}/vrrp.pid"]
            command = [str(program("keepalived")), "--vrrp", "--dont-fork", "--log-console", *files]
            command.append(f"--use-file={self._keepalived(name, folder)}")
            found.append(start(host, f"haproxy-{name}", _haproxy(folder, proxy)))
            found.append(start(host, f"keepalived-{name}", command))
        return found

    def holder(self) -> str:
        """Return which of them has the address; empty while none has it."""
        return next((name for name, host in self.hosts.items() if host.has(self.address)), "")

    def _keepalived(self, name: str, folder: Path) -> Path:
        """Write the file that is deployed, with our addresses in it.

        Hosts of a run share one table of processes, so haproxy is looked for by its port.
        """
        text = FILE.read_text("utf-8").replace("router_id lb1", f"router_id {name}")
        text = text.replace("priority 100", f"priority {PRIORITIES[name]}")
        text = text.replace("10.0.0.10/24", f"{self.address}/24")
        listens = f"/usr/bin/bash -c 'exec 3<>/dev/tcp/127.0.0.1/{DATABASE_PORT}'"
        assert RUNS_HAPROXY in text
        written = folder / "keepalived.conf"
        written.write_text(text.replace(RUNS_HAPROXY, listens), encoding="utf-8")
        return written


def _haproxy(folder: Path, text: str) -> list[str | Path]:
    written = folder / "haproxy.cfg"
    written.write_text(text, encoding="utf-8")
    return [str(program("haproxy")), "-db", "-f", written]
