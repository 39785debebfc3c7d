"""The sweeper wakes workers for long work that waits or whose worker was lost, and no other."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from notifier.campaigns.recipient_lists import PROCEDURES
from notifier.delivery.sweep import sweep
from notifier.ledger import notices
from registry.base.database import database_now
from registry.tasks.procedure import Procedure
from registry.tasks.states import TaskKind, TaskState
from registry.tasks.tables import Task
from runtime.jobs import Job
from runtime.resources import Resources, open_resources
from runtime.settings import Settings
from tests.clock import StandingClock
from tests.wxapp.school.records import open_campus
from workers.jobs import BEGIN_SECONDS, BY_NAME, DELIVER_SECONDS, do_task
from workers.wakeups import JOB_SECONDS

AGO, AHEAD = timedelta(minutes=-1), timedelta(minutes=1)


@pytest.fixture
def resources(settings: Settings, clock: StandingClock) -> Iterator[Resources]:
    opened = open_resources(settings, notices.write, clock=clock)
    yield opened
    opened.redis.close()
    opened.engine.dispose()


def add(resources: Resources, kind: TaskKind, state: TaskState, lease: timedelta | None) -> None:
    with resources.sessions.begin() as session:
        campus = open_campus(session, resources.clock())
        until = None if lease is None else database_now(session) + lease
        about = {"state": state, "lease_until": until, "created_at": campus.at}
        session.add(Task(school_id=campus.school.id, kind=kind, **about))


@pytest.mark.parametrize(
    ("kind", "state", "lease", "wakes"),
    [
        (TaskKind.NUMBERS, TaskState.WAITING, None, True),
        (TaskKind.NUMBERS, TaskState.RUNNING, AGO, True),
        (TaskKind.NUMBERS, TaskState.RUNNING, AHEAD, False),
        (TaskKind.NUMBERS, TaskState.FINISHED, None, False),
        (TaskKind.ROSTER_IMPORT, TaskState.WAITING, None, True),
        (TaskKind.ROSTER_IMPORT, TaskState.APPROVED, None, True),
        (TaskKind.ROSTER_IMPORT, TaskState.RUNNING, AGO, True),
        (TaskKind.ROSTER_IMPORT, TaskState.APPLYING, AGO, True),
        (TaskKind.ROSTER_IMPORT, TaskState.APPLYING, AHEAD, False),
        (TaskKind.ROSTER_IMPORT, TaskState.PLANNED, None, False),
    ],
)
def test_long_work_is_rung_for_while_nobody_does_it(
    resources: Resources, kind: TaskKind, state: TaskState, lease: timedelta | None, wakes: object
) -> None:
    add(resources, kind, state, lease)
    assert sweep(resources) == ({Job.DO_TASK} if wakes else set())


@pytest.mark.parametrize("procedure", PROCEDURES.values(), ids=PROCEDURES)
def test_the_largest_task_is_not_broken_off(procedure: Procedure) -> None:
    if procedure.most is not None:
        seconds = procedure.most / procedure.soon
        assert BEGIN_SECONDS + seconds < JOB_SECONDS[Job.DO_TASK]


@pytest.mark.parametrize("job", [Job.DELIVER, Job.EXPAND, Job.TAKE_IN, Job.DO_TASK])
def test_a_job_ends_by_itself_before_it_is_broken_off(job: Job) -> None:
    begins = DELIVER_SECONDS if job is Job.DELIVER else BEGIN_SECONDS
    assert begins + 30 <= JOB_SECONDS[job]


@pytest.mark.parametrize("name", [Job.DO_TASK, "workers.jobs.import_roster"])
def test_a_job_by_the_names_of_the_version_before_does_the_tasks(name: str) -> None:
    assert BY_NAME[name] is do_task
