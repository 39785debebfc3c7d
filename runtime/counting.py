"""Counting over several processes: each writes into a folder that all of one program share.

prometheus_client looks for the folder when it is imported, so it is made before anything that
counts. Processes that end leave what they counted.
"""

import atexit
import os
import shutil
import tempfile

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""Name of the environment variable that names it."""


def count_together() -> None:
    """Make the folder of this process and those it will start, unless there is one."""
    if FOLDER not in os.environ:
        os.environ[FOLDER] = tempfile.mkdtemp(prefix="quxiang-counts-")
        atexit.register(_remove, os.environ[FOLDER], os.getpid())


def _remove(folder: str, owner: int) -> None:
    if os.getpid() == owner:
        shutil.rmtree(folder, ignore_errors=True)
