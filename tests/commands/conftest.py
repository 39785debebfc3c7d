"""The command line as programs use it: arguments in, one JSON object and an exit status out."""

import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

import quxiang
from runtime.settings import Settings
from tests.configuration import SECRET


@dataclass(frozen=True)
class Said:
    """What a command left behind."""

    status: int
    facts: dict[str, Any]
    messages: str


Quxiang = Callable[..., Said]


@pytest.fixture
def environment(
    database_url: str, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> pytest.MonkeyPatch:
    """Set the settings of a service of the test's own."""
    values = {
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "PUBLIC_URL": "http://localhost",
        "SECRET_KEY": SECRET,
        "DATA_KEYS": "k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
        "INDEX_KEY": SECRET,
        "UNBOUND_VALUES": "refuse",
        "WECHAT_APP_ID": "wx0123456789abcdef",
        "WECHAT_APP_SECRET": SECRET,
        "WECHAT_TOKEN": "token",
        "WECHAT_AES_KEY": "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
        "WECHAT_API_URL": "http://127.0.0.1:1",
    }
    for name in Settings.model_fields:
        monkeypatch.delenv(f"QUXIANG_{name.upper()}", raising=False)
    monkeypatch.delenv("QUXIANG_ENV_FILE", raising=False)
    for name, value in values.items():
        monkeypatch.setenv(f"QUXIANG_{name}", value)
    return monkeypatch


@pytest.fixture
def command(environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Quxiang:
    """Give a way to run a command with --json, and something on its standard input."""

    def run(*arguments: str, stdin: str = "") -> Said:
        environment.setattr("sys.stdin", io.StringIO(stdin))
        status = _status_of([*arguments, "--json"])
        printed = capsys.readouterr()
        facts = json.loads(printed.out) if printed.out else {}
        return Said(status, facts, printed.err)

    return run


def _status_of(arguments: list[str]) -> int:
    """Return the exit status: argparse leaves by SystemExit after --help and --version."""
    try:
        return quxiang.main(arguments)
    except SystemExit as end:
        return int(str(end.code))
