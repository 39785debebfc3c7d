"""`quxiang web` as a service manager knows it: it starts, ends, and its processes die."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import requests

from commands.ports import LOOPBACK, any_port, is_free
from tests.commands.conftest import Quxiang
from tests.waiting import PATIENCE, wait_until

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)

UNFINISHED = (
    b"POST /wechat/callback HTTP/1.1\r\nHost: a\r\n"
    b"Expect: 100-continue\r\nContent-Length: 2\r\n\r\n"
)
PROGRAM = Path(__file__).parents[2] / "quxiang.py"


class Web:
    """A web server of two processes."""

    def __init__(self, host: str = "localhost") -> None:
        self.port = any_port()
        self.process = subprocess.Popen(
            [sys.executable, PROGRAM, "web", f"--host={host}", "--port", str(self.port)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def answers(self, host: str = LOOPBACK) -> bool:
        try:
            return requests.get(f"http://{host}:{self.port}/healthz", timeout=5).ok
        except requests.RequestException:
            return False

    def counted(self, endpoint: str) -> float:
        """Return how many answers of an endpoint are told by a process, whichever answers."""
        told = requests.get(f"http://{LOOPBACK}:{self.port}/metrics", timeout=PATIENCE).text
        wanted = re.compile(rf'^quxiang_requests_total{{.*"{endpoint}".*}} (\S+)$', re.MULTILINE)
        return sum(map(float, wanted.findall(told)))

    def children(self) -> list[int]:
        pid = self.process.pid
        return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@contextmanager
def running(host: str = "localhost") -> Iterator[Web]:
    started = Web(host)
    try:
        yield started
    finally:
        started.process.kill()
        started.process.wait()


@pytest.fixture
def web(environment: pytest.MonkeyPatch) -> Iterator[Web]:
    """Run the server until the test ends."""
    del environment
    with running() as started:
        wait_until(started.answers, "it answers")
        yield started
    wait_until(lambda: is_free(started.port), "those it started have ended")


def test_a_taken_port_is_refused(command: Quxiang) -> None:
    with socket.create_server((LOOPBACK, 0)) as taken:
        said = command("web", "--port", str(taken.getsockname()[1]))
    assert (said.status, said.facts["refused"]) == (1, "port_taken")


def test_an_address_of_another_machine_is_refused(command: Quxiang) -> None:
    said = command("web", "--host", "192.0.2.1", "--port", str(any_port()))
    assert (said.status, said.facts["refused"]) == (1, "cannot_listen")


@pytest.mark.slow("starts a web server")
def test_it_listens_at_an_address_of_ipv6(environment: pytest.MonkeyPatch) -> None:
    del environment
    with running("::1") as started:
        wait_until(lambda: started.answers("[::1]"), "it answers")
        assert not started.answers()


def test_what_is_being_answered_is_answered_before_the_end(web: Web) -> None:
    with closing(socket.create_connection((LOOPBACK, web.port))) as visitor:
        visitor.settimeout(PATIENCE)
        visitor.sendall(UNFINISHED)
        assert visitor.recv(100).startswith(b"HTTP/1.1 100")  # it waits for the rest
        web.process.terminate()
        wait_until(lambda: is_free(web.port), "nobody else is let in")
        visitor.sendall(b"--")
        assert visitor.recv(100).startswith(b"HTTP/1.1 403")
    assert web.process.wait(PATIENCE) == 0


@pytest.mark.in_ci
def test_a_process_that_is_still_starting_ends_when_told(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("PYTHONPATH", str(PROGRAM.parent))
    program = (
        "import os, signal; from commands.web import open_app;"
        " signal.signal(signal.SIGTERM, lambda *_: None);"
        " open_app(os.getppid(), 2); os.kill(os.getpid(), signal.SIGTERM)"
    )
    ended = subprocess.run([sys.executable, "-c", program], check=False)
    assert ended.returncode == -signal.SIGTERM


def test_the_counts_are_those_of_all_processes_whichever_answers(web: Web) -> None:
    before = web.counted("health.healthz")
    for _ in range(20):
        assert web.answers()
    seen = [web.counted("health.healthz") for _ in range(20)]
    assert seen == [before + 20] * 20


def test_a_killed_process_is_replaced(web: Web) -> None:
    before = set(web.children())
    os.kill(min(before), signal.SIGKILL)
    wait_until(lambda: len(set(web.children()) - before) == 1, "another has been started")
    wait_until(web.answers, "it answers again")
    assert web.process.poll() is None


def test_no_secret_is_left_where_each_request_would_carry_it(
    environment: pytest.MonkeyPatch,
) -> None:
    environment.setenv("PYTHONPATH", str(PROGRAM.parent))
    program = (
        "import os; from commands.web import open_app; open_app(os.getppid(), 2);"
        " print(sorted(name for name in os.environ if name.startswith('QUXIANG_')))"
    )
    said = subprocess.run([sys.executable, "-c", program], stdout=subprocess.PIPE, check=True)
    assert said.stdout.strip() == b"[]"


@pytest.mark.in_ci
def test_no_process_goes_on_without_the_one_that_replaces_it(web: Web) -> None:
    web.process.kill()
    web.process.wait()
    wait_until(lambda: is_free(web.port), "the port is free for the next")
