"""Wake-ups: one waiting job of a name, no arguments, and no trouble when Redis is away."""

import subprocess
import sys
import time
from pathlib import Path

import pytest
from redis import Redis
from rq import Queue as RqQueue
from rq.job import Job as RqJob
from rq.serializers import JSONSerializer

from runtime.jobs import QUEUES, Job, Queue
from workers import wakeups
from workers.wakeups import RqWakeups, open_wakeups


def _waiting(valkey: Redis, queue: Queue) -> list[str]:
    return [each.rpartition("-")[0] for each in RqQueue(queue, connection=valkey).get_job_ids()]


def test_ringing_twice_leaves_one_job_waiting(valkey: Redis) -> None:
    waking = RqWakeups(valkey)
    assert waking.wake(Job.DELIVER)
    assert waking.wake(Job.DELIVER)
    assert _waiting(valkey, Queue.DELIVERY) == ["DELIVER"]


def test_jobs_of_other_names_do_not_stand_in_for_each_other(valkey: Redis) -> None:
    waking = RqWakeups(valkey)
    for job in (Job.TAKE_IN, Job.DO_TASK, Job.TAKE_IN, Job.EXPAND):
        waking.wake(job)
    assert _waiting(valkey, Queue.WORK) == ["TAKE_IN", "DO_TASK", "EXPAND"]


def test_rqs_own_tool_shows_what_waits(valkey: Redis, redis_url: str) -> None:
    """What operators know of RQ goes on working: `rq info`, and what reads the same keys."""
    waking = RqWakeups(valkey)
    for job in (Job.TAKE_IN, Job.DELIVER, Job.EXPAND):
        waking.wake(job)
    tool = Path(sys.executable).with_name("rq")
    command: list[str | Path] = [tool, "info", "--url", redis_url, "--raw"]
    said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    assert "queue delivery 1" in said
    assert "queue work 2" in said


@pytest.mark.parametrize("job", Job)
def test_a_job_carries_nothing_and_leaves_nothing(valkey: Redis, job: Job) -> None:
    RqWakeups(valkey).wake(job)
    [name] = RqQueue(QUEUES[job], connection=valkey).get_job_ids()
    waiting = RqJob.fetch(name, connection=valkey, serializer=JSONSerializer)
    assert (waiting.func_name, waiting.args, waiting.kwargs) == (job.value, [], {})
    assert waiting.result_ttl == 0
    assert waiting.failure_ttl == wakeups.FAILURE_SECONDS
    assert waiting.retries_left is None


def test_without_redis_nothing_is_heard_nothing_raised_and_nobody_waits() -> None:
    waking = open_wakeups("redis://127.0.0.1:1/0")
    before = wakeups.unheard.labels("DELIVER")._value.get()
    began = time.monotonic()
    assert [waking.wake(Job.DELIVER) for _ in range(100)] == [False] * 100
    assert time.monotonic() - began < 5  # a wait of a tenth of a second each would be ten
    assert wakeups.unheard.labels("DELIVER")._value.get() == before + 100


def test_a_job_that_waits_is_no_sign_that_redis_takes_writes(valkey: Redis) -> None:
    """A copy of a server still shows its queue, and no worker can take anything from it."""
    assert RqWakeups(valkey).wake(Job.DELIVER)
    valkey.replicaof("127.0.0.1", "9")
    try:
        assert not RqWakeups(valkey).wake(Job.DELIVER)
    finally:
        valkey.replicaof("NO", "ONE")
    assert RqWakeups(valkey).wake(Job.DELIVER)


def test_a_second_later_redis_is_asked_again(valkey: Redis, redis_url: str) -> None:
    now = 100.0
    waking = RqWakeups(Redis.from_url("redis://127.0.0.1:1/0"), lambda: now)
    assert not waking.wake(Job.DELIVER)
    waking._redis = Redis.from_url(redis_url)
    assert not waking.wake(Job.DELIVER)
    now = 101.5
    assert waking.wake(Job.DELIVER)
    waking._redis.close()
