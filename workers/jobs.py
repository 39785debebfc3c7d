"""The jobs RQ runs, by the names of runtime.jobs: one call each, no arguments, no results.

They run twice or not at all without harm: the ledger knows what is to be done.
"""

import time
from collections.abc import Callable

from notifier.binding import contact_sms, employer_sms
from notifier.campaigns import expansion, recipient_lists
from notifier.delivery import mini_notices
from notifier.delivery.run import deliver as deliver_messages
from notifier.wechat import pushes
from registry.statistics import kept_figures
from registry.tasks import run
from runtime.jobs import Job
from workers.failures import quiet_about_people
from workers.process import resources
from workers.stopping import stopping

DELIVER_SECONDS = 45
NOTICE_SECONDS = 30
"""Ends before RQ breaks the job off, a call and what it waits for included."""
BEGIN_SECONDS = 60
"""Long work is begun no later than this in one job; another job is asked for the rest."""


@quiet_about_people
def deliver() -> None:
    """Send what is due, until nothing is, the time is up or the process is to end."""
    deliver_for(DELIVER_SECONDS)


def deliver_for(seconds: float) -> None:
    """Send what is due for at most about `seconds`."""
    deliver_messages(resources(), resources().gateway, seconds=seconds, stop=stopping.is_set)


@quiet_about_people
def take_in() -> None:
    """Work through what WeChat pushed."""
    pushes.take_in(resources(), stop=_late())


@quiet_about_people
def expand() -> None:
    """Make the rows of campaigns that are to start."""
    expansion.expand_due(resources(), _late())


@quiet_about_people
def tell_phones() -> None:
    """Send the short messages that a phone was changed or a WeChat unbound, and to employers."""
    for tell_due in (contact_sms.tell_due, employer_sms.tell_due):
        tell_due(resources(), resources().sms, stopping.is_set)


@quiet_about_people
def send_notices() -> None:
    """Send the mini program's one-time notices in place of messages that did not arrive."""
    mini = resources().mini_program
    if mini is not None:
        mini_notices.send_due(resources(), mini, seconds=NOTICE_SECONDS, stop=stopping.is_set)


@quiet_about_people
def do_task() -> None:
    """Do the tasks that wait, then count the figures that do, until it is late or time to end."""
    shared = resources()
    late = _late()
    while not late():
        if run.run_next(shared, shared.settings.public_url, recipient_lists.PROCEDURES):
            continue
        if not kept_figures.make_next(shared.sessions, shared.readers, shared.clock):
            return


def _late() -> Callable[[], bool]:
    """Return what says that nothing more is to be begun: it is late, or the process is to end."""
    until = time.monotonic() + BEGIN_SECONDS
    return lambda: stopping.is_set() or time.monotonic() > until


BY_NAME: dict[str, Callable[[], None]] = {
    Job.DELIVER: deliver,
    Job.TAKE_IN: take_in,
    Job.EXPAND: expand,
    Job.TELL_PHONES: tell_phones,
    Job.SEND_NOTICES: send_notices,
    Job.DO_TASK: do_task,
    "workers.jobs.import_roster": do_task,
}
"""All that a worker does, by the name it waits under in Redis; pages of the version before ask for
the last.
"""
