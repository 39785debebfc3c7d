"""`quxiang db revise` writes the migration that leads from the newest tables to the code's."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory

from runtime import schema
from tests.commands.conftest import Quxiang

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)  # it asks none


@pytest.fixture
def migrations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of the project's migrations, which the command works on."""
    folder = tmp_path / "migrations"
    shutil.copytree(schema.FOLDER, folder, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(schema, "FOLDER", folder)
    return folder


def newest_of(folder: Path) -> str:
    newest = ScriptDirectory(str(folder)).get_current_head()
    assert newest is not None
    return newest


def next_of(folder: Path) -> str:
    numbers = [int(each.name[:4]) for each in (folder / "versions").glob("0*.py")]
    return f"{max(numbers) + 1:04}"


def test_a_migration_follows_the_newest_and_is_named_by_what_it_does(
    command: Quxiang, migrations: Path
) -> None:
    before, number = newest_of(migrations), next_of(migrations)
    said = command("db", "revise", "Let nobody wait.")
    assert (said.status, newest_of(migrations)) == (0, number)
    written = Path(said.facts["migration"])
    assert written == migrations / "versions" / f"{number}_let_nobody_wait.py"
    assert f"down_revision = {before!r}" in written.read_text()
    assert '"""Let nobody wait.\n' in written.read_text()


def test_tables_that_no_migration_makes_are_written_into_it(
    command: Quxiang, migrations: Path
) -> None:
    for each in (migrations / "versions").glob("*.py"):
        if not each.name.startswith("0001_"):
            each.unlink()
    written = Path(command("db", "revise", "all since the first").facts["migration"])
    assert written.name == "0002_all_since_the_first.py"
    assert "op.create_table" in written.read_text()


def test_a_migration_without_a_message_is_misuse(command: Quxiang, migrations: Path) -> None:
    before = newest_of(migrations)
    assert command("db", "revise", " . ").status == 2
    assert newest_of(migrations) == before


def test_where_no_file_can_be_written_it_says_so(command: Quxiang, migrations: Path) -> None:
    number = next_of(migrations)
    (migrations / "versions" / f"{number}_taken.py").mkdir()
    said = command("db", "revise", "taken")
    assert (said.status, said.facts["refused"]) == (1, "not_written")


@pytest.mark.in_ci
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("alembic", "current"), "(head)"),
        (("alembic", "check"), "No new upgrade operations"),
        (("flask", "--app", "wxapp", "routes"), "/wechat/callback"),
    ],
)
def test_the_tools_of_others_work_by_the_same_settings(
    environment: pytest.MonkeyPatch, repository: Path, words: tuple[str, ...], expected: str
) -> None:
    program = Path(sys.executable).parent / words[0]
    said = subprocess.run(
        [program, *words[1:]], cwd=repository, capture_output=True, text=True, check=False
    )
    assert expected in said.stdout + said.stderr
