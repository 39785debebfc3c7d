"""The sandbox's only clock: seconds since 1970, as the platform counts, movable by control."""

import time
from collections.abc import Callable

Clock = Callable[[], float]

DAY = 86_400
BEIJING = 8 * 3_600


def wall_clock() -> float:
    """Return the machine's time in seconds since 1970."""
    return time.time()


def beijing_day(at: float) -> int:
    """Return the number of the day in Beijing; daily limits begin anew with it."""
    return int((at + BEIJING) // DAY)


class MovableClock:
    """A clock that a test can move forward, so that ten minutes need not be waited for."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._ahead = 0.0

    def __call__(self) -> float:
        """Return the present time in seconds."""
        return self._clock() + self._ahead

    def advance(self, seconds: float) -> None:
        """Move forward by `seconds`."""
        self._ahead += seconds
