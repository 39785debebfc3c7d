"""A process of the service, kept alive as a service manager would: what dies is started again."""

import os
import pwd
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

RESTART_SECONDS = 1.0  # as systemd's Restart=always with RestartSec=1
PROCESSES = Path("/proc")


class Part:
    """One process with its children, in a session of its own."""

    def __init__(
        self,
        name: str,
        command: Sequence[str | Path],
        folder: Path,
        *,
        more: Mapping[str, str] | None = None,
        owner: pwd.struct_passwd | None = None,
    ) -> None:
        """Describe it; `more` is for its environment, `owner` runs it instead of root."""
        self.name = name
        self.command = command
        self.log = folder / f"{name}.log"
        self.more = dict(more or {})
        self.starts = 0
        self._owner = owner
        self._process: subprocess.Popen[bytes] | None = None
        self._wanted = False
        self._ended_at: float | None = None

    @property
    def pid(self) -> int:
        """Return its number; raises RuntimeError if it was never started."""
        if self._process is None:
            raise RuntimeError(f"{self.name} was not started")
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Say whether it runs."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start it, and from now on again whenever it ends."""
        self._wanted, self._ended_at = True, None
        self.starts += 1
        owner = self._owner
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                cwd="/" if owner else None,
                env=clean_environment() | self.more,
                user=owner and owner.pw_uid,
                group=owner and owner.pw_gid,
                extra_groups=owner and [],
            )

    def tend(self) -> None:
        """Start it again a second after it ended, unless it was stopped on purpose."""
        if not self._wanted or self.alive:
            return
        now = time.monotonic()
        self._ended_at = self._ended_at or now
        if now - self._ended_at >= RESTART_SECONDS:
            self.start()

    def leave_down(self) -> None:
        """Do not start it again for now."""
        self._wanted = False

    def send(self, number: signal.Signals) -> None:
        """Signal the process itself."""
        if self.alive:
            os.kill(self.pid, number)

    def send_all(self, number: signal.Signals) -> None:
        """Signal the process and all it started."""
        for pid in family(self.pid):
            signal_one(pid, number)

    def end(self) -> None:
        """End it with all it started, at once: the run is over."""
        self._wanted = False
        if self._process is not None:
            end_family(self.pid)
            self._process.wait()

    def last_words(self) -> str:
        """Return the end of its log."""
        if not self.log.exists():
            return ""
        return "\n".join(self.log.read_text("utf-8", errors="replace").splitlines()[-12:])


def stopped(pids: Sequence[int]) -> list[int]:
    """Return those of the processes that are stopped by a signal."""
    found = []
    for pid in pids:
        with suppress(FileNotFoundError, ProcessLookupError):
            stat = (PROCESSES / str(pid) / "stat").read_text()
            if stat.rpartition(")")[2].split()[0] == "T":
                found.append(pid)
    return found


def clean_environment() -> dict[str, str]:
    """Return this environment without settings, which each part is given by its own file."""
    return {name: value for name, value in os.environ.items() if not name.startswith("QUXIANG_")}


def signal_one(pid: int, number: signal.Signals) -> None:
    """Signal a process, if it is still there."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def family(pid: int) -> list[int]:
    """Return a living process and everything it started, itself first."""
    children = _children()
    found = [pid]
    for member in found:
        found.extend(children.get(member, []))
    return found


def end_family(pid: int) -> None:
    """Kill a process and everything it started, and also what is being started meanwhile.

    One look at who is whose child misses a child that is born between the look and the
    signal. What is stopped bears none, so all are stopped until a look finds nobody new.
    """
    _end(lambda: family(pid))


def end_descendants() -> None:
    """Kill everything this process started, not itself."""
    _end(lambda: family(os.getpid())[1:])


def _end(look: Callable[[], list[int]]) -> None:
    stopped: set[int] = set()
    while newborn := set(look()) - stopped:
        for member in newborn:
            signal_one(member, signal.SIGSTOP)
        stopped |= newborn
    for member in stopped:
        signal_one(member, signal.SIGKILL)


def _children() -> dict[int, list[int]]:
    """Read who is whose child; zombies are left out."""
    found: dict[int, list[int]] = {}
    for path in PROCESSES.glob("[0-9]*/stat"):
        try:
            state, parent = path.read_text().rpartition(")")[2].split()[:2]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if state != "Z":
            found.setdefault(int(parent), []).append(int(path.parent.name))
    return found
