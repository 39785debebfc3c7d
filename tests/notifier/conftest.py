"""The stage for tests of telling: a sandbox, resources on the test's own servers, a school."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Engine

from notifier.ledger import notices
from runtime.resources import open_resources
from sandbox.config import Config
from sandbox.testing import RunningSandbox
from tests.configuration import settings_for
from tests.notifier.stage import Stage, open_stage

PEOPLE = 12


@pytest.fixture
def sandbox() -> Iterator[RunningSandbox]:
    """Run WeChat's stand-in; receipts come at once and go nowhere."""
    with RunningSandbox(Config(receipt_delay=0, token_seconds=7200)) as running:
        yield running


@contextmanager
def stage_over(
    database_url: str,
    redis_url: str,
    sandbox: RunningSandbox,
    prepare: Callable[[Engine], object] = lambda _: None,
) -> Iterator[Stage]:
    """Open a stage over a database, which `prepare` makes ready."""
    account = sandbox.config
    settings = settings_for(
        database_url,
        redis_url,
        wechat_app_id=account.app_id,
        wechat_app_secret=account.app_secret,
        wechat_api_url=sandbox.url,
        send_rate=0,
        send_connections=8,
        quiet_hours="",
    )
    resources = open_resources(settings, notices.write)
    prepare(resources.engine)
    stage = open_stage(resources, sandbox)
    stage.scope = stage.open_school(graduates=PEOPLE)
    yield stage
    resources.redis.close()
    resources.engine.dispose()


@pytest.fixture
def stage(database_url: str, redis_url: str, sandbox: RunningSandbox) -> Iterator[Stage]:
    """Give a stage with one school of a dozen graduates who can all be reached."""
    with stage_over(database_url, redis_url, sandbox) as opened:
        yield opened
