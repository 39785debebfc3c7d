"""The one clock, the zone people read their times in, and seconds that no suspension hides."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]
Seconds = Callable[[], float]

SHANGHAI = ZoneInfo("Asia/Shanghai")


def utc_now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return datetime.now(UTC)


def elapsed_seconds() -> float:
    """Return seconds since a fixed moment, the time the machine was suspended included.

    `time.monotonic` stands still while a virtual machine is suspended (Linux: clock_gettime(2)).
    """
    return time.clock_gettime(_ALSO_SUSPENDED)


_ALSO_SUSPENDED = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
