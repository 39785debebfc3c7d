"""Whatever the locale and the zone of a machine: what is typed and kept stays what it is."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import select

from registry.accounts.school_tables import School
from registry.base.database import open_engine, open_sessions
from tests.commands.test_web import PROGRAM
from tests.lacking import do_without

NAMES = ["青禾大学", "泰岳学院"]

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


@pytest.fixture
def german(tmp_path: Path) -> dict[str, str]:
    """Make the locale de_DE of ISO 8859-1, which can write no Chinese; give what names it."""
    if shutil.which("localedef") is None or not Path("/usr/share/i18n/locales/de_DE").exists():
        do_without("the sources of locales are missing (Debian: apt-get install locales)")
    made = [f"{tmp_path}/de_DE.ISO-8859-1"]
    subprocess.run(["localedef", "-i", "de_DE", "-f", "ISO-8859-1", *made], check=True)
    return {"LOCPATH": str(tmp_path), "LC_ALL": "de_DE.ISO-8859-1"}


def run(surroundings: dict[str, str], *words: str) -> str:
    """Run a command as a shell there does; return what it printed."""
    clean = {name: each for name, each in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(
        [sys.executable, PROGRAM, *words],
        env=clean | {"TZ": "America/St_Johns"} | surroundings,
        capture_output=True,
        check=True,
    )
    return done.stdout.decode()


def names(database_url: str) -> list[str]:
    engine = open_engine(database_url)
    with open_sessions(engine)() as session:
        found = list(session.scalars(select(School.name)))
    engine.dispose()
    return found


@pytest.mark.slow("starts the program twice")
def test_a_name_that_is_typed_is_kept_and_said_as_it_is(
    environment: pytest.MonkeyPatch, database_url: str, german: dict[str, str]
) -> None:
    plain = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0"}
    for code, name, surroundings in (("10001", NAMES[0], german), ("10002", NAMES[1], plain)):
        made = ("school", "create", "--code", code, "--name", name, "--province", "110000")
        assert run(surroundings, *made).startswith(name)
    assert names(database_url) == NAMES
