"""`quxiang audit` and the roles of the database: who runs the service cannot change the log."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, make_url, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session, sessionmaker

from notifier.providers.audit_heads import write_head
from registry.accounts import audit
from registry.accounts.audit import AuditRecord
from registry.accounts.audit_log import chain
from registry.base.clock import utc_now
from registry.base.database import open_engine
from tests.commands.conftest import Quxiang

ROLE = "quxiang_app"
RECORD = AuditRecord("command", "sign_in", "staff:k", None)


@pytest.fixture
def row(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        audit.note(session, RECORD, utc_now())


def take_off_guards(engine: Engine) -> None:
    """Change a row as who owns the database can."""
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            connection.execute(text("DROP TRIGGER audit_entry_is_kept"))
        else:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text("UPDATE audit_entry SET actor = 'staff:another'"))


def test_a_row_that_was_changed_is_found_and_named(
    command: Quxiang, engine: Engine, row: None
) -> None:
    assert command("audit", "head").facts["total"] == 1
    said = command("audit", "verify")
    assert (said.status, said.facts["rows"], said.facts["found"]) == (0, 1, {})
    take_off_guards(engine)
    said = command("audit", "verify")
    assert (said.status, said.facts["refused"]) == (1, "tampered")
    assert said.facts["named"] == [{"what": "changed", "number": 1}]
    if engine.dialect.name == "sqlite":
        missing = "triggers are missing: audit_entry_is_kept"
        assert command("check").facts["audit log"] == missing


def test_a_chain_made_anew_is_found_by_the_file_of_heads(
    command: Quxiang,
    sessions: sessionmaker[Session],
    row: None,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = tmp_path / "heads"
    chain.extend_all(sessions, utc_now())
    with sessions() as session:
        head = chain.head(session)
    assert head is not None
    write_head(str(file), head)
    assert "audit head" in capsys.readouterr().out, "in the service's own log, too"
    assert file.stat().st_mode & 0o777 == 0o600
    said = command("audit", "verify", "--heads", str(file))
    assert (said.status, said.facts["heads"]) == (0, 1)
    file.write_text(json.dumps({"link": 1, "hash": "f" * 64}))
    said = command("audit", "verify", "--heads", str(file))
    assert said.facts["named"] == [{"what": "rewritten", "number": 1}]
    said = command("audit", "verify", "--head", f"2:{'f' * 64}")
    assert said.facts["named"] == [{"what": "truncated", "number": 2}]
    assert command("audit", "verify", "--heads", str(tmp_path / "none")).status == 1


def test_rows_that_wait_for_the_chain_too_long_are_said(
    command: Quxiang, sessions: sessionmaker[Session], row: None
) -> None:
    waits = "rows wait for the chain: does a worker run?"
    assert waits not in command("check").facts["audit log"]
    with sessions.begin() as session:
        audit.note(session, RECORD, utc_now() - timedelta(minutes=61))
    assert f"2 {waits}" in command("check").facts["audit log"]
    chain.extend_all(sessions, utc_now())
    assert waits not in command("check").facts["audit log"]


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
def test_the_role_of_the_application_cannot_change_the_log(
    command: Quxiang,
    environment: pytest.MonkeyPatch,
    engine: Engine,
    database_url: str,
    row: None,
) -> None:
    with engine.begin() as connection:
        made = text("SELECT 1 FROM pg_roles WHERE rolname = :role")
        if not connection.scalar(made, {"role": ROLE}):
            connection.execute(text(f"CREATE ROLE {ROLE} LOGIN PASSWORD 'word'"))
    assert "owns the log" in command("check").facts["audit log"]
    mine = make_url(database_url).set(username=ROLE, password="word")
    url = mine.render_as_string(hide_password=False)
    environment.setenv("QUXIANG_DATABASE_URL", url)
    environment.setenv("QUXIANG_OWNER_DATABASE_URL", database_url)
    assert command("db", "upgrade").status == 0
    environment.delenv("QUXIANG_OWNER_DATABASE_URL")
    assert command("check").facts["audit log"] == "ok"
    _try(open_engine(url))


def _try(engine: Engine) -> None:
    with engine.begin() as connection, Session(connection) as session:
        audit.note(session, RECORD, utc_now())
    for deed in (
        "UPDATE audit_entry SET actor = 'x'",
        "DELETE FROM audit_entry",
        "TRUNCATE audit_entry",
        "DELETE FROM audit_link",
        "UPDATE audit_detail SET content = '{}'",
        "ALTER TABLE audit_entry DISABLE TRIGGER ALL",
        "DROP TRIGGER audit_entry_is_kept ON audit_entry",
        "SELECT audit_forget(ARRAY[]::bigint[], ARRAY[1]::bigint[])",
        "SET session_replication_role = replica",
    ):
        with pytest.raises(ProgrammingError), engine.begin() as connection:
            connection.execute(text(deed))
    engine.dispose()
