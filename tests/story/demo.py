"""The demo as a person starts it: a process, and what it prints."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

GRADUATES = 40
END_SECONDS = 60


@contextmanager
def demo_at(repository: Path, data: Path, port: int) -> Iterator["subprocess.Popen[str]"]:
    """Start the demo, and end it as Ctrl-C does."""
    command = [sys.executable, "quxiang.py", "demo", "--json", "--graduates", str(GRADUATES)]
    with subprocess.Popen(
        [*command, "--data", str(data), "--port", str(port)],
        cwd=repository,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        umask=0,
    ) as demo:
        try:
            yield demo
        finally:
            demo.send_signal(signal.SIGINT)
            demo.communicate(timeout=END_SECONDS)


def facts_of(demo: "subprocess.Popen[str]") -> dict[str, Any]:
    """Wait until it is up, and return what it says."""
    assert demo.stdout is not None
    line = demo.stdout.readline()
    assert line, "the demo did not start"
    facts: dict[str, Any] = json.loads(line)
    return facts
