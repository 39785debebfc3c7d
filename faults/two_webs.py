"""The service with two hosts for its pages, behind nginx as it is delivered."""

import re
import signal
from pathlib import Path

import requests
from typing_extensions import override

from commands.ports import LOOPBACK
from faults.house import House, Plan
from faults.parts import Part
from faults.ports import ClaimedPort
from faults.postgresql import Postgresql

DELIVERED = Path(__file__).parent.parent / "deploy" / "nginx.conf"
PROGRAM = "/usr/sbin/nginx"
WAY = "two_webs"
OLD = "not_know_a_kind"
"""What the pages' hosts of the version before are started with."""
READY_SECONDS = 60.0


def cannot_be_played() -> str:
    """Say why it cannot be played here; empty where it can."""
    return "" if Path(PROGRAM).exists() else "needs Debian's nginx"


class TwoWebs(House):
    """Everything that runs, the pages on two ports and the proxy where they are asked for."""

    def __init__(self, plan: Plan, folder: Path, postgresql: Postgresql | None) -> None:
        """Plan the parts; nothing runs yet."""
        super().__init__(plan, folder, postgresql)
        self._behind = [ClaimedPort(), ClaimedPort(), ClaimedPort()]
        self.webs = [self._web(number) for number in range(2)]
        self.web = self.webs[0]
        self._conf = folder / "nginx.conf"
        self.proxy = Part("nginx", [PROGRAM, "-c", self._conf, "-e", folder / "error.log"], folder)

    @property
    @override
    def parts(self) -> list[Part]:
        return [*super().parts, self.webs[1], self.proxy]

    @override
    def start_service(self) -> None:
        self._send_to(self.webs)
        self.webs[1].start()
        self.proxy.start()
        super().start_service()
        self.wait_until(lambda: self._is_ready(self.webs[1]), "the second web")

    @override
    def end(self) -> None:
        super().end()
        for claim in self._behind:
            claim.give_back()

    def replace_web(self, web: Part) -> None:
        """Put the next version in a host's place, in the order of docs/upgrade.md."""
        self._send_to([each for each in self.webs if each is not web])
        web.leave_down()
        web.send(signal.SIGTERM)
        self.wait_until(lambda: not web.alive, f"{web.name} has ended")
        web.command = ["" if word == OLD else word for word in web.command]
        web.start()
        self.wait_until(lambda: self._is_ready(web), f"{web.name} is ready")
        self._send_to(self.webs)

    def _web(self, number: int) -> Part:
        name, port = f"web-{number + 1}", self._behind[number].number
        part = self._ours(name, "web", "--port", str(port), "--processes", "1")
        place = [*part.command].index("faults.start") + 1
        part.command = [*part.command[:place], OLD, *part.command[place + 1 :]]
        return part

    def _is_ready(self, web: Part) -> bool:
        port = self._behind[self.webs.index(web)].number
        try:
            return requests.get(f"http://{LOOPBACK}:{port}/readyz", timeout=READY_SECONDS).ok
        except requests.ConnectionError:
            return False

    def _send_to(self, webs: list[Part]) -> None:
        """Have nginx send to these alone: its workers of before end what they have in hand."""
        self._conf.write_text(self._text(webs), encoding="utf-8")
        if self.proxy.starts:
            before = self._workers()
            self.proxy.send(signal.SIGHUP)
            self.wait_until(lambda: not before & self._workers(), "nginx has read its settings")

    def _workers(self) -> set[str]:
        tasks = Path(f"/proc/{self.proxy.pid}/task/{self.proxy.pid}/children")
        return set(tasks.read_text().split())

    def _text(self, webs: list[Part]) -> str:
        """Return the file that is delivered, with our addresses in it and without certificates."""
        text = DELIVERED.read_text("utf-8")
        ours = [
            f"server {LOOPBACK}:{claim.number} max_fails=0{'' if web in webs else ' down'};"
            for web, claim in zip(self.webs, self._behind, strict=False)
        ]
        text = text.replace(f"server {LOOPBACK}:8000 max_fails=0;", "\n    ".join(ours))
        text = re.sub(r"^ *ssl_.*\n", "", text, flags=re.MULTILINE)
        text = text.replace("listen 443 ssl;", f"listen {LOOPBACK}:{self.ports['web']};")
        text = text.replace("listen 80;", f"listen {LOOPBACK}:{self._behind[2].number};")
        text = text.replace("qx.example.edu.cn", LOOPBACK)
        text = text.replace("syslog:server=unix:/dev/log,nohostname", f"{self.folder}/nginx.log")
        text = text.replace("location ~ ^/(metrics|healthz|readyz)$ { deny all; }", "")
        head = f"daemon off;\npid {self.folder}/nginx.pid;\nuser root;\nworker_processes 1;\n"
        return f"{head}events {{}}\nhttp {{\n{text}\n}}\n"
