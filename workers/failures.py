"""What stands around every job: its errors are named, never quoted."""

import functools
import traceback
from collections.abc import Callable
from typing import TypeVar

Answer = TypeVar("Answer")


class JobFailed(Exception):
    """A job ended by an error, named by its class and place: its words may hold personal data."""


def quiet_about_people(job: Callable[[], Answer]) -> Callable[[], Answer]:
    """Let no error's own text reach Redis, where RQ keeps what failed."""

    @functools.wraps(job)
    def run() -> Answer:
        try:
            return job()
        except Exception as error:  # noqa: BLE001 - raised again, without its words
            raise JobFailed(_where(error)) from None

    return run


def _where(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    places = " > ".join(f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in frames)
    return f"{type(error).__name__} at {places}"
