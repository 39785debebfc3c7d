"""A second process on the same database, and a WeChat that remembers nothing."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from notifier.ledger import notices
from runtime.resources import open_resources
from sandbox.config import Config
from sandbox.testing import RunningSandbox
from tests.notifier.stage import Stage


@pytest.fixture
def sandbox() -> Iterator[RunningSandbox]:
    """Run WeChat's stand-in as if ten minutes had passed between any two calls."""
    with RunningSandbox(Config(receipt_delay=0, token_seconds=7200, dedup_seconds=0)) as running:
        yield running


@pytest.fixture
def other(stage: Stage) -> Iterator[Stage]:
    """Give the same stage to another process."""
    resources = open_resources(stage.resources.settings, notices.write)
    yield replace(stage, resources=resources)
    resources.redis.close()
    resources.engine.dispose()
