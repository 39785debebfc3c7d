"""Puzzles that tell people from programs: one a browser session, kept here, answered once."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.orm import Session

from registry.accounts.tables import Puzzle
from registry.base.database import insert_new

LIFETIME = timedelta(minutes=10)
DIGITS = "2345789"
"""Digits are on every keyboard and in every ear; 0, 1 and 6 are taken for others when bent."""
LENGTH = 5
WRONG = "图中的数字没有输对，请重新输入新图中的数字。"
"""What is said of a wrong answer: a new puzzle stands beside it."""

_GIVEN = select(Puzzle.digits).where(
    Puzzle.session_hash == bindparam("whose"), Puzzle.expires_at > bindparam("at")
)
"""Built once: it is asked for each puzzle that is given out, drawn or spoken."""


def give_out(session: Session, session_hash: str, at: datetime) -> str:
    """Return the digits of a new puzzle for this browser session; an older one is gone.

    Of two given out at the same moment, the one that was first counts for both.
    """
    digits = "".join(secrets.choice(DIGITS) for _ in range(LENGTH))
    fresh = {"digits": digits, "expires_at": at + LIFETIME}
    moved = session.scalar(
        update(Puzzle)
        .where(Puzzle.session_hash == session_hash)
        .values(fresh)
        .returning(Puzzle.id)
        .execution_options(synchronize_session=False)
    )
    if moved is None:
        row = {"session_hash": session_hash, **fresh}
        session.execute(insert_new(session, Puzzle).values(row))
    return given(session, session_hash, at) or digits


def given(session: Session, session_hash: str, at: datetime) -> str | None:
    """Return the digits this browser session was given, to draw or to speak them."""
    return session.scalar(_GIVEN, {"whose": session_hash, "at": at})


def solve(session: Session, session_hash: str, answer: str, at: datetime) -> bool:
    """Take the puzzle back and say whether this was its answer; right or wrong, it is used up."""
    expected = session.scalar(
        delete(Puzzle)
        .where(Puzzle.session_hash == session_hash, Puzzle.expires_at > at)
        .returning(Puzzle.digits)
        .execution_options(synchronize_session=False)
    )
    return expected is not None and expected == "".join(answer.split())


def sweep(session: Session, at: datetime) -> None:
    """Delete the puzzles nobody answered in time."""
    session.execute(
        delete(Puzzle).where(Puzzle.expires_at <= at).execution_options(synchronize_session=False)
    )
