"""The session a request looks with: one, and on PostgreSQL one connection, from first to last."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask, g
from sqlalchemy.orm import Session

from registry.base.database import is_sqlite
from wxapp.core.remembered import remembered
from wxapp.core.resources import resources


@contextmanager
def reading() -> Iterator[Session]:
    """Give the session to look with; on SQLite it waits for no writer.

    What was read is nobody's afterwards: the next who look see it as it is then.
    """
    own = remembered()
    session: Session = own.get("reader") or resources().page_readers()
    own.reader, own.readings = session, own.get("readings", 0) + 1
    try:
        yield session
    except BaseException:
        session.close()  # the connection may be lost
        raise
    finally:
        own.readings -= 1
        if not own.readings:
            _rest(session)


def let_go() -> None:
    """Give the connection back, and forget who was found with the session: they are changed now."""
    g.pop("found_records", None)
    g.pop("found_staff", None)
    g.pop("has_unsent", None)
    g.pop("shown_season", None)
    if "reader" in g and not g.readings:
        g.reader.close()


def _rest(session: Session) -> None:
    """Keep the connection, and nothing read; SQLite would show the next what this one saw."""
    if is_sqlite(session):
        session.close()
    else:
        session.expunge_all()


def _close(_error: BaseException | None) -> None:
    if "reader" in g:
        g.reader.close()


def close_on(app: Flask) -> None:
    """Have the connection given back when the request is over."""
    app.teardown_appcontext(_close)
