"""What every command keeps to: --json, the exit statuses, and messages apart from answers."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

import quxiang
from registry.base.database import open_engine
from tests.commands.conftest import Quxiang
from tests.configuration import settings_for

COMMANDS = (
    *(
        "demo",
        "tour",
        "web",
        "worker",
        "sandbox",
        "check",
        "backup",
        "restore",
        "status",
        "init",
        "completion",
        "db upgrade",
        "db revise",
        *("db current", "db history", "db downgrade", "db sql"),
        "roster import",
        "roster undo",
    ),
    *(
        "population create",
        "user create",
        "user sign-out",
        "wechat menu push",
        "wechat templates sync",
    ),
    *("wechat followers sync", "campaign create", "campaign start", "campaign pause"),
    *("campaign resume", "campaign cancel", "campaign show", "school create", "keys rotate"),
    *("province key create", "province key list", "province key end", "province push"),
    *("province verify", "province signers"),
    *("audit verify", "audit head"),
    *("school rename", "school merge", "department rename", "department merge"),
)


@pytest.mark.parametrize("words", COMMANDS)
def test_each_command_explains_itself_and_takes_json(
    words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        quxiang.main([*words.split(), "--help"])
    assert end.value.code == 0
    assert "--json" in capsys.readouterr().out


@pytest.mark.parametrize(
    "words", [[], ["fly"], ["db"], ["campaign", "show"], ["db", "current", "x"]]
)
def test_misuse_is_two(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert quxiang.main(words) == 2
    assert not capsys.readouterr().out


def test_programs_are_told_of_misuse_in_one_object(command: Quxiang) -> None:
    said = command("school", "create")
    assert (said.status, said.facts["refused"]) == (2, "misused")
    assert "--code" in said.facts["reason"]
    assert "usage: quxiang school create" in said.messages


def test_it_says_its_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        quxiang.main(["--version"])
    assert end.value.code == 0
    assert capsys.readouterr().out.startswith("quxiang 0.")


def test_a_terminal_without_chinese_is_told_what_it_can_show(
    environment: pytest.MonkeyPatch,
) -> None:
    environment.setenv("PYTHONIOENCODING", "latin-1")
    environment.setenv("PYTHONUTF8", "0")
    renamed = [sys.executable, "-m", "quxiang", "school", "rename", "--code=1", "--name=东海大学"]
    said = subprocess.run([*renamed, "--json"], capture_output=True, check=False, timeout=60)
    assert said.returncode == 1
    assert json.loads(said.stdout)["refused"] == "no_such_school"
    named = [*renamed[:3], "wechat", "--help"]
    assert subprocess.run(named, capture_output=True, check=False, timeout=60).returncode == 0


@pytest.mark.parametrize("encoding", ["gbk", "utf-16"])
def test_settings_in_another_encoding_are_refused_in_one_line(
    command: Quxiang, environment: pytest.MonkeyPatch, tmp_path: Path, encoding: str
) -> None:
    written = tmp_path / "settings.env"
    written.write_text("QUXIANG_SMS_SIGN_NAME=去向登记\n", encoding=encoding)
    environment.setenv("QUXIANG_ENV_FILE", str(written))
    assert command("check").messages == f"QUXIANG_ENV_FILE: {written} is not text in UTF-8\n"


def test_settings_with_the_mark_that_editors_put_before_them_are_read(
    command: Quxiang, environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    written = tmp_path / "settings.env"
    written.write_text("QUXIANG_WECHAT_TOKEN=token\n", encoding="utf-8-sig")
    environment.delenv("QUXIANG_WECHAT_TOKEN")
    environment.setenv("QUXIANG_ENV_FILE", str(written))
    assert command("check").facts["settings"] == "ok"


def test_a_command_without_json_speaks_to_people(
    environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert quxiang.main(["db", "upgrade"]) == 0
    assert capsys.readouterr().out == "The tables were up to date.\n"


def test_tables_of_a_newer_version_are_left_alone_and_told_of(
    command: Quxiang, environment: pytest.MonkeyPatch, database_url: str
) -> None:
    engine = open_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'of_tomorrow'"))
    engine.dispose()
    said = command("db", "upgrade")
    assert (said.status, said.facts["changed"]) == (0, False)
    assert command("check").facts["database"] == "its tables are newer than this program"


def test_wrong_settings_are_refused_with_all_complaints_and_no_secret(
    command: Quxiang, environment: pytest.MonkeyPatch
) -> None:
    environment.delenv("QUXIANG_REDIS_URL")
    environment.setenv("QUXIANG_SECRET_KEY", "hush")
    said = command("db", "upgrade")
    assert said.status == 1
    assert said.facts["refused"] == "settings"
    assert "QUXIANG_REDIS_URL: is missing" in said.messages
    assert "QUXIANG_SECRET_KEY" in said.messages
    assert "hush" not in said.messages


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("DATABASE_URL", "mysql://host/name", "QUXIANG_DATABASE_URL: write postgresql+psycopg://"),
        ("DATABASE_URL", "here", "QUXIANG_DATABASE_URL: write postgresql+psycopg://"),
        ("DATABASE_URL", "postgresql://h:x/name", "QUXIANG_DATABASE_URL: a port is a number"),
        ("REDIS_URL", "localhost:6379", "QUXIANG_REDIS_URL: write redis://host:6379/0"),
        ("REDIS_URL", "redis://h?cluster=1", "QUXIANG_REDIS_URL: a cluster is not supported"),
        ("REDIS_URL", "redis://h/x", "QUXIANG_REDIS_URL: a database is a number"),
        ("REDIS_URL", "redis://h:99999", "QUXIANG_REDIS_URL: a port is a number"),
        ("REDIS_URL", "redis://h1,h2/0", "QUXIANG_REDIS_URL: several hosts are Sentinels"),
        ("REDIS_URL", "redis://h?socket_timeout=9", "QUXIANG_REDIS_URL: nothing reads socket_tim"),
        ("REDIS_URL", "redis+sentinel://h", "QUXIANG_REDIS_URL: write redis://host:6379/0, or red"),
        ("PUBLIC_URL", "https://", "QUXIANG_PUBLIC_URL: write https://host"),
        ("PUBLIC_URL", "https://a b.cn", "QUXIANG_PUBLIC_URL: write https://host"),
        ("PUBLIC_URL", "https://a.cn?a=1", "QUXIANG_PUBLIC_URL: write https://host"),
        ("PUBLIC_URL", "https://a.cn/qx", "QUXIANG_PUBLIC_URL: write https://host without a path"),
        ("PUBLIC_URL", "https://[2001:db8::1]", "QUXIANG_PUBLIC_URL: write a name"),
        ("TRACES_URL", "http://collector.example:4318", "QUXIANG_TRACES_URL: https, except on"),
        ("QUIET_HOURS", "25:00-08:00", "QUXIANG_QUIET_HOURS: hour must be in 0..23"),
        ("ENV_FILE", "/nowhere/settings.env", "QUXIANG_ENV_FILE: there is no /nowhere/settings"),
    ],
)
def test_a_wrong_setting_is_said_in_one_line(
    command: Quxiang, environment: pytest.MonkeyPatch, name: str, value: str, complaint: str
) -> None:
    environment.setenv(f"QUXIANG_{name}", value)
    said = command("check")
    assert (said.status, said.facts["refused"]) == (1, "settings")
    assert said.messages.startswith(complaint)
    assert len(said.messages.splitlines()) == 1


def test_postgresql_needs_no_driver_in_its_address() -> None:
    read = settings_for("postgresql://quxiang@localhost/quxiang", "redis://localhost")
    assert read.database_url == "postgresql+psycopg://quxiang@localhost/quxiang"


def test_a_database_that_is_away_is_said_without_a_traceback(
    command: Quxiang, environment: pytest.MonkeyPatch
) -> None:
    environment.setenv("QUXIANG_DATABASE_URL", "sqlite:////nowhere/at/all.sqlite")
    said = command("db", "upgrade")
    assert (said.status, said.facts["refused"]) == (1, "database")
    assert "quxiang check" in said.messages


def test_a_trial_without_its_parts_says_how_they_come(
    command: Quxiang, environment: pytest.MonkeyPatch
) -> None:
    for name in [each for each in sys.modules if each.startswith(("sandbox", "commands.stand_in"))]:
        environment.delitem(sys.modules, name)
    environment.setitem(sys.modules, "aiohttp", None)
    said = command("sandbox", "--port", "8100")
    assert (said.status, said.facts["refused"]) == (1, "demo_missing")
    assert "quxiang[demo]" in said.messages
