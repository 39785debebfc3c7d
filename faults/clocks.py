"""Faults of time: the clocks of our processes are set forward and back under a running campaign."""

from collections.abc import Callable

from faults.house import FAKETIME
from faults.run import Run, Scenario

WORKER, WEB = 900, 540
"""Seconds; WeChat's pushes are refused where the web's clock is more than ten minutes off."""


def _set_clocks(*signs: int) -> Callable[[Run], None]:
    """Set the clocks forward (1), back (-1) or right (0), one after another."""

    def act(run: Run) -> None:
        for step, sign in enumerate(signs):
            low = 0.1 + 0.7 * step / len(signs)
            run.reach(low, low + 0.1)
            run.house.set_clocks(sign * WORKER, sign * WEB)

    return act


def _needs_faketime() -> str:
    return "" if FAKETIME.exists() else "libfaketime is not installed (Debian: libfaketime)"


def _clocks(name: str, what: str, *signs: int) -> Scenario:
    act = _set_clocks(*signs)
    return Scenario(name, what, act, clock=True, hindrance=_needs_faketime)


CLOCKS = (
    _clocks("clock_forward", "clocks set forward: workers 15 minutes, web 9", 1),
    _clocks("clock_back", "clocks set back as far", -1),
    _clocks("clock_to_and_fro", "clocks set forward, back, forward, right", 1, -1, 1, 0),
)
