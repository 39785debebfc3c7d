"""Prometheus's own tool, where it is installed."""

import shutil
import subprocess

from tests.lacking import do_without


def complaints(*words: str, given: bytes = b"") -> str:
    """Return what it complains of, empty where all is well; without it the test is skipped."""
    tool = shutil.which("promtool")
    if tool is None:
        do_without("promtool is not installed (Debian: apt-get install prometheus)")
    done = subprocess.run([tool, *words], input=given, capture_output=True, check=False)
    return "" if done.returncode == 0 else (done.stdout + done.stderr).decode()
