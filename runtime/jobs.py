"""The names of jobs: the web asks by name and never imports the workers."""

from enum import StrEnum


class Queue(StrEnum):
    """A queue; a worker process listens to one (with two, RQ loses jobs at SIGTERM, #1716)."""

    DELIVERY = "delivery"
    WORK = "work"


class Job(StrEnum):
    """What can be asked for, by the name the workers resolve."""

    DELIVER = "workers.jobs.deliver"
    TAKE_IN = "workers.jobs.take_in"
    EXPAND = "workers.jobs.expand"
    TELL_PHONES = "workers.jobs.tell_phones"
    SEND_NOTICES = "workers.jobs.send_notices"
    DO_TASK = "workers.jobs.do_office_task"
    """A name that workers of the version before know too: they take from the same queue."""


QUEUES = {
    Job.DELIVER: Queue.DELIVERY,
    Job.TAKE_IN: Queue.WORK,
    Job.EXPAND: Queue.WORK,
    Job.TELL_PHONES: Queue.WORK,
    Job.SEND_NOTICES: Queue.WORK,
    Job.DO_TASK: Queue.WORK,
}
