"""Wake-ups: asking workers to look, after a commit, so that work starts at once.

A wake-up that is lost loses no work: the sweeper looks each second.
"""

from typing import Protocol

from sqlalchemy import event
from sqlalchemy.orm import Session, sessionmaker

from runtime.jobs import Job

_KEY = "quxiang wake-ups"


class Wakeups(Protocol):
    """Something that asks for a job to be run soon."""

    def wake(self, job: Job) -> bool:
        """Ask for the job; say whether it was heard. Never raises: the sweeper asks again."""
        ...


class NoWakeups:
    """Wakes nobody; the sweeper finds the work."""

    def wake(self, job: Job) -> bool:
        """Say that nobody was woken."""
        del job
        return False


def ask(session: Session, job: Job) -> None:
    """Have the workers woken for `job` once the session's transaction has committed."""
    session.info.setdefault(_KEY, set()).add(job)


def wake_after_commit(sessions: sessionmaker[Session], wakeups: Wakeups) -> None:
    """Wake for what was asked on these sessions after each commit; a rollback forgets it."""

    def after_commit(session: Session) -> None:
        for job in session.info.pop(_KEY, set()):
            wakeups.wake(job)

    def after_rollback(session: Session) -> None:
        session.info.pop(_KEY, None)

    event.listen(sessions, "after_commit", after_commit)
    event.listen(sessions, "after_rollback", after_rollback)
