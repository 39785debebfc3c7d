"""Clocks that can be set while a process runs, by libfaketime."""

from pathlib import Path

LIBRARY = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)


class Clock:
    """The clock of some processes: so many seconds beside the right time, as a file has it."""

    def __init__(self, path: Path) -> None:
        """Keep it in a file, and right at first."""
        self._path = path
        self.set(0)

    def set(self, seconds: int) -> None:
        """Set it so many seconds forward, or back; processes see it within a second."""
        self._path.write_text(f"{seconds:+d}\n", encoding="utf-8")

    @property
    def environment(self) -> dict[str, str]:
        """Return what a process must be started with to go by it."""
        return {
            "LD_PRELOAD": str(LIBRARY),
            "FAKETIME_TIMESTAMP_FILE": str(self._path),
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",
        }


def needs_faketime() -> str:
    """Say why no clock can be set here; nothing where one can."""
    return "" if LIBRARY else "libfaketime is not installed (Debian: apt-get install libfaketime)"
