"""`quxiang keys rotate`: a new key takes over, and the old one is not needed any more."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from registry.accounts.school_tables import School
from registry.base import files
from registry.base.crypto import Vault
from registry.base.file_tables import StoredFile
from registry.base.files import Incoming
from registry.codes import identity
from registry.record.tables import Graduate
from registry.upkeep.rekey import SEALED
from tests.commands.conftest import Quxiang
from tests.configuration import SECRET

OLD, NEW = bytes(range(32)), bytes(range(1, 33))
AT = datetime(2026, 6, 1, tzinfo=UTC)
CONTENT = b"a roster"


def _written(**keys: bytes) -> str:
    return ",".join(f"{kid}:{base64.b64encode(key).decode()}" for kid, key in keys.items())


def _vault(**keys: bytes) -> Vault:
    return Vault(keys, SECRET.encode())


@pytest.fixture
def sealed(command: Quxiang, sessions: sessionmaker[Session]) -> set[str]:
    """Keep people and a file under the first key; give the identity numbers."""
    made = command("population", "create", "--school", "99001", "--graduates", "1500")
    assert made.status == 0, made.messages
    with sessions.begin() as session:
        school = session.scalars(select(School)).one()
        incoming = Incoming(school.id, "名单.csv", "text/csv", CONTENT)
        files.store(session, _vault(k1=OLD), incoming, AT, AT + timedelta(days=7))
        vault = _vault(k1=OLD)
        found = session.execute(select(Graduate.id, Graduate.identity_sealed))
        return {vault.open(identity.IDENTITY, *each) for each in found}


def test_everything_opens_with_the_new_key_alone(
    command: Quxiang,
    environment: pytest.MonkeyPatch,
    sealed: set[str],
    sessions: sessionmaker[Session],
) -> None:
    environment.setenv("QUXIANG_DATA_KEYS", _written(k2=NEW, k1=OLD))
    said = command("keys", "rotate")
    assert (said.status, said.facts["key"]) == (0, "k2")
    vault = _vault(k2=NEW)
    with sessions() as session:
        people = session.scalars(select(Graduate)).all()
        assert {
            vault.open(identity.IDENTITY, each.id, each.identity_sealed) for each in people
        } == sealed
        for each in people:
            assert vault.open(identity.PHONE, each.id, each.phone_sealed or "")
        stored = session.scalars(select(StoredFile)).one()
        assert files.opened(vault, stored) == CONTENT


def test_a_second_time_there_is_nothing_to_do(
    command: Quxiang,
    environment: pytest.MonkeyPatch,
    sealed: set[str],
    sessions: sessionmaker[Session],
) -> None:
    environment.setenv("QUXIANG_DATA_KEYS", _written(k2=NEW, k1=OLD))
    assert command("keys", "rotate").status == 0
    environment.setenv("QUXIANG_DATA_KEYS", _written(k2=NEW))
    before = _kept(sessions)
    assert command("keys", "rotate").status == 0
    assert _kept(sessions) == before


def test_a_missing_key_is_said_and_nothing_is_lost(
    command: Quxiang,
    environment: pytest.MonkeyPatch,
    sealed: set[str],
    sessions: sessionmaker[Session],
) -> None:
    before = _kept(sessions)
    environment.setenv("QUXIANG_DATA_KEYS", _written(k2=NEW))
    said = command("keys", "rotate")
    assert (said.status, said.facts["refused"]) == (1, "key_missing")
    assert _kept(sessions) == before


def _kept(sessions: sessionmaker[Session]) -> list[object]:
    with sessions() as session:
        return [
            value
            for each in SEALED
            for value in session.scalars(select(each.column).order_by(each.table.c.id))
        ]
