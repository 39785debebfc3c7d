"""Whether this process was told to end."""

import time

NAP_SECONDS = 0.1


class Stopping:
    """Whether this process is to end: a plain mark, as an Event's lock is not safe in signals."""

    def __init__(self) -> None:
        """Begin as not told."""
        self._told = False

    def set(self) -> None:
        """Have what is in flight finished and nothing new begun."""
        self._told = True

    def is_set(self) -> bool:
        """Say whether the end was asked for."""
        return self._told

    def wait(self, seconds: float) -> bool:
        """Sleep up to `seconds`, hardly longer than until the end is asked for; say if it was."""
        until = time.monotonic() + seconds
        while not self._told and (left := until - time.monotonic()) > 0:
            time.sleep(min(left, NAP_SECONDS))
        return self._told


stopping = Stopping()
