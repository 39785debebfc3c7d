"""`quxiang files`: all that belongs into the object store goes there, and all of it comes back."""

import base64
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from registry.accounts.school_tables import School
from registry.base import files
from registry.base.clock import utc_now
from registry.base.crypto import Vault
from registry.base.file_tables import StoredFile
from registry.base.files import Incoming
from tests.buckets import BucketHost, running_bucket
from tests.commands.conftest import Quxiang
from tests.configuration import SECRET

CONTENT = b"agreement" * 1000
VAULT = Vault({"k1": bytes(range(32))}, SECRET.encode())
NUMBER = 3


@pytest.fixture
def host(environment: pytest.MonkeyPatch) -> Iterator[BucketHost]:
    """Run a bucket that the settings name."""
    with running_bucket() as host:
        environment.setenv("QUXIANG_OBJECTS_URL", host.access.url)
        environment.setenv("QUXIANG_OBJECTS_KEY_ID", host.access.key_id)
        environment.setenv("QUXIANG_OBJECTS_SECRET", host.access.secret.get_secret_value())
        yield host


@pytest.fixture
def evidence(sessions: sessionmaker[Session]) -> None:
    """Keep files that belong into the store."""
    at = utc_now()
    with sessions.begin() as session:
        school = School(code="10001", name="某某大学", created_at=datetime(2026, 1, 1, tzinfo=UTC))
        session.add(school)
        session.flush()
        for number in range(NUMBER):
            incoming = Incoming(school.id, f"{number}.pdf", "application/pdf", CONTENT)
            files.store(session, VAULT, incoming, at, at + timedelta(days=1000))


@pytest.mark.usefixtures("evidence")
def test_all_go_out_and_all_come_back(command: Quxiang, host: BucketHost) -> None:
    assert command("files", "out").facts["object_store"]["files"] == NUMBER
    assert len(host.objects) == NUMBER
    assert command("files", "out").facts["moved"] == 0
    back = command("files", "in").facts
    assert (back["moved"], back["object_store"]["files"]) == (NUMBER, 0)
    assert back["database"]["bytes"] == NUMBER * len(CONTENT)
    assert host.objects == {}


@pytest.mark.usefixtures("evidence")
def test_it_goes_on_where_it_stopped(command: Quxiang, host: BucketHost) -> None:
    host.refuses = True
    refused = command("files", "out")
    assert (refused.status, refused.facts["moved"]) == (1, 0)
    assert "start again" in refused.messages
    host.refuses = False
    assert command("files", "out").facts["moved"] == NUMBER


def test_without_a_store_it_says_which_setting_is_missing(command: Quxiang) -> None:
    refused = command("files", "out")
    assert refused.status == 1
    assert "QUXIANG_OBJECTS_URL" in refused.messages


@pytest.mark.usefixtures("evidence")
def test_keys_are_rotated_there_too(
    command: Quxiang,
    environment: pytest.MonkeyPatch,
    host: BucketHost,
    sessions: sessionmaker[Session],
) -> None:
    command("files", "out")
    newer = base64.b64encode(bytes(range(1, 33))).decode()
    older = base64.b64encode(bytes(range(32))).decode()
    environment.setenv("QUXIANG_DATA_KEYS", f"k2:{newer},k1:{older}")
    assert command("keys", "rotate").status == 0
    with sessions() as session:
        names = session.scalars(select(StoredFile.object_name)).all()
    assert {name.split("/")[0] for name in names if name} == {"k2"}
    for name in names:
        assert host.objects[f"/evidence/{name}"].startswith(b"v2:k2:")


def test_check_tries_the_store(
    command: Quxiang, environment: pytest.MonkeyPatch, host: BucketHost
) -> None:
    assert command("check").facts["object store"] == "ok"
    assert host.objects == {}
    environment.setenv("QUXIANG_OBJECTS_SECRET", "another")
    said = command("check").facts["object store"]
    assert "SignatureDoesNotMatch" in said
    assert "QUXIANG_OBJECTS_URL" in said
