"""Hearing what a session says to its database."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event
from sqlalchemy.orm import Session


@contextmanager
def statements(session: Session) -> Iterator[list[str]]:
    """Give a list that fills with every statement said meanwhile."""
    said: list[str] = []

    def hear(*heard: object) -> None:
        said.append(str(heard[2]))

    event.listen(session.get_bind(), "before_cursor_execute", hear)
    yield said
    event.remove(session.get_bind(), "before_cursor_execute", hear)
