"""The sweeper wakes workers for long work that waits or whose worker was lost, and no other."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from notifier.delivery.sweep import sweep
from notifier.ledger import notices
from registry.accounts.tables import Role
from registry.base.database import database_now
from registry.tasks.earlier_tables import OfficeTask, RosterImport
from registry.tasks.roster_states import State
from registry.tasks.run import SOON
from registry.tasks.start import MOST
from registry.tasks.states import Work
from runtime.jobs import Job
from runtime.resources import Resources, open_resources
from runtime.settings import Settings
from tests.clock import StandingClock
from tests.wxapp.school.records import open_campus
from workers.jobs import BEGIN_SECONDS
from workers.wakeups import JOB_SECONDS

AGO, AHEAD = timedelta(minutes=-1), timedelta(minutes=1)


@pytest.fixture
def resources(settings: Settings, clock: StandingClock) -> Iterator[Resources]:
    opened = open_resources(settings, notices.write, clock=clock)
    yield opened
    opened.redis.close()
    opened.engine.dispose()


def add(resources: Resources, job: Job, state: str, lease: timedelta | None) -> None:
    with resources.sessions.begin() as session:
        campus = open_campus(session, resources.clock())
        until = None if lease is None else database_now(session) + lease
        about = {"school_id": campus.school.id, "state": state, "lease_until": until}
        if job is Job.IMPORT_ROSTER:
            named = {"file_name": "名单", "policy": "valid_rows", "created_at": campus.at}
            session.add(RosterImport(**about, **named))
            return
        staff_id = campus.staff(Role.SCHOOL).id
        what = {"year": 2026, "kind": "file", "work": "numbers", "total": 1}
        session.add(OfficeTask(**about, **what, staff_id=staff_id, created_at=campus.at))


@pytest.mark.parametrize(
    ("job", "state", "lease", "wakes"),
    [
        (Job.DO_OFFICE_TASK, "waiting", None, True),
        (Job.DO_OFFICE_TASK, "running", AGO, True),
        (Job.DO_OFFICE_TASK, "running", AHEAD, False),
        (Job.DO_OFFICE_TASK, "finished", None, False),
        (Job.IMPORT_ROSTER, State.WAITING, None, True),
        (Job.IMPORT_ROSTER, State.APPROVED, None, True),
        (Job.IMPORT_ROSTER, State.CHECKING, AGO, True),
        (Job.IMPORT_ROSTER, State.APPLYING, AGO, True),
        (Job.IMPORT_ROSTER, State.APPLYING, AHEAD, False),
        (Job.IMPORT_ROSTER, State.PLANNED, None, False),
    ],
)
def test_long_work_is_rung_for_while_nobody_does_it(
    resources: Resources, job: Job, state: str, lease: timedelta | None, wakes: object
) -> None:
    add(resources, job, state, lease)
    assert sweep(resources) == ({job} if wakes else set())


@pytest.mark.parametrize("work", MOST)
def test_the_largest_task_is_not_broken_off(work: Work) -> None:
    seconds = MOST[work] / SOON[work]
    assert BEGIN_SECONDS + seconds < JOB_SECONDS[Job.DO_OFFICE_TASK]
