"""A sandbox that plays WeChat, and the gateway that speaks to it."""

from collections.abc import Iterator

import pytest
from redis import Redis

from notifier.wechat.gateway import Gateway, open_gateway
from registry.base.clock import utc_now
from runtime.settings import Settings
from sandbox.control import Control
from sandbox.testing import RunningSandbox
from tests.notifier.wechat.account import ACCOUNT, settings_for


@pytest.fixture
def sandbox() -> Iterator[RunningSandbox]:
    with RunningSandbox(ACCOUNT) as running:
        yield running


@pytest.fixture
def control(sandbox: RunningSandbox) -> Iterator[Control]:
    with sandbox.control as control:
        yield control


@pytest.fixture
def settings(sandbox: RunningSandbox) -> Settings:
    return settings_for(sandbox.url)


@pytest.fixture
def gateway(settings: Settings, valkey: Redis) -> Gateway:
    return open_gateway(settings, valkey, utc_now)
