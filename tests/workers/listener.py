"""A process that takes jobs from the queue of work; its functions are made-up ones."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from runtime.jobs import Job

PROGRAM = """
import sys
import made_up_jobs
from runtime.jobs import Job, Queue
from workers.jobs import BY_NAME
from workers.listening import listen
BY_NAME[Job.TAKE_IN] = made_up_jobs.quick
BY_NAME[Job.EXPAND] = made_up_jobs.patient
BY_NAME[Job.DO_TASK] = made_up_jobs.failing
BY_NAME[Job.TELL_PHONES] = made_up_jobs.slow
listen(Queue.WORK, sys.argv[1])
"""
QUICK, PATIENT, FAILING = Job.TAKE_IN.value, Job.EXPAND.value, Job.DO_TASK.value
SLOW = Job.TELL_PHONES.value

JOBS = """
from pathlib import Path
from workers.failures import quiet_about_people
from workers.stopping import stopping
HERE = Path(__file__).parent
def quick():
    (HERE / "quick").touch()
def patient():
    (HERE / "began").touch()
    stopping.wait(20)
    (HERE / "ended").touch()
@quiet_about_people
def failing():
    raise ValueError("李娟 110101200301011234")
def slow():
    (HERE / "began").touch()
    while not (HERE / "go on").exists():
        stopping.wait(0.01)
def make(path):
    Path(path).mkdir()
def called_back(*_):
    Path((HERE / "mark.name").read_text()).mkdir()
"""


@contextmanager
def listening(folder: Path, repository: Path, url: str) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a process that listens, with jobs that write into the folder, where its log is too."""
    (folder / "made_up_jobs.py").write_text(JOBS, encoding="utf-8")
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, url],
            cwd=repository,
            env={"PYTHONPATH": f"{repository}:{folder}", "PATH": "/usr/bin:/bin"},
            stderr=log,
            stdout=log,
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
