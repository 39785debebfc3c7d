"""Several runs at once: what dies is said, and nothing is left of a suite that was stopped."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from faults.parts import PROCESSES
from faults.players import play_all
from faults.playing import Wish

pytestmark = [pytest.mark.slow(reason="starts the whole service"), pytest.mark.timeout(400)]

PATIENCE_SECONDS = 150


@pytest.fixture
def folder() -> Iterator[Path]:
    """Give a folder that PostgreSQL's own user may enter."""
    folder = Path(tempfile.mkdtemp(prefix="quxiang-players-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def processes_of(folder: Path) -> list[int]:
    """Return every process whose surroundings name the folder."""
    found = []
    for path in PROCESSES.glob("[0-9]*"):
        try:
            surroundings = (path / "environ").read_bytes() + (path / "cmdline").read_bytes()
        except OSError:  # it has ended, or is not ours
            continue
        if str(folder).encode() in surroundings:
            found.append(int(path.name))
    return found


def wait_until(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.1)


@pytest.fixture
def suite(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Start the suite with two runs at once."""
    options = ("--only", "nothing", "--only", "html", "--recipients", "50", "--at-once", "2")
    with (folder / "said").open("wb") as said:
        suite = subprocess.Popen(
            [sys.executable, "-m", "faults", *options],
            env=os.environ | {"TMPDIR": str(folder)},
            stdout=said,
            stderr=said,
        )
    yield suite
    suite.terminate()
    suite.wait(PATIENCE_SECONDS)


@pytest.mark.in_ci
def test_a_suite_that_is_stopped_leaves_nothing(
    suite: subprocess.Popen[bytes], folder: Path
) -> None:
    wait_until(lambda: len(list(folder.glob("*/run-*/files/web.log"))) > 1)
    suite.terminate()
    suite.wait(PATIENCE_SECONDS)
    # Python's own tracker of resources ends itself when its pipe closes, a moment later.
    wait_until(lambda: processes_of(folder) == [])
    assert list(folder.glob("quxiang-faults-*")) == []


@pytest.mark.in_ci
def test_a_run_that_cannot_be_played_is_broken_and_the_next_is_played() -> None:
    wish = Wish(recipients=0)
    played = list(play_all(wish, [("nothing", 1), ("html", 1)], at_once=1))
    assert [each.name for each in played] == ["nothing", "html"]
    assert all("could not be played" in each.verdict.complaints[0] for each in played)
