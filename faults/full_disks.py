"""The disk of hosts is full: logs, files that pass through, and what Valkey keeps have no room."""

from sqlalchemy import select, update

from faults import people
from faults.disks import fill, needs_mount
from faults.run import Run, Scenario
from faults.visitors import confirm_in_a_crowd, each_confirmed_once
from registry.numbers.listing import NumberFilter
from registry.numbers.shape import Issue, Kind
from registry.record.graduate_filter import GraduateFilter
from registry.tasks import start
from registry.tasks.start import Asker
from registry.tasks.states import TaskKind, TaskState
from registry.tasks.tables import Task

EXPORT_SECONDS = 90


def _fill_disk(run: Run) -> None:
    """Fill it: pages and sending go on, and a file is made when there is room for it."""
    run.reach(0.05, 0.2)
    filler = run.house.files / "filler"
    fill(filler)
    before = run.taken()
    task_id = _ask_for_a_file(run)
    confirm_in_a_crowd(run)
    run.wait_for(lambda: _task(run, task_id).attempts > 0, "the file was tried to be made", 30)
    fill(filler)
    run.sleep(3)
    run.hold(run.taken() > before, "nothing was sent while the disk was full")
    state = _task(run, task_id).state
    run.hold(state == TaskState.RUNNING, f"the task of a file without room is {state}")
    filler.unlink()
    _let_its_lease_run_out(run, task_id)
    run.wait_for(
        lambda: _task(run, task_id).state == TaskState.FINISHED, "the file is made", EXPORT_SECONDS
    )


def _ask_for_a_file(run: Run) -> int:
    """Ask for the table of everybody, as the page of numbers does."""
    resources = run.house.resources
    at = resources.clock()
    staff_id = people.employ_clerk(run.house, people.SCHOOL, "clerk")
    wanted = NumberFilter(GraduateFilter(people.YEAR), Issue.TRANSFER, Kind.FILE)
    with resources.sessions.begin() as session:
        scope = people.scope_of(session, people.SCHOOL)
        return start.start(session, Asker(staff_id, scope, at), TaskKind.TABLE, wanted).id


def _task(run: Run, task_id: int) -> Task:
    with run.house.resources.readers() as session:
        return session.scalars(select(Task).where(Task.id == task_id)).one()


def _let_its_lease_run_out(run: Run, task_id: int) -> None:
    """Let the minutes have passed after which a task is another worker's."""
    with run.house.resources.sessions.begin() as session:
        ended = update(Task).where(Task.id == task_id)
        session.execute(ended.values(lease_until=run.house.resources.clock()))


FULL_DISKS = (
    Scenario(
        "files_full",
        "the disk under logs, exports and Valkey's file full, 50 writers",
        _fill_disk,
        after=each_confirmed_once,
        changes=("one_disk",),
        small_disk=True,
        length=20.0,
        hindrance=needs_mount,
    ),
)
