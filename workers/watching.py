"""Processes that must run, watched over by one that does nothing else."""

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess

import structlog

from workers.stopping import Stopping

log = structlog.get_logger(__name__)

LAST_SECONDS = 20.0
SHORTEST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
HEALTHY_SECONDS = 60.0

_fork = multiprocessing.get_context("fork")


@dataclass
class SupervisedProcess:
    """A process that must always run, and the one that runs now."""

    name: str
    work: Callable[[], None]
    process: BaseProcess | None = None
    started: float = 0.0
    pause: float = SHORTEST_PAUSE
    due: float = field(default_factory=time.monotonic)


def watch(supervised: Sequence[SupervisedProcess]) -> None:
    """Keep all of them running until SIGTERM or SIGINT, then end them all.

    A process that ended is started again, later each time, as long as it does not last a minute.
    """
    told = Stopping()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: told.set())
    lifeline = os.pipe()
    try:
        while not told.is_set():
            _start_missing(supervised, lifeline)
            _wait_a_moment(supervised)
    finally:
        _end(supervised)
        for end in lifeline:
            os.close(end)


def _start_missing(supervised: Sequence[SupervisedProcess], lifeline: tuple[int, int]) -> None:
    now = time.monotonic()
    for each in supervised:
        if each.process is not None and not each.process.is_alive():
            _note_end(each, now)
        if each.process is None and each.due <= now:
            each.process = _fork.Process(
                target=_run_supervised, args=(each, lifeline), name=each.name
            )
            each.process.start()
            each.started = now


def _note_end(each: SupervisedProcess, now: float) -> None:
    assert each.process is not None
    lasted = now - each.started
    log.warning("worker ended", worker=each.name, code=each.process.exitcode, seconds=round(lasted))
    each.pause = SHORTEST_PAUSE if lasted > HEALTHY_SECONDS else min(each.pause * 2, LONGEST_PAUSE)
    each.due = now + each.pause
    each.process.close()
    each.process = None


def _wait_a_moment(supervised: Sequence[SupervisedProcess]) -> None:
    """Wait half a second, or less when a process ends."""
    wait([each.process.sentinel for each in supervised if each.process], timeout=0.5)


def _end(supervised: Sequence[SupervisedProcess]) -> None:
    """Ask every process to end, give what is in flight its time, and end the rest."""
    living = [each.process for each in supervised if each.process and each.process.is_alive()]
    for process in living:
        process.terminate()
    until = time.monotonic() + LAST_SECONDS
    for process in living:
        process.join(max(0.0, until - time.monotonic()))
        if process.is_alive():
            log.warning("worker killed", worker=process.name)
            process.kill()
            process.join()


def _run_supervised(each: SupervisedProcess, lifeline: tuple[int, int]) -> None:
    """Do the work in this new process, as long as the one that watches lives."""
    reading, writing = lifeline
    os.close(writing)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, args=(reading,), daemon=True).start()
    each.work()


def _end_with_parent(reading: int) -> None:
    """Wait for the end of the pipe, which comes when the parent is gone, and end as if told."""
    os.read(reading, 1)
    os.kill(os.getpid(), signal.SIGTERM)
