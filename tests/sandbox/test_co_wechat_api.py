"""npm's co-wechat-api works against the sandbox, unchanged but for the address."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from sandbox.control import Control
from tests.sandbox.account import Account
from tests.sandbox.test_pages import fetch

PLAY = Path(__file__).parent / "co_wechat_api"
INSTALL_SECONDS, PLAY_SECONDS = 120, 60


@pytest.fixture
def script(repository: Path) -> Path:
    """Install the package where its lock file says, once; skip where Node or npm cannot be had."""
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.skip("node and npm are not installed (Debian: apt-get install nodejs npm)")
    place = repository / ".venv" / "co-wechat-api"
    place.mkdir(exist_ok=True)
    for name in ("package.json", "package-lock.json", "play.js"):
        shutil.copy(PLAY / name, place)
    if not (place / "node_modules").exists():
        done = _run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], place)
        if done.returncode:
            pytest.skip(f"npm cannot install co-wechat-api here: {done.stderr[-200:]}")
    return place / "play.js"


def _run(command: list[str], place: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        command, cwd=place, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False
    )


@pytest.fixture
def said(script: Path, account: Account, control: Control, openid: str) -> dict[str, Any]:
    """Play the script for a person who wrote to the account just now; return what it was told."""
    control.write(openid, "你好")
    config = account.config
    arguments = [account.url, config.app_id, config.app_secret, openid, account.template()]
    done = _run(["node", str(script), *arguments], script.parent)
    assert done.returncode == 0, done.stderr
    answers: dict[str, Any] = json.loads(done.stdout)
    return answers


def test_tags_remarks_menus_and_followers(said: dict[str, Any], openid: str) -> None:
    assert said["person"]["remark"] == "李娟同学"
    assert said["person"]["tagid_list"] == said["tags"]
    assert said["tagged"] == [openid]
    assert said["menu"] == "应届生"
    assert openid in said["followers"]


def test_messages_and_files(
    said: dict[str, Any], control: Control, account: Account, openid: str
) -> None:
    assert (said["early"], said["unknown"]) == (40003, 40007)
    assert said["picture"] is True
    assert said["msgid"] == str(next(iter(control.messages(openid=openid)))["msgid"])
    chat = fetch(f"{account.url}/phone/{openid}")
    assert "请核对去向" in chat
    assert f'href="{account.url}/media/' in chat
