"""The product's own processes, started as an operator does, with a measurement's settings."""

import base64
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import SecretStr

from runtime.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
STOP_SECONDS = 30
_OTHERWISE = {
    *("data_keys", "forwarding_keys", "quiet_hours", "second_factor", "keep"),
    "wechat_check_files",
}
"""Settings whose text is not their value's."""


def environment(settings: Settings) -> dict[str, str]:
    """Return the environment that gives a process these settings."""
    given = {
        f"QUXIANG_{name.upper()}": str(_plain(value))
        for name, value in settings
        if value not in (None, {}, ()) and name not in _OTHERWISE
    }
    keys = ",".join(f"{kid}:{_base64(key)}" for kid, key in settings.encryption_keys.items())
    own = {"DATA_KEYS": keys, "QUIET_HOURS": "", "SECOND_FACTOR": ""}
    return {**os.environ, **given, **{f"QUXIANG_{name}": value for name, value in own.items()}}


def _plain(value: object) -> object:
    return value.get_secret_value() if isinstance(value, SecretStr) else value


def _base64(key: bytes) -> str:
    return base64.b64encode(key).decode()


@contextmanager
def running(settings: Settings, *words: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run `quxiang WORDS…` until the block ends; raise RuntimeError if it has ended by then."""
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "quxiang.py"), *words],
        env=environment(settings),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
        if process.poll() is not None:
            raise RuntimeError(f"{' '.join(words)} ended while it was measured")
    finally:
        process.terminate()
        process.wait(STOP_SECONDS)


def cpu_seconds(pid: int) -> float:
    """Return the processor time a process and its children, ended ones too, have used so far."""
    kernel = Path(f"/proc/{pid}")
    # After the name in brackets: user and system time, its own and of the children it waited for,
    # are the 12th to 15th field.
    ticks = kernel.joinpath("stat").read_text(encoding="utf-8").rpartition(")")[2].split()[11:15]
    children = kernel.joinpath(f"task/{pid}/children").read_text(encoding="ascii").split()
    own = sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")
    return own + sum(cpu_seconds(int(child)) for child in children)
