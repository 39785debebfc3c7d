"""`quxiang init` writes settings that only want what nobody can make up."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from dotenv import dotenv_values

from runtime.settings import Settings, SettingsError, read_settings
from tests.commands.conftest import Quxiang

EMPTY = ("OWNER_DATABASE_URL=", "_OTHER=", "_PREVIOUS=")
"""What is left out where it is not wanted."""
GIVEN = (
    *("--public-url", "https://qx.example.edu.cn", "--wechat-app-id", "wx0123456789abcdef"),
    *("--database-url", "postgresql://quxiang@/quxiang?host=/run/postgresql"),
    *("--redis-url", "redis://localhost:6379/0"),
)


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith("QUXIANG_"):
            monkeypatch.delenv(name)


@pytest.fixture
def command(command: Quxiang, _nothing_set: None, environment: pytest.MonkeyPatch) -> Quxiang:
    for name in Settings.model_fields:
        environment.delenv(f"QUXIANG_{name.upper()}", raising=False)
    return command


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)  # it asks none
def test_every_choice_is_written_with_its_default_and_a_sentence(
    command: Quxiang, tmp_path: Path
) -> None:
    path = tmp_path / "settings.env"
    said = command("init", "--out", str(path), *GIVEN)
    assert (said.status, said.facts["missing"]) == (0, ["QUXIANG_WECHAT_APP_SECRET"])
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(SettingsError) as wrong:
        read_settings(path)
    assert str(wrong.value).startswith("QUXIANG_WECHAT_APP_SECRET: ")
    text = path.read_text(encoding="utf-8")
    text = text.replace("WECHAT_APP_SECRET=", "WECHAT_APP_SECRET=hush").replace(
        "\n#QUXIANG_", "\nQUXIANG_"
    )
    path.write_text(text, encoding="utf-8")
    assert len(dotenv_values(path)) == len(Settings.model_fields)
    path.write_text("\n".join(each for each in text.splitlines() if not each.endswith(EMPTY)))
    read = read_settings(path)
    may = {name: each for name, each in Settings.model_fields.items() if not each.is_required()}
    usual = {name: each.get_default(call_default_factory=True) for name, each in may.items()}
    changed = {name for name in may if getattr(read, name) != usual[name]}
    assert changed == {"unbound_values", "forwarding_keys"}
    assert all(each.description for each in Settings.model_fields.values())


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_keys_are_fresh_and_a_file_that_is_there_is_left(command: Quxiang, tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    for path in (one, other):
        command("init", "--out", str(path))
    found = [dotenv_values(path) for path in (one, other)]
    for name in ("SECRET_KEY", "DATA_KEYS", "INDEX_KEY", "WECHAT_TOKEN", "WECHAT_AES_KEY"):
        assert found[0][f"QUXIANG_{name}"] != found[1][f"QUXIANG_{name}"]
    printed = command("init", "--out", "-").facts["settings"]
    assert printed.startswith("# The settings of Quxiang")
    before = one.read_bytes()
    assert command("init", "--out", str(one)).facts["refused"] == "exists"
    assert one.read_bytes() == before
    wrong = command("init", "--out", str(tmp_path / "third"), "--public-url", "https://a.cn/b")
    assert (wrong.status, wrong.facts["refused"]) == (2, "misused")


def test_at_a_terminal_it_asks_until_it_can_use_the_answer(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    asked = subprocess.Popen(
        [sys.executable, "-m", "quxiang", "init", "--out", str(tmp_path / "settings.env")],
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,  # getpass would ask at our own terminal
    )
    answers = ("nowhere", "https://qx.example.edu.cn", "sqlite:////q.db", "redis://h", "wx1")
    os.write(ours, "".join(f"{each}\n" for each in answers).encode())
    assert asked.stdout is not None
    said = b""
    while b"QUXIANG_WECHAT_APP_SECRET= " not in said:  # what is typed before it is thrown away
        said += os.read(asked.stdout.fileno(), 1000)
    os.write(ours, b"hush\n")
    said += asked.communicate(timeout=60)[0]
    for end in (ours, theirs):
        os.close(end)
    assert asked.returncode == 0, said
    assert b"begins with https://" in said
    assert read_settings(tmp_path / "settings.env").public_url == "https://qx.example.edu.cn"
