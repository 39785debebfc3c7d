"""The web for tests, with WeChat played by the sandbox."""

import os
from collections.abc import Iterator
from pathlib import Path
from zlib import crc32

import pytest

from sandbox.config import Config
from sandbox.testing import RunningSandbox
from tests.clock import StandingClock
from tests.databases import KINDS
from tests.wxapp.site import Site, open_site

HERE = Path(__file__).parent


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Open a page over one database, half of them over each; with CI=true over both.

    What depends on the database is proven over both where it stands, in the rooms below.
    """
    if os.environ.get("CI"):
        return
    left_out = [each for each in items if _is_proven_by_its_twin(each)]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [each for each in items if each not in set(left_out)]


def _is_proven_by_its_twin(item: pytest.Item) -> bool:
    if not isinstance(item, pytest.Function) or not item.path.is_relative_to(HERE):
        return False
    chosen = [mark for mark in item.iter_markers("parametrize") if mark.args[0] == "database_kind"]
    kind = None if chosen else _kind_of(item)
    if kind is None:
        return False
    return kind != KINDS[crc32(item.nodeid.replace(kind, "").encode()) % len(KINDS)]


def _kind_of(item: pytest.Function) -> str | None:
    given = getattr(item, "callspec", None)  # only what has parameters has one
    return given and given.params.get("database_kind")


@pytest.fixture(scope="session")
def wechat() -> Iterator[RunningSandbox]:
    """Run WeChat's stand-in for all pages; each test brings phones of its own."""
    with RunningSandbox(Config(redirect_host="localhost")) as running:
        yield running


@pytest.fixture
def site(
    database_url: str, redis_url: str, wechat: RunningSandbox, clock: StandingClock
) -> Iterator[Site]:
    """Give the application over the test's own servers, at the time of the standing clock."""
    with open_site(database_url, redis_url, wechat, clock) as opened:
        yield opened
