"""Faults of time: the clocks of our processes are set forward and back under a running campaign."""

from collections.abc import Callable

from faults.house import FAKETIME
from faults.run import Run, Scenario

FORWARD, BACK = 900, -900
LITTLE = 540
"""Seconds inside what a callback's timestamp may be off by (ten minutes)."""


def _set_clocks(*offsets: int) -> Callable[[Run], None]:
    """Set the clocks of web and workers by so many seconds, one after another."""

    def act(run: Run) -> None:
        for step, offset in enumerate(offsets):
            low = 0.1 + 0.7 * step / len(offsets)
            run.reach(low, low + 0.1)
            run.house.set_clocks(offset)

    return act


def _needs_faketime() -> str:
    return "" if FAKETIME.exists() else "libfaketime is not installed (Debian: libfaketime)"


CLOCKS = (
    Scenario(
        "clock_forward",
        "clocks set 15 minutes forward",
        _set_clocks(FORWARD),
        clock=True,
        hindrance=_needs_faketime,
    ),
    Scenario(
        "clock_back",
        "clocks set 15 minutes back",
        _set_clocks(BACK),
        clock=True,
        hindrance=_needs_faketime,
    ),
    Scenario(
        "clock_to_and_fro",
        "clocks set 9 minutes forward, back, forward",
        _set_clocks(LITTLE, -LITTLE, LITTLE, 0),
        clock=True,
        hindrance=_needs_faketime,
    ),
)
