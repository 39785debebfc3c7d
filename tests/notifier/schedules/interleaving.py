"""Two processes whose steps a test puts in order by hand."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection, event

from notifier.delivery.claim import WINDOW
from notifier.delivery.run import Delivered, Delivery, deliver
from notifier.delivery.sweep import sweep
from notifier.ledger.states import MessageState
from registry.base.clock import utc_now
from tests.notifier.stage import Stage


@dataclass
class ElapsedClock:
    """Seconds that go on as the machine's do, and further when a test says so."""

    ahead: float = 0.0

    def __call__(self) -> float:
        """Return the seconds that have elapsed."""
        return time.monotonic() + self.ahead


def run_of(stage: Stage, elapsed: ElapsedClock) -> Delivered:
    """Run the delivery of a process whose clock the test can move."""
    delivery = Delivery(stage.resources, stage.gateway, elapsed)
    return delivery.run(seconds=20, stop=lambda: False)


@contextmanager
def after_the_claim(worker: Stage, others: Stage, meanwhile: Callable[[], None]) -> Iterator[None]:
    """Have `meanwhile` happen once a worker has committed a claim, before it goes on."""
    frozen: list[bool] = []

    def commit(connection: Connection) -> None:
        connection.connection.commit()
        if not frozen and others.count(state=MessageState.SENDING):
            frozen.append(True)
            meanwhile()

    event.listen(worker.resources.engine, "commit", commit)
    yield
    event.remove(worker.resources.engine, "commit", commit)
    assert frozen, "nothing was claimed"


def let_leases_end(stage: Stage) -> None:
    """Let the time pass until the sweeper takes over what was claimed."""
    stage.message(lease_until=utc_now() - timedelta(seconds=1))
    sweep(stage.resources)


SEND = "/cgi-bin/message/template/send"


def send_and_lose_the_answers(stage: Stage, people: int) -> None:
    """Have WeChat take a message to each of so many people, and each answer be lost."""
    stage.sandbox.control.fault("drop", path=SEND, accept=True, times=people)
    deliver(
        stage.resources,
        stage.gateway,
        seconds=20,
        stop=lambda: len(list(stage.sandbox.control.messages())) >= people,
    )
    assert stage.count(state=MessageState.WAITING) == people


def let_the_window_close(stage: Stage) -> None:
    """Let the time pass in which WeChat would drop a repeat, and the clockwork look."""
    stage.message(maybe_since=utc_now() - WINDOW - timedelta(seconds=1))
    sweep(stage.resources)


@contextmanager
def after_reading(worker: Stage, words: str, meanwhile: Callable[[], None]) -> Iterator[None]:
    """Have `meanwhile` happen once, when a worker has read what a statement with `words` asks."""
    done: list[bool] = []

    def read(*given: object) -> None:
        if not done and words in str(given[2]):
            done.append(True)
            meanwhile()

    event.listen(worker.resources.engine, "after_cursor_execute", read)
    yield
    event.remove(worker.resources.engine, "after_cursor_execute", read)
    assert done, f"nothing asked for {words}"


@contextmanager
def beside(doing: Callable[[], object]) -> Iterator[Future[object]]:
    """Have something done in a thread, and over when the block is."""
    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(doing)
        yield done
        done.result()
