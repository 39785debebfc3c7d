"""A request whose transaction the database gave up for another's (a deadlock) is run again.

So is one that failed on a row of another's: of two who give one name at once, the second looks
again, finds it taken and says so.

Only while nothing of it is committed, and never a view that asks another service meanwhile: that
call cannot be taken back.
"""

import random
import time
from collections.abc import Callable
from typing import TypeVar

import structlog
from flask import Flask, g, request
from sqlalchemy.exc import DBAPIError

from registry.base.database_errors import met_anothers_row, was_given_up

TRIES = 4
PAUSE_SECONDS = 0.1
WITH_FILES = "multipart/form-data"
"""What a form with files is sent as; a look into it would be taken before its view sets limits."""

log = structlog.get_logger("wxapp.retry")

Result = TypeVar("Result")
View = TypeVar("View", bound=Callable[..., object])

_once: set[Callable[..., object]] = set()


def only_once(view: View) -> View:
    """Mark a view that asks another service: it is not run again."""
    _once.add(view)
    return view


def kept() -> None:
    """Say that a transaction of this request was committed: the view is not run again."""
    g.kept = True


def retry_if_given_up(app: Flask, dispatch: Callable[[], Result]) -> Result:
    """Have a request answered; run it again if the database gave it up, where that may be."""
    view = app.view_functions.get(request.endpoint or "")
    if view in _once or request.mimetype == WITH_FILES:  # they have been read away
        return dispatch()
    return until_through(dispatch, lambda: "kept" not in g)


def _always() -> bool:
    return True


def until_through(work: Callable[[], Result], may_repeat: Callable[[], bool] = _always) -> Result:
    """Do work of the database alone, `TRIES` times at most if given up; raise the last error."""
    for _ in range(TRIES - 1):
        try:
            return work()
        except DBAPIError as error:
            if not (was_given_up(error) or met_anothers_row(error)) or not may_repeat():
                raise
            log.info("given up for another", endpoint=request.endpoint)
            time.sleep(random.uniform(0, PAUSE_SECONDS))  # noqa: S311 - so that they part, no secret
    return work()
