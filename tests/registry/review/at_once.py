"""Deeds of several transactions: all at once, or one begun while another is not committed."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from sqlalchemy.orm import Session, sessionmaker

from registry.base.errors import RuleError
from tests.waiting import PATIENCE, wait_until_blocked


def together(sessions: sessionmaker[Session], *deeds: Callable[[Session], object]) -> list[object]:
    """Do each deed in a transaction of its own, all at once as far as the database lets them."""
    ready = Barrier(len(deeds))

    def do(deed: Callable[[Session], object]) -> object:
        with sessions.begin() as session:
            ready.wait(PATIENCE)
            return deed(session)

    with ThreadPoolExecutor(len(deeds)) as pool:
        return [each.result() for each in [pool.submit(do, deed) for deed in deeds]]


def after_another(
    sessions: sessionmaker[Session],
    first: Callable[[Session], object],
    second: Callable[[Session], object],
) -> object:
    """Begin the second deed while the first is done but not committed; return its result."""

    def do() -> object:
        try:
            with sessions.begin() as session:
                return second(session)
        except RuleError as refusal:  # and nothing of it is kept, as at a door
            return refusal.code

    with ThreadPoolExecutor(1) as pool:
        with sessions.begin() as session:
            first(session)
            session.flush()
            later = pool.submit(do)
            wait_until_blocked(session, later)
        return later.result(PATIENCE)
