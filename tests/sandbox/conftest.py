"""A running sandbox, an account's server that keeps what is pushed to it, and wechatpy's client."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from sandbox.config import Config
from sandbox.control import Control
from sandbox.testing import RunningSandbox
from tests.sandbox.account import Account, AccountServer


@pytest.fixture
def account_server() -> Iterator[AccountServer]:
    with AccountServer() as server:
        yield server


@pytest.fixture
def sandbox(tmp_path: Path, account_server: AccountServer) -> Iterator[RunningSandbox]:
    config = Config(
        data_dir=tmp_path / "sandbox",
        callback_url=account_server.url,
        receipt_delay=0.01,
        push_pause=0.01,
    )
    with RunningSandbox(config) as running:
        yield running


@pytest.fixture
def control(sandbox: RunningSandbox) -> Control:
    return sandbox.control


@pytest.fixture
def browser() -> Iterator[requests.Session]:
    with requests.Session() as session:
        yield session


@pytest.fixture
def account(sandbox: RunningSandbox) -> Iterator[Account]:
    with Account(sandbox) as known:
        yield known


@pytest.fixture
def openid(control: Control) -> str:
    return control.add_phone("李娟", "13800138000")
