"""Whoever can write to Redis runs nothing in a worker, which holds the keys of the database."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from redis import Redis
from rq import Callback
from rq import Queue as RqQueue
from rq.job import JobStatus
from rq.registry import StartedJobRegistry
from rq.serializers import JSONSerializer, PickleSerializer

from runtime.jobs import Job
from tests.waiting import wait_until
from tests.workers.listener import listening

Plant = Callable[[Redis, Path], object]
KNOWN = Job.TAKE_IN.value


def queue(redis: Redis, serializer: object = JSONSerializer) -> RqQueue:
    return RqQueue("work", connection=redis, serializer=serializer)  # type: ignore[arg-type]  # rq takes both


def a_function_of_the_system(redis: Redis, mark: Path) -> None:
    queue(redis).enqueue("os.mkdir", str(mark))


def a_pickled_function(redis: Redis, mark: Path) -> None:
    queue(redis, PickleSerializer).enqueue("os.mkdir", str(mark))


def a_known_name_with_arguments(redis: Redis, mark: Path) -> None:
    queue(redis).enqueue("made_up_jobs.make", str(mark))
    queue(redis).enqueue(KNOWN, str(mark))


def a_callback(redis: Redis, mark: Path) -> None:
    mark.with_suffix(".name").write_text(str(mark))
    queue(redis).enqueue(KNOWN, on_success=Callback("made_up_jobs.called_back"))


def a_job_that_was_left_with_a_callback(redis: Redis, mark: Path) -> None:
    mark.with_suffix(".name").write_text(str(mark))
    job = queue(redis).enqueue(KNOWN, on_failure=Callback("made_up_jobs.called_back"))
    redis.lrem("rq:queue:work", 0, job.id)
    job.set_status(JobStatus.STARTED)
    registry = StartedJobRegistry("work", connection=redis, serializer=JSONSerializer)
    redis.zadd(registry.key, {f"{job.id}:x": time.time() - 60})


def nonsense(redis: Redis, _mark: Path) -> None:
    redis.hset("rq:job:strange", mapping={"data": b"\xff", "created_at": b"never", "timeout": b"x"})
    redis.rpush("rq:queue:work", "strange")


@pytest.mark.parametrize(
    "plant",
    [
        a_function_of_the_system,
        a_pickled_function,
        a_known_name_with_arguments,
        a_callback,
        a_job_that_was_left_with_a_callback,
        nonsense,
    ],
)
def test_what_is_planted_in_redis_does_not_run(
    plant: Plant, tmp_path: Path, repository: Path, valkey: Redis, redis_url: str
) -> None:
    mark = tmp_path / "mark"
    plant(valkey, mark)
    queue(valkey).enqueue(KNOWN)
    with listening(tmp_path, repository, redis_url) as process:
        wait_until((tmp_path / "quick").exists, "it goes on with its work")
        wait_until(lambda: valkey.llen("rq:queue:work") == 0, "it has taken all")
        assert process.poll() is None
    assert not mark.exists()


def test_what_is_thrown_away_is_logged_without_its_content(
    tmp_path: Path, repository: Path, valkey: Redis, redis_url: str
) -> None:
    job = queue(valkey).enqueue("os.mkdir", "李娟 110101200301011234")
    with listening(tmp_path, repository, redis_url):
        wait_until(lambda: b"thrown away" in (tmp_path / "log").read_bytes(), "it is logged")
        wait_until(lambda: not valkey.exists(job.key), "nothing of it is kept")
    assert valkey.llen("rq:queue:work:intermediate") == 0
    assert "李娟".encode() not in (tmp_path / "log").read_bytes()
