"""`quxiang sandbox` by itself: an account of one's own, and no settings."""

import subprocess
import sys
from collections.abc import Iterator

import pytest
import requests

import quxiang
from commands.ports import any_port
from tests.waiting import PATIENCE, wait_until

MINE = ("--app-id", "wxmine0123456789", "--secret", "m" * 32)


@pytest.fixture
def address() -> Iterator[str]:
    """Run the command where no setting is to be found, until the test ends."""
    port = any_port()
    command = [sys.executable, "-m", "quxiang", "sandbox", "--port", str(port), *MINE]
    process = subprocess.Popen(command, env={"PATH": ""}, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"

    def up() -> bool:
        assert process.poll() is None, "it ended"
        try:
            return requests.get(f"{url}/control/settings", timeout=PATIENCE).ok
        except requests.ConnectionError:
            return False

    try:
        wait_until(up, "the sandbox listens")
        yield url
    finally:
        process.terminate()
        process.wait(PATIENCE)


def test_it_runs_by_itself_with_an_account_of_ones_own(address: str) -> None:
    asked = {"grant_type": "client_credential", "appid": MINE[1], "secret": MINE[3]}
    answer = requests.post(f"{address}/cgi-bin/stable_token", json=asked, timeout=PATIENCE).json()
    assert answer["access_token"]
    wrong = asked | {"secret": "x"}
    answer = requests.post(f"{address}/cgi-bin/stable_token", json=wrong, timeout=PATIENCE).json()
    assert answer["errcode"] == 40125


def test_a_key_that_can_be_none_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert quxiang.main(["sandbox", "--aes-key", "short"]) == 1
    assert "43" in capsys.readouterr().err
