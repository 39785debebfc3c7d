"""A PostgreSQL and its standby, for tests of what a failover keeps."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from commands.ports import LOOPBACK
from faults.ports import ClaimedPort
from tests.servers import CLUSTER_OPTIONS, START_SECONDS, database_owner, find_programs
from tests.waiting import wait_until

QUICK = ("-c", "fsync=off", "-c", "full_page_writes=off", "-c", "unix_socket_directories=")
"""A crash of the program loses nothing by it, one of the machine would."""


class Pair:
    """The server that takes writes, and one that follows it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._claims = {name: ClaimedPort() for name in ("primary", "standby")}
        self._ports = {name: claim.number for name, claim in self._claims.items()}
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._owner = database_owner()
        folder.chmod(0o755)

    @property
    def url(self) -> str:
        """Return the address with both: whoever takes writes is found."""
        hosts = ",".join(f"{LOOPBACK}:{port}" for port in self._ports.values())
        return f"postgresql+psycopg://quxiang@{hosts}/postgres"

    def begin(self, *, synchronous: bool) -> None:
        """Start both, the second as a copy of the first; commits wait for it if `synchronous`."""
        for name in self._ports:
            (self._folder / name).mkdir()
            os.chown(self._folder / name, self._owner.pw_uid, self._owner.pw_gid)
        self._run("initdb", "-D", self._data("primary"), *CLUSTER_OPTIONS)
        self.start("primary")
        source = f"host={LOOPBACK} port={self._ports['primary']} user=quxiang"
        copied = ("--write-recovery-conf", "--checkpoint=fast", f"--dbname={source}")
        self._run("pg_basebackup", "-D", self._data("standby"), *copied)
        self.start("standby")
        if synchronous:
            with self._connected("primary") as admin:
                admin.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
                admin.execute("SELECT pg_reload_conf()")
                state = "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'"
                wait_until(lambda: admin.execute(state).fetchone() == (1,), "the standby is sync")

    def start(self, name: str) -> None:
        """Start one and wait until it answers."""
        port = str(self._ports[name])
        program = find_programs() / "postgres"
        with (self._folder / f"{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(
                [program, "-D", self._data(name), "-p", port, "-h", LOOPBACK, *QUICK],
                stdout=log,
                stderr=log,
                cwd="/",
                user=self._owner.pw_uid,
                group=self._owner.pw_gid,
                extra_groups=[],
            )
        wait_until(lambda: self._answers(name), f"the {name} answers", seconds=START_SECONDS)

    def stop(self, name: str, how: signal.Signals = signal.SIGINT) -> None:
        """Stop one; SIGQUIT is a crash."""
        self._running[name].send_signal(how)
        self._running[name].wait(START_SECONDS)

    def fail_over(self) -> None:
        """Lose the primary, and have the standby take writes.

        One that was stopped comes back only then, without what was committed meanwhile.
        """
        self.stop("primary", signal.SIGQUIT)
        if self._running["standby"].poll() is not None:
            self.start("standby")
        with self._connected("standby") as admin:
            admin.execute("SELECT pg_promote()")

    def end(self) -> None:
        """Kill what still runs."""
        for each in self._running.values():
            each.kill()
            each.wait()
        for claim in self._claims.values():
            claim.give_back()

    def _data(self, name: str) -> Path:
        return self._folder / name / "data"

    def _connected(self, name: str) -> psycopg.Connection:
        place = f"host={LOOPBACK} port={self._ports[name]} user=quxiang dbname=postgres"
        return psycopg.connect(place, autocommit=True, connect_timeout=2)

    def _answers(self, name: str) -> bool:
        try:
            self._connected(name).close()
        except psycopg.OperationalError:
            return False
        return True

    def _run(self, program: str, *words: str | Path) -> None:
        subprocess.run(
            [find_programs() / program, *words],
            check=True,
            capture_output=True,
            cwd="/",
            user=self._owner.pw_uid,
            group=self._owner.pw_gid,
            extra_groups=[],
        )


@contextmanager
def run_pair(folder: Path, *, synchronous: bool) -> Iterator[Pair]:
    """Run both."""
    pair = Pair(folder)
    try:
        pair.begin(synchronous=synchronous)
        yield pair
    finally:
        pair.end()
