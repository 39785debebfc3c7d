"""The watch over the worker processes: all are started, replaced when they die, and ended."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.waiting import PATIENCE, wait_until

# The watch itself, over two that only write down which process runs.
PROGRAM = """
import os, sys, time
from workers import watching as start
folder = sys.argv[1]
start.SHORTEST_PAUSE = 0.05
def fill(name, patient):
    def work():
        import signal
        if not patient:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
        with open(f"{folder}/{name}", "a") as file:
            file.write(f"{os.getpid()}\\n")
        while True:
            time.sleep(0.05)
    return work
start.LAST_SECONDS = 0.5
supervised = [
    start.SupervisedProcess("one", fill("one", True), pause=0.05),
    start.SupervisedProcess("two", fill("two", False)),
]
start.watch(supervised)
"""


@contextmanager
def _watching(folder: Path, repository: Path) -> Iterator["subprocess.Popen[bytes]"]:
    command = [sys.executable, "-c", PROGRAM, str(folder)]
    with subprocess.Popen(command, cwd=repository, stderr=subprocess.DEVNULL) as watch:
        try:
            yield watch
        finally:
            watch.kill()
            for pid in _fillers(folder, "one") + _fillers(folder, "two"):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)  # the stubborn hear nothing else


def _fillers(folder: Path, name: str) -> list[int]:
    path = folder / name
    return [int(line) for line in path.read_text().split()] if path.exists() else []


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"


def test_a_process_that_died_is_replaced(tmp_path: Path, repository: Path) -> None:
    with _watching(tmp_path, repository):
        wait_until(lambda: _fillers(tmp_path, "one"), "it is started")
        os.kill(_fillers(tmp_path, "one")[0], signal.SIGKILL)
        wait_until(lambda: len(_fillers(tmp_path, "one")) == 2, "it is replaced")


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
def test_told_to_stop_it_ends_the_willing_and_the_stubborn(
    tmp_path: Path, repository: Path, told: signal.Signals
) -> None:
    with _watching(tmp_path, repository) as watch:
        both = ("one", "two")
        wait_until(lambda: all(_fillers(tmp_path, each) for each in both), "both are started")
        watch.send_signal(told)
        assert watch.wait(PATIENCE) == 0
        assert not any(_lives(pid) for pid in _fillers(tmp_path, "one") + _fillers(tmp_path, "two"))


def test_nobody_outlives_a_watch_that_was_killed(tmp_path: Path, repository: Path) -> None:
    with _watching(tmp_path, repository) as watch:
        wait_until(lambda: _fillers(tmp_path, "one"), "it is started")
        watch.kill()
        watch.wait(PATIENCE)
        wait_until(lambda: not _lives(_fillers(tmp_path, "one")[0]), "it has ended")
