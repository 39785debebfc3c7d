"""Puzzles that tell people from programs: one a browser session, kept here, answered once."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from registry.people import Puzzle

LIFETIME = timedelta(minutes=10)
DIGITS = "2345789"
"""Digits are on every keyboard and in every ear; 0, 1 and 6 are taken for others when bent."""
LENGTH = 5


def give_out(session: Session, session_hash: str, at: datetime) -> str:
    """Return the digits of a new puzzle for this browser session; an older one is gone."""
    _delete(session, Puzzle.session_hash == session_hash)
    digits = "".join(secrets.choice(DIGITS) for _ in range(LENGTH))
    session.add(Puzzle(session_hash=session_hash, digits=digits, expires_at=at + LIFETIME))
    session.flush()
    return digits


def given(session: Session, session_hash: str, at: datetime) -> str | None:
    """Return the digits this browser session was given, to draw or to speak them."""
    return session.scalar(
        select(Puzzle.digits)
        .where(Puzzle.session_hash == session_hash, Puzzle.expires_at > at)
        .order_by(Puzzle.id.desc())
        .limit(1)
    )


def solve(session: Session, session_hash: str, answer: str, at: datetime) -> bool:
    """Take the puzzle back and say whether this was its answer; right or wrong, it is used up."""
    expected = session.scalars(
        delete(Puzzle)
        .where(Puzzle.session_hash == session_hash, Puzzle.expires_at > at)
        .returning(Puzzle.digits)
        .execution_options(synchronize_session=False)
    ).all()
    return "".join(answer.split()) in expected


def sweep(session: Session, at: datetime) -> None:
    """Delete the puzzles nobody answered in time."""
    _delete(session, Puzzle.expires_at <= at)


def _delete(session: Session, which: ColumnElement[bool]) -> None:
    session.execute(delete(Puzzle).where(which).execution_options(synchronize_session=False))
