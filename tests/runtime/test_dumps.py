"""PostgreSQL's own programs are given a database: its password where no neighbour reads it."""

import os
from pathlib import Path

import pytest
from sqlalchemy import make_url

from runtime import dumps

URL = make_url("postgresql+psycopg://owner:hushhush@127.0.0.1:5432/graduates")
PLAYED = """#!/bin/sh
printf '%s\\n' "$@" > "$PLAYED.arguments"
printf '%s' "$PGPASSWORD" > "$PLAYED.password"
cat > /dev/null
"""


def test_a_password_is_no_argument_which_every_process_could_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "pg_restore"
    program.write_text(PLAYED)
    program.chmod(0o700)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PLAYED", str(program))
    dumps.restore(URL, [b"a dump"])
    arguments = program.with_suffix(".arguments").read_text()
    assert "user=owner" in arguments
    assert "hushhush" not in arguments
    assert program.with_suffix(".password").read_text() == "hushhush"
