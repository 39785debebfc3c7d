"""Small disks of one's own, which are soon full."""

import os
import subprocess
from pathlib import Path

FILLING = 4096


def mount_small_disk(place: Path, size: str = "160m") -> None:
    """Mount an empty disk in memory at a folder, which is made."""
    place.mkdir()
    options = ("-t", "tmpfs", "-o", f"size={size}")
    subprocess.run(["mount", *options, "tmpfs", place], check=True)


def unmount(place: Path) -> None:
    """Give a disk back, if one is mounted there."""
    if place.is_mount():
        subprocess.run(["umount", place], check=True)


def fill(path: Path) -> None:
    """Write to a file until nothing more fits on its disk."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    try:
        while os.write(descriptor, b"0" * FILLING):
            pass
    except OSError:
        return
    finally:
        os.close(descriptor)


def needs_mount() -> str:
    """Say why no disk can be mounted here; nothing where one can."""
    return "" if os.geteuid() == 0 else "only root may mount the small disk"
