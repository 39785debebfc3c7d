"""The jobs RQ runs, by the names of notifier.jobs: one call each, no arguments, no results.

They run twice or not at all without harm: the ledger knows what is to be done.
"""

import functools
import logging
import traceback
from collections.abc import Callable

from notifier import campaigns, inbox
from notifier.delivery.run import deliver as deliver_messages
from registry.roster import importing
from workers.process import held
from workers.stopping import stopping

log = logging.getLogger(__name__)

DELIVER_SECONDS = 45


class JobFailed(Exception):
    """A job ended by an error, named by its class and place: its words may hold personal data."""


def _quietly(job: Callable[[], None]) -> Callable[[], None]:
    """Let no error's own text reach Redis, where RQ keeps what failed."""

    @functools.wraps(job)
    def run() -> None:
        try:
            job()
        except Exception as error:
            raise JobFailed(_where(error)) from None

    return run


def _where(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    places = " > ".join(f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in frames)
    return f"{type(error).__name__} at {places}"


@_quietly
def deliver() -> None:
    """Send what is due, until nothing is, the time is up or the process is to end."""
    deliver_for(DELIVER_SECONDS)


def deliver_for(seconds: float) -> None:
    """Send what is due for at most about `seconds`."""
    deliver_messages(held().resources, held().gateway, seconds=seconds, stop=stopping.is_set)


@_quietly
def take_in() -> None:
    """Work through what WeChat pushed."""
    inbox.take_in(held().resources)


@_quietly
def expand() -> None:
    """Make the rows of campaigns that are to start."""
    campaigns.expand_due(held().resources)


@_quietly
def import_roster() -> None:
    """Check or apply the next roster that was uploaded."""
    while not stopping.is_set() and importing.run_next(held().resources):
        pass
