"""A backup is encrypted, proven by restoring it, and comes back whole or not at all."""

from pathlib import Path

import pytest
from sqlalchemy import Engine, make_url, text

from registry.base.database import open_engine
from runtime.dumps import counts
from tests.commands.conftest import Quxiang
from tests.databases import FindMaker

NAME = "东海大学"


@pytest.fixture
def school(command: Quxiang) -> None:
    """Have something to lose."""
    words = ("school", "create", "--code=10001", f"--name={NAME}", "--province=370000")
    assert command(*words).status == 0


@pytest.fixture
def backup(command: Quxiang, school: None, tmp_path: Path) -> Path:
    """Make a backup that is not proven yet."""
    path = tmp_path / "backup"
    assert command("backup", str(path), "--unproven").status == 0
    return path


def test_it_is_proven_by_restoring_it_and_shows_nothing(
    command: Quxiang, school: None, tmp_path: Path, engine: Engine
) -> None:
    path = tmp_path / "backup"
    said = command("backup", str(path))
    assert (said.status, said.facts["proven"]) == (0, True), said.messages
    assert said.facts["rows"] > 0
    assert path.stat().st_mode & 0o777 == 0o600
    assert NAME.encode() not in path.read_bytes()
    assert command("backup", str(path)).status == 1  # what is there is left
    drill = command("restore", str(path), "--drill")
    assert (drill.status, drill.facts["restored"]) == (0, False)
    if engine.dialect.name == "postgresql":
        with engine.connect() as connection:
            left = "SELECT count(*) FROM pg_database WHERE datname LIKE '%scratch%'"
            assert connection.scalar(text(left)) == 0


def test_it_comes_back_into_an_empty_database(
    command: Quxiang,
    environment: pytest.MonkeyPatch,
    backup: Path,
    engine: Engine,
    database_kind: str,
    database_makers: FindMaker,
) -> None:
    assert command("restore", str(backup)).facts["refused"] == "not_empty"
    maker = database_makers(database_kind)
    other = maker.make()
    environment.setenv("QUXIANG_DATABASE_URL", other.render_as_string(hide_password=False))
    said = command("restore", str(backup))
    assert (said.status, said.facts["restored"]) == (0, True), said.messages
    assert command("db", "current").facts["state"] == "ok"
    restored = open_engine(other.render_as_string(hide_password=False))
    with engine.connect() as before, restored.connect() as after:
        assert counts(after) == counts(before)
        assert after.scalar(text("SELECT name FROM school")) == NAME
    restored.dispose()
    maker.drop(make_url(str(other)) if database_kind == "sqlite" else other)


def test_one_that_was_changed_or_cut_off_restores_nothing(
    command: Quxiang,
    environment: pytest.MonkeyPatch,
    backup: Path,
    database_kind: str,
    database_makers: FindMaker,
) -> None:
    other = database_makers(database_kind).make()
    environment.setenv("QUXIANG_DATABASE_URL", other.render_as_string(hide_password=False))
    whole = backup.read_bytes()
    for spoilt in (whole[:-1], whole[:-1] + b"x", whole[:40], whole + b"more"):
        backup.write_bytes(spoilt)
        assert command("restore", str(backup)).facts["refused"] == "damaged"
        assert command("db", "current").facts["current"] == "base"
    backup.write_bytes(b"something else")
    assert command("restore", str(backup)).facts["refused"] == "no_backup"
    database_makers(database_kind).drop(other)


def test_without_its_key_it_stays_shut(
    command: Quxiang, environment: pytest.MonkeyPatch, backup: Path
) -> None:
    environment.setenv("QUXIANG_DATA_KEYS", "k2:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")
    said = command("restore", str(backup), "--drill")
    assert said.facts["refused"] == "key_missing"
    assert "k1" in said.messages
