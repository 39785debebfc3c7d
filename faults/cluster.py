"""PostgreSQL on two hosts under Patroni and etcd, as the reference deployment has it."""

import json
import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import requests
import yaml  # type: ignore[import-untyped]  # it has none
from sqlalchemy import URL

from faults.hosts import Host, Hosts, program
from faults.parts import Part
from tests.servers import database_owner, find_programs, libpq_address

DATABASE_PORT, PATRONI_PORT = 5432, 8008
UP_SECONDS = 90.0
ASKED_SECONDS = 2.0
FILE = Path(__file__).parent.parent / "deploy" / "several" / "patroni.yml"
SMALL = {"shared_buffers": "64MB", "max_wal_size": "1GB", "unix_socket_directories": ""}


class Cluster:
    """Two servers, of which one takes writes, and what decides which."""

    def __init__(
        self, hosts: Hosts, folder: Path, etcd_ports: tuple[int, int], *, synchronous: bool
    ) -> None:
        """Plan it; nothing runs yet."""
        self.owner, self._programs = database_owner(), find_programs()
        self._rules = _deployed()["bootstrap"]["dcs"] | {"synchronous_mode": synchronous}
        if not synchronous:  # one that lags is to take over all the same
            self._rules["maximum_lag_on_failover"] = 10**9
        self._folder = folder
        self._etcd_address = f"{hosts.address}:{etcd_ports[0]}"
        self.hosts = {name: hosts.add(name) for name in ("db1", "db2")}
        self.etcd = self._etcd(hosts.address, *etcd_ports)
        self.servers = {name: self._server(name, host) for name, host in self.hosts.items()}

    @property
    def parts(self) -> list[Part]:
        """Return what runs, in the order of its starting."""
        return [self.etcd, *self.servers.values()]

    def begin_from(self, server: URL) -> None:
        """Copy a server's files to the first host, and start from there; raises RuntimeError."""
        data = self._folder / "db1" / "data"
        command: list[str | Path] = [
            self._programs / "pg_basebackup",
            "--checkpoint=fast",
            "--wal-method=stream",
        ]
        subprocess.run(
            [*command, f"--pgdata={data}", f"--dbname={libpq_address(server)}"],
            check=True,
            capture_output=True,
            user=self.owner.pw_uid,
            group=self.owner.pw_gid,
            extra_groups=[],
            cwd="/",
        )
        self.etcd.start()
        self._wait_for(self._etcd_answers, "etcd")
        self.servers["db1"].start()
        self._wait_for(lambda: self.primary() == "db1", "the first server")
        self._wait_for(self._takes_rules, "the rules of the cluster")
        self.servers["db2"].start()
        self._wait_for(self._is_whole, "the second server")

    def primary(self) -> str:
        """Return which host takes writes; empty while none does."""
        return next((name for name in self.hosts if self._answers(name, "primary")), "")

    def is_standby(self, name: str) -> bool:
        """Say whether a host follows the primary."""
        return self._answers(name, "replica")

    def switch_over(self) -> None:
        """Have the other host take writes, as `patronictl switchover` does."""
        now = self.primary()
        body = {"leader": now, "candidate": next(name for name in self.hosts if name != now)}
        url = self._url(now, "switchover")
        requests.post(url, json=body, timeout=60).raise_for_status()

    def _takes_rules(self) -> bool:
        try:
            url = self._url("db1", "config")
            return requests.put(url, json=self._rules, timeout=ASKED_SECONDS).ok
        except requests.RequestException:
            return False

    def _is_whole(self) -> bool:
        wanted = "synchronous" if self._rules["synchronous_mode"] else "replica"
        return self._answers("db2", wanted)

    def _answers(self, name: str, question: str) -> bool:
        try:
            said = requests.get(self._url(name, question), timeout=ASKED_SECONDS)
        except requests.RequestException:
            return False
        return said.ok

    def _url(self, name: str, what: str) -> str:
        return f"http://{self.hosts[name].address}:{PATRONI_PORT}/{what}"

    def _etcd_answers(self) -> bool:
        try:
            return requests.get(f"http://{self._etcd_address}/health", timeout=1).ok
        except requests.RequestException:
            return False

    def _wait_for(self, holds: Callable[[], bool], what: str) -> None:
        until = time.monotonic() + UP_SECONDS
        while not holds():
            if time.monotonic() > until:
                words = "\n".join(f"{each.name}: {each.last_words()}" for each in self.parts)
                raise RuntimeError(f"not up after {UP_SECONDS:.0f} s: {what}\n{words}")
            time.sleep(0.1)

    def _etcd(self, address: str, port: int, peer_port: int) -> Part:
        url, peer = f"http://{address}:{port}", f"http://{address}:{peer_port}"
        options = {
            "data-dir": self._folder / "etcd",
            "listen-client-urls": url,
            "advertise-client-urls": url,
            "listen-peer-urls": peer,
            "initial-advertise-peer-urls": peer,
            "initial-cluster": f"default={peer}",
            "unsafe-no-fsync": "true",
        }
        words = [f"--{name}={value}" for name, value in options.items()]
        return Part("etcd", [str(program("etcd")), *words], self._folder)

    def _server(self, name: str, host: Host) -> Part:
        place = self._folder / name
        place.mkdir()
        written = place / "patroni.json"  # YAML, too
        written.write_text(json.dumps(self._settings(name, host)), encoding="utf-8")
        for each in (place, written):
            os.chown(each, self.owner.pw_uid, self.owner.pw_gid)
        who = [f"--reuid={self.owner.pw_uid}", f"--regid={self.owner.pw_gid}", "--clear-groups"]
        command: list[str | Path] = ["setpriv", *who, str(program("patroni")), written]
        part = Part(name, host.runs(command), self._folder, more={"PATH": "/usr/bin:/bin"})
        host.parts.append(part)
        return part

    def _settings(self, name: str, host: Host) -> dict[str, Any]:
        """Return the file that is deployed, with our addresses and folders in it."""
        said = _deployed()
        own, at = {"username": "quxiang"}, {"connect_address": f"{host.address}:{PATRONI_PORT}"}
        place = self._folder / name
        said |= {"name": name, "etcd3": {"hosts": self._etcd_address}}
        said["restapi"] |= at | {"listen": f"{host.address}:{PATRONI_PORT}"}
        said["postgresql"] |= {
            "listen": f"{host.address},127.0.0.1:{DATABASE_PORT}",
            "connect_address": f"{host.address}:{DATABASE_PORT}",
            "bin_dir": str(self._programs),
            "data_dir": str(place / "data"),
            "pgpass": str(place / "pgpass"),
            "authentication": dict.fromkeys(("superuser", "replication", "rewind"), own),
            "pg_hba": ["host all all all trust", "host replication all all trust"],
            "parameters": said["postgresql"]["parameters"] | SMALL,
        }
        return said


def _deployed() -> dict[str, Any]:
    said: dict[str, Any] = yaml.safe_load(FILE.read_text("utf-8"))
    return said
