"""What deploy/ delivers fits the product: its commands, its files, its settings."""

import re
import shlex
import shutil
import socket
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import requests
import yaml  # type: ignore[import-untyped]  # it has none
from typing_extensions import override

from commands.ports import LOOPBACK, any_port
from quxiang import NOUNS
from tests.lacking import do_without
from tests.waiting import PATIENCE, wait_until

UNITS = ("quxiang-web.service", "quxiang-worker.service")


@pytest.fixture
def deploy(repository: Path) -> Path:
    """Give the folder of what is delivered."""
    return repository / "deploy"


@pytest.fixture
def compose(deploy: Path) -> dict[str, Any]:
    """Give what the compose file says."""
    said: dict[str, Any] = yaml.safe_load((deploy / "compose.yaml").read_text(encoding="utf-8"))
    return said


@pytest.mark.parametrize("name", UNITS)
def test_a_unit_runs_a_command_with_sealed_settings(deploy: Path, name: str) -> None:
    text = (deploy / "systemd" / name).read_text(encoding="utf-8")
    [started] = re.findall(r"^ExecStart=(.*)$", text, re.MULTILINE)
    program, noun, *_ = shlex.split(started)
    assert (program, noun in NOUNS) == ("/opt/quxiang/bin/quxiang", True)
    for line in ("User=quxiang", "Restart=always", "KillMode=mixed", "ProtectSystem=strict"):
        assert f"\n{line}\n" in text
    assert "Environment=QUXIANG_ENV_FILE=%d/settings.env" in text


@pytest.mark.parametrize("name", UNITS)
def test_systemd_understands_its_units(deploy: Path, tmp_path: Path, name: str) -> None:
    program = shutil.which("systemd-analyze")
    if program is None:
        do_without("systemd-analyze is not installed (Debian: apt-get install systemd)")
    text = (deploy / "systemd" / name).read_text(encoding="utf-8")
    (tmp_path / name).write_text(text.replace("/opt/quxiang/bin/quxiang", "/bin/true"))
    said = subprocess.run(
        [program, "verify", "--man=no", tmp_path / name],
        capture_output=True,
        text=True,
        check=False,
    )
    assert [line for line in said.stderr.splitlines() if name in line] == []


def test_nginx_understands_its_settings(deploy: Path, tmp_path: Path) -> None:
    program = shutil.which("nginx") or shutil.which("/usr/sbin/nginx")
    if program is None:
        do_without("nginx is not installed (Debian: apt-get install nginx)")
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    made = shlex.split("openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost")
    subprocess.run([*made, "-keyout", key, "-out", certificate], capture_output=True, check=True)
    text = (deploy / "nginx.conf").read_text(encoding="utf-8")
    text = re.sub(r"ssl_certificate /[^;]*", f"ssl_certificate {certificate}", text)
    text = re.sub(r"ssl_certificate_key /[^;]*", f"ssl_certificate_key {key}", text)
    written = tmp_path / "nginx.conf"
    written.write_text(f"pid {tmp_path}/pid;\nevents {{}}\nhttp {{\n{text}\n}}\n")
    said = subprocess.run(
        [program, "-t", "-c", written, "-e", tmp_path / "error.log"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 0, said.stderr


class Busy(BaseHTTPRequestHandler):
    """A host of the pages that can answer nothing just now, and notes what it is asked."""

    asked: list[str]

    def answer(self) -> None:
        """Say so."""
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.asked.append(f"{self.command} {self.path}")
        self.send_response(503)
        self.end_headers()

    @override
    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def busy_hosts(number: int) -> Iterator[tuple[list[int], list[str]]]:
    """Run hosts that can answer nothing; give their ports, and what they are asked."""
    asked: list[str] = []
    answers = dict.fromkeys(("do_GET", "do_POST", "do_PUT"), Busy.answer)
    handler = type("Noted", (Busy,), {"asked": asked, **answers})
    with ExitStack() as stack:
        hosts = [
            stack.enter_context(ThreadingHTTPServer((LOOPBACK, 0), handler)) for _ in range(number)
        ]
        for host in hosts:
            Thread(target=host.serve_forever, daemon=True).start()
            stack.callback(host.shutdown)
        yield [host.server_port for host in hosts], asked


@contextmanager
def behind_nginx(deploy: Path, folder: Path, ports: list[int]) -> Iterator[str]:
    """Run nginx by what is delivered, in front of these; give its address."""
    program = shutil.which("nginx") or shutil.which("/usr/sbin/nginx")
    if program is None:
        do_without("nginx is not installed (Debian: apt-get install nginx)")
    port, hosts = any_port(), " ".join(f"server {LOOPBACK}:{each} max_fails=0;" for each in ports)
    text = (deploy / "nginx.conf").read_text(encoding="utf-8")
    text = text.replace(f"server {LOOPBACK}:8000 max_fails=0;", hosts)
    text = re.sub(r"^ *ssl_.*\n", "", text, flags=re.MULTILINE)
    text = text.replace("listen 443 ssl;", f"listen {LOOPBACK}:{port};")
    text = text.replace("listen 80;", f"listen {LOOPBACK}:{any_port()};")
    text = text.replace("syslog:server=unix:/dev/log,nohostname", f"{folder}/nginx.log")
    written = folder / "nginx.conf"
    head = f"daemon off;\npid {folder}/pid;\nworker_processes 1;\nevents {{}}\n"
    written.write_text(f"{head}http {{\n{text}\n}}\n", encoding="utf-8")
    running = subprocess.Popen([program, "-c", written, "-e", folder / "error.log"])
    try:
        wait_until((folder / "pid").exists, "nginx listens")
        yield f"http://{LOOPBACK}:{port}"
    finally:
        running.terminate()
        running.wait()


def test_nginx_asks_another_host_for_a_page_and_sends_nothing_else_twice(
    deploy: Path, tmp_path: Path
) -> None:
    wanted = [
        *(("GET", "/school/", 2), ("POST", "/school/reporting", 1)),
        # Each request of a province is signed for once.
        *(("PUT", "/api/province/v1/records", 1), ("GET", "/api/province/v1/changes", 1)),
    ]
    with busy_hosts(2) as (ports, asked), behind_nginx(deploy, tmp_path, ports) as address:
        for method, path, _ in wanted:
            said = requests.request(method, f"{address}{path}", data=b"{}", timeout=PATIENCE)
            assert said.status_code == 503
    assert Counter(asked) == {f"{method} {path}": times for method, path, times in wanted}


def test_haproxy_understands_its_settings(deploy: Path, tmp_path: Path) -> None:
    program = shutil.which("haproxy") or shutil.which("/usr/sbin/haproxy")
    if program is None:
        do_without("haproxy is not installed (Debian: apt-get install haproxy)")
    text = (deploy / "several" / "haproxy.cfg").read_text(encoding="utf-8")
    written = tmp_path / "haproxy.cfg"
    written.write_text(re.sub(r"(db|valkey)[12]:", "127.0.0.1:", text))
    said = subprocess.run(
        [program, "-c", "-f", written], capture_output=True, text=True, check=False
    )
    assert (said.returncode, "ALERT" in said.stderr, "WARNING" in said.stderr) == (0, False, False)


def test_keepalived_understands_its_settings(deploy: Path, tmp_path: Path) -> None:
    program = shutil.which("keepalived") or shutil.which("/usr/sbin/keepalived")
    if program is None:
        do_without("keepalived is not installed (Debian: apt-get install keepalived)")
    text = (deploy / "several" / "keepalived.conf").read_text(encoding="utf-8")
    written = tmp_path / "keepalived.conf"
    # It refuses an interface that the machine has not: eth0, enp3s0, ens192, eno1.
    cards = (name for _, name in socket.if_nameindex() if name.startswith("e"))
    if (card := next(cards, None)) is None:
        do_without("keepalived wants a network card")
    written.write_text(text.replace("interface eth0", f"interface {card}"), encoding="utf-8")
    said = subprocess.run(
        [program, "--config-test", "--use-file", written],
        capture_output=True,
        text=True,
        check=False,
        start_new_session=True,  # it ends by a signal to all of its group
    )
    assert said.stdout + said.stderr == ""


def test_patronis_settings_lose_no_commit(deploy: Path) -> None:
    said = yaml.safe_load((deploy / "several" / "patroni.yml").read_text(encoding="utf-8"))
    assert said["bootstrap"]["dcs"]["synchronous_mode"] is True
    assert said["bootstrap"]["initdb"][0] == {"encoding": "UTF8"}


def test_every_service_of_ours_runs_a_command_that_there_is(compose: dict[str, Any]) -> None:
    ours = {name: each for name, each in compose["services"].items() if each["image"] == "quxiang"}
    assert {name: each["command"][0] for name, each in ours.items()} == {
        "upgrade": "db",
        "web": "web",
        "worker": "worker",
    }
    assert all(each["command"][0] in NOUNS for each in ours.values())
    for each in ours.values():
        assert each["environment"] == {"QUXIANG_ENV_FILE": "/run/secrets/settings.env"}
        assert each["read_only"]


def test_nothing_but_the_proxy_is_reached_from_outside(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert {name for name, each in services.items() if "ports" in each} == {"web"}
    assert services["proxy"]["network_mode"] == "service:web"  # and finds it at 127.0.0.1
    assert "listen_addresses=" in services["database"]["command"]
    assert "--port 0" in services["valkey"]["command"][-1]


def test_what_is_mounted_is_declared_or_delivered(deploy: Path, compose: dict[str, Any]) -> None:
    ignored = (deploy / ".gitignore").read_text(encoding="utf-8")
    for name, service in compose["services"].items():
        assert set(service.get("secrets", [])) <= set(compose["secrets"]), name
        for volume in service.get("volumes", []):
            source = volume.partition(":")[0]
            known = source in compose["volumes"] or source == "/dev/log"
            assert known or (deploy / source).exists() or f"{Path(source).name}/" in ignored


def test_the_image_takes_the_steps_of_the_docs(repository: Path, deploy: Path) -> None:
    image = (deploy / "Containerfile").read_text(encoding="utf-8").replace("--no-cache-dir ", "")
    docs = (repository / "docs/operations.md").read_text(encoding="utf-8")
    tried = (deploy / "try").read_text(encoding="utf-8")
    for step in ("--require-hashes -r hashes.txt", "--no-deps ."):
        assert all(step in each for each in (image, docs, tried))
    for source in re.findall(r"^COPY (?!--from)(\S+)", image, re.MULTILINE):
        assert (repository / source).exists()


def test_a_hosted_machine_plays_what_every_machine_plays(repository: Path) -> None:
    said = yaml.safe_load((repository / ".github/workflows/ci.yml").read_text(encoding="utf-8"))
    [job] = said["jobs"].values()
    assert [each["run"] for each in job["steps"] if "run" in each] == ["bash .ci/run"]
    assert job["timeout-minutes"] == 90
