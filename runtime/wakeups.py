"""The doorbell: rung after a commit, so that work starts at once. Losing a ring loses no work."""

from typing import Protocol

from sqlalchemy import event
from sqlalchemy.orm import Session, sessionmaker

from runtime.jobs import Job

_KEY = "quxiang rings"


class Bell(Protocol):
    """Something that asks for a job to be run soon."""

    def ring(self, job: Job) -> bool:
        """Ask for the job; say whether it was heard. Never raises: the sweeper asks again."""
        ...


class SilentBell:
    """Nobody is asked; the sweeper finds the work."""

    def ring(self, job: Job) -> bool:
        """Hear nothing."""
        del job
        return False


def ask(session: Session, job: Job) -> None:
    """Have `job` rung for once the session's transaction has committed."""
    session.info.setdefault(_KEY, set()).add(job)


def ring_after_commit(sessions: sessionmaker[Session], bell: Bell) -> None:
    """Ring for what was asked on these sessions after each commit; a rollback forgets it."""

    def after_commit(session: Session) -> None:
        for job in session.info.pop(_KEY, set()):
            bell.ring(job)

    def after_rollback(session: Session) -> None:
        session.info.pop(_KEY, None)

    event.listen(sessions, "after_commit", after_commit)
    event.listen(sessions, "after_rollback", after_rollback)
