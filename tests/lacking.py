"""What a machine may lack: tests go without it at a developer's desk, and fail in CI."""

import os
from typing import NoReturn

import pytest


def do_without(reason: str) -> NoReturn:
    """Skip the test for a reason that says what is missing; in CI, fail it: nothing may be."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)
