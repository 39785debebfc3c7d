"""Exports that are whose who asked for them: begun alike at every door, short ones made at once."""

from registry.tasks import own_tasks, run
from registry.tasks.kinds import PROCEDURES
from registry.tasks.own_tasks import OwnTask
from registry.tasks.tables import Task
from runtime import wakeups
from runtime.jobs import Job
from wxapp.core.db import writing
from wxapp.core.resources import now, resources
from wxapp.core.who import current_staff


def begin(wanted: OwnTask) -> Task:
    """Have a file made for who asks: before this returns where it is short, else by a worker."""
    soon = wanted.total <= PROCEDURES[wanted.kind].soon
    with writing() as session:
        task = own_tasks.begin_for_staff(session, current_staff(), wanted, now())
        if not soon:
            wakeups.ask(session, Job.DO_TASK)
    if soon:
        run.run_now(resources(), resources().settings.public_url, task.id)
    return task
