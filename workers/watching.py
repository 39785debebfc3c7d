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
class Post:
    """A place that must be filled, and who fills it now."""

    name: str
    work: Callable[[], None]
    process: BaseProcess | None = None
    started: float = 0.0
    pause: float = SHORTEST_PAUSE
    due: float = field(default_factory=time.monotonic)


def watch(posts: Sequence[Post]) -> None:
    """Keep every post filled until SIGTERM or SIGINT, then end them all.

    A process that ended is started again, later each time, as long as it does not last a minute.
    """
    told = Stopping()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: told.set())
    lifeline = os.pipe()
    try:
        while not told.is_set():
            _fill(posts, lifeline)
            _wait_a_moment(posts)
    finally:
        _end(posts)
        for end in lifeline:
            os.close(end)


def _fill(posts: Sequence[Post], lifeline: tuple[int, int]) -> None:
    now = time.monotonic()
    for post in posts:
        if post.process is not None and not post.process.is_alive():
            _note_end(post, now)
        if post.process is None and post.due <= now:
            post.process = _fork.Process(target=_fill_post, args=(post, lifeline), name=post.name)
            post.process.start()
            post.started = now


def _note_end(post: Post, now: float) -> None:
    assert post.process is not None
    lasted = now - post.started
    log.warning("worker ended", worker=post.name, code=post.process.exitcode, seconds=round(lasted))
    post.pause = SHORTEST_PAUSE if lasted > HEALTHY_SECONDS else min(post.pause * 2, LONGEST_PAUSE)
    post.due = now + post.pause
    post.process.close()
    post.process = None


def _wait_a_moment(posts: Sequence[Post]) -> None:
    """Wait half a second, or less when a process ends."""
    wait([post.process.sentinel for post in posts if post.process], timeout=0.5)


def _end(posts: Sequence[Post]) -> None:
    """Ask every process to end, give what is in flight its time, and end the rest."""
    living = [post.process for post in posts if post.process and post.process.is_alive()]
    for process in living:
        process.terminate()
    until = time.monotonic() + LAST_SECONDS
    for process in living:
        process.join(max(0.0, until - time.monotonic()))
        if process.is_alive():
            log.warning("worker killed", worker=process.name)
            process.kill()
            process.join()


def _fill_post(post: Post, lifeline: tuple[int, int]) -> None:
    """Do the post's work in this new process, as long as the one that watches lives."""
    reading, writing = lifeline
    os.close(writing)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, args=(reading,), daemon=True).start()
    post.work()


def _end_with_parent(reading: int) -> None:
    """Wait for the end of the pipe, which comes when the parent is gone, and end as if told."""
    os.read(reading, 1)
    os.kill(os.getpid(), signal.SIGTERM)
