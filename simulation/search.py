"""Plays seeds on all cores, and makes what broke as short as it can be."""

import atexit
import gc
import logging
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from multiprocessing import get_context

import structlog

from simulation.history import History, drawn
from simulation.house import House, built
from simulation.oracle import complaints
from simulation.play import Played


@dataclass(frozen=True)
class Broken:
    """A history after which something did not hold."""

    history: History
    complaints: tuple[str, ...]


def judge(house: House, history: History) -> Broken | None:
    """Play a history; return what is wrong afterwards."""
    played = Played(house, history)
    gc.disable()  # its walks over all that is loaded are a third of the time
    try:
        played.play()
    finally:
        gc.enable()
    found = tuple(complaints(played))
    return Broken(history, found) if found else None


def search(first: int, seeds: int, seconds: float, processes: int) -> Iterator[Broken | None]:
    """Play seeds from `first` on, for at most so long; yield what came of each."""
    until = time.monotonic() + seconds
    with get_context("spawn").Pool(processes, _build) as pool:
        wanted = ((seed, until) for seed in range(first, first + seeds))
        for played, broken in pool.imap_unordered(_play_seed, wanted, chunksize=5):
            if played:
                yield broken


_OPEN = ExitStack()
_HOUSES: list[House] = []  # one for each process of the pool


def _build() -> None:
    quiet()
    _HOUSES.append(_OPEN.enter_context(built()))
    atexit.register(_OPEN.close)


def _play_seed(wanted: tuple[int, float]) -> tuple[bool, Broken | None]:
    seed, until = wanted
    if time.monotonic() > until:
        return False, None
    return True, judge(_HOUSES[0], drawn(seed))


def quiet() -> None:
    """Have the engine's log say nothing."""
    silent = structlog.make_filtering_bound_logger(logging.CRITICAL)
    structlog.configure(wrapper_class=silent)


def shrunk(house: House, broken: Broken) -> Broken:
    """Leave out whatever need not be there for something to be wrong."""
    smallest, going_on = broken, True
    while going_on:
        going_on = False
        for simpler in _simpler(smallest.history):
            found = judge(house, simpler)
            if found is not None:
                smallest, going_on = found, True
                break
    return smallest


def _simpler(history: History) -> Iterable[History]:
    yield from (history.without(each) for each in history.incidents)
    if history.people > 1:
        yield replace(history, people=1)
    if history.clockworks > 1:
        yield replace(history, clockworks=1)
    if history.not_after is not None:
        yield replace(history, not_after=None)
    if history.quota < 1000:
        yield replace(history, quota=1000)


def cores() -> int:
    """Return how many processes this machine has room for."""
    return len(os.sched_getaffinity(0))
