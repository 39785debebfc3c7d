"""A job is asked for by name: it leads to a function, its queue to somebody who listens."""

from pathlib import Path

import pytest

from runtime.jobs import QUEUES, Job, Queue
from workers.jobs import BY_NAME


@pytest.mark.parametrize("job", Job)
def test_the_name_of_a_job_leads_to_a_function(job: Job) -> None:
    assert callable(BY_NAME[job])


def test_each_job_has_a_queue() -> None:
    assert set(QUEUES) == set(Job)
    assert set(QUEUES.values()) == set(Queue)


@pytest.mark.parametrize("queue", Queue)
def test_somebody_listens_to_each_queue(queue: Queue, repository: Path) -> None:
    start = (repository / "workers" / "start.py").read_text(encoding="utf-8")
    assert f"listen(Queue.{queue.name}, " in start
