"""States that are given out once, to one browser, and taken back once (OAuth)."""

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from registry.accounts.tables import OneTimeState

LIFETIME = timedelta(minutes=10)


def give_out(session: Session, session_hash: str, target: str, at: datetime) -> str:
    """Return a new state of 32 hex digits for this browser session."""
    state = secrets.token_hex(16)
    row = OneTimeState(
        state_hash=_hash(state),
        session_hash=session_hash,
        target=target,
        expires_at=at + LIFETIME,
    )
    session.add(row)
    return state


def take_back(session: Session, state: str, session_hash: str, at: datetime) -> str | None:
    """Use a state up and return its target; None where it is unknown, used, late or another's."""
    return session.scalar(
        update(OneTimeState)
        .where(
            OneTimeState.state_hash == _hash(state),
            OneTimeState.session_hash == session_hash,
            OneTimeState.used_at.is_(None),
            OneTimeState.expires_at > at,
        )
        .values(used_at=at)
        .returning(OneTimeState.target)
        .execution_options(synchronize_session=False)
    )


def sweep(session: Session, at: datetime) -> None:
    """Delete the states that are over, used or not."""
    session.execute(
        delete(OneTimeState)
        .where(OneTimeState.expires_at <= at)
        .execution_options(synchronize_session=False)
    )


def _hash(state: str) -> str:
    return hashlib.sha256(state.encode()).hexdigest()
