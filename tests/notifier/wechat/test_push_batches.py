"""A burst of pushes is written together; each waits until its own is committed."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Barrier, Semaphore

import pytest
from sqlalchemy import Connection, Engine, event, func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

from notifier.ledger.tables import StoredPush
from notifier.wechat import push_batches
from notifier.wechat.callback import CallbackEvent
from notifier.wechat.push_batches import WriteBatcher
from registry.base.database import open_engine, open_sessions
from tests.notifier.stage import AT
from tests.waiting import PATIENCE

THREADS = 8
EACH = 25


def push(number: int) -> CallbackEvent:
    return CallbackEvent(
        dedup_key=f"{number:064}",
        event="VIEW",
        openid="o1",
        wx_msgid=None,
        status="",
        content={},
        happened_at=AT,
    )


def commits_of(engine: Engine) -> list[datetime]:
    seen: list[datetime] = []
    event.listen(engine, "commit", lambda _: seen.append(AT))
    return seen


def test_a_burst_is_stored_whole_in_few_commits(
    engine: Engine, sessions: sessionmaker[Session]
) -> None:
    box, commits, together = WriteBatcher(sessions), commits_of(engine), Barrier(THREADS)

    def many(first: int) -> list[bool]:
        together.wait()
        return [box.put(push(first * EACH + number)) for number in range(EACH)]

    with ThreadPoolExecutor(THREADS) as threads:
        new = [each for found in threads.map(many, range(THREADS)) for each in found]
    assert new == [True] * (THREADS * EACH)
    assert len(commits) < THREADS * EACH
    with sessions() as session:
        assert session.scalar(select(func.count(StoredPush.id))) == THREADS * EACH


def test_what_comes_within_a_moment_is_written_together(
    engine: Engine, sessions: sessionmaker[Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(push_batches, "GATHER_SECONDS", 1.0)
    box, commits = WriteBatcher(sessions), commits_of(engine)
    with ThreadPoolExecutor(THREADS) as threads:
        assert all(threads.map(box.put, map(push, range(THREADS))))
    assert len(commits) == 1


def test_a_repeat_is_not_new(sessions: sessionmaker[Session]) -> None:
    box = WriteBatcher(sessions)
    assert [box.put(push(1)), box.put(push(1))] == [True, False]


def test_everybody_waiting_hears_that_the_database_is_away() -> None:
    box = WriteBatcher(open_sessions(open_engine("postgresql+psycopg://x@127.0.0.1:1/x")))
    for _ in range(2):
        with pytest.raises(OperationalError):
            box.put(push(1))


def test_what_comes_during_a_write_is_written_by_the_next(
    engine: Engine, sessions: sessionmaker[Session]
) -> None:
    box, begun, gate = WriteBatcher(sessions), Semaphore(0), Semaphore(0)

    def pause(_connection: Connection) -> None:
        begun.release()
        gate.acquire()

    event.listen(engine, "commit", pause)
    with ThreadPoolExecutor(THREADS) as threads:
        first = threads.submit(box.put, push(0))
        begun.acquire()
        others = [threads.submit(box.put, push(number)) for number in range(1, THREADS)]
        while len(box._open.events) < len(others):
            pass
        assert not first.done(), "it is told when its event is committed, not before"
        gate.release(2)
        told = [each.result(PATIENCE) for each in (first, *others)]
    assert told == [True] * THREADS
