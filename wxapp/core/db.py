"""The door's transactions: a view opens one, rules take its session, leaving commits it."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from notifier.ledger import mark
from wxapp.core.resources import resources
from wxapp.core.retry import kept


@contextmanager
def writing() -> Iterator[Session]:
    """Give a session whose changes are committed at the end, or undone by an error."""
    with resources().sessions.begin() as session:
        yield session
    kept()


@contextmanager
def deciding() -> Iterator[Session]:
    """Give a session as `writing` does, to decide about messages that wait; raise as its model."""
    with mark.deciding(resources()) as session:
        yield session
    kept()


@contextmanager
def reading() -> Iterator[Session]:
    """Give a session to look with; on SQLite it waits for no writer."""
    with resources().readers.begin() as session:
        yield session
