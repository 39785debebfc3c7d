"""`quxiang worker` as monitoring knows it: one port tells what all its processes counted."""

import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest
import requests
from sqlalchemy.orm import Session, sessionmaker

from commands.ports import LOOPBACK, any_port
from registry.base.clock import utc_now
from registry.tasks.states import TaskState
from registry.tasks.tables import Task
from tests.commands.test_web import PROGRAM
from tests.waiting import PATIENCE, wait_until

pytestmark = [
    pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True),
    pytest.mark.slow(reason="starts five processes"),
]


class Worker:
    """The workers of a host, watched at a port."""

    def __init__(self) -> None:
        self.port = any_port()
        words = ["worker", "--processes", "1", "--metrics-port", str(self.port)]
        self.process = subprocess.Popen(
            [sys.executable, PROGRAM, *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def told(self) -> list[str]:
        try:
            return requests.get(f"http://{LOOPBACK}:{self.port}/metrics", timeout=5).text.split(
                "\n"
            )
        except requests.RequestException:
            return []


@pytest.fixture
def worker(environment: pytest.MonkeyPatch, sessions: sessionmaker[Session]) -> Iterator[Worker]:
    """Run them until the test ends, with a task to be done and no Redis to be woken by."""
    environment.setenv("QUXIANG_REDIS_URL", "redis://127.0.0.1:9/0")
    with sessions.begin() as session:
        session.add(Task(kind="graduates", state=TaskState.WAITING, created_at=utc_now()))
    running = Worker()
    yield running
    running.process.kill()
    running.process.wait()


def test_a_port_tells_the_figures_and_what_another_process_counted(worker: Worker) -> None:
    wait_until(lambda: "quxiang_database_up 1.0" in worker.told(), "the database is told")
    unheard = 'quxiang_bell_unheard_total{job="DO_TASK"}'
    wait_until(lambda: any(line.startswith(unheard) for line in worker.told()), "a lost wake-up")
    worker.process.send_signal(signal.SIGTERM)
    assert worker.process.wait(PATIENCE) == 0
