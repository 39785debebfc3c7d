"""Files go into the object store and come back, and wherever it stops nothing is lost or left."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event, func, select, update
from sqlalchemy.orm import Session, sessionmaker
from typing_extensions import override

from registry.accounts.school_tables import School
from registry.base import files
from registry.base.clock import utc_now
from registry.base.crypto import Vault
from registry.base.file_tables import GoneObject, StoredFile
from registry.base.files import Incoming
from registry.base.objects import StoreAway, session_facts
from registry.upkeep import object_moves
from registry.upkeep.object_moves import GIVEN_UP, Mover
from runtime.object_store import Bucket
from tests.buckets import BucketHost, running_bucket

AT = datetime(2026, 6, 10, 2, 0, tzinfo=UTC)
LONG = AT + timedelta(days=1200)
CONTENT = "就业协议".encode() * 500
INDEX_KEY = b"of no use outside the tests here"
VAULT = Vault({"k1": bytes(range(32))}, INDEX_KEY)
NEWER = Vault({"k2": bytes(range(1, 33)), "k1": bytes(range(32))}, INDEX_KEY)


@pytest.fixture
def host() -> Iterator[BucketHost]:
    with running_bucket() as host:
        yield host


@pytest.fixture
def mover(host: BucketHost, sessions: sessionmaker[Session]) -> Mover:
    """Move files of sessions that know the store, as those of a process do."""
    bucket = Bucket(host.access, utc_now)
    sessions.configure(info=session_facts(bucket))
    return Mover(sessions, VAULT, bucket, lambda: AT)


@pytest.fixture
def ident(sessions: sessionmaker[Session]) -> int:
    """Keep a file that belongs into the store."""
    return kept(sessions, CONTENT, LONG)


def kept(sessions: sessionmaker[Session], content: bytes, until: datetime) -> int:
    with sessions.begin() as session:
        school_id = session.scalar(select(School.id))
        if school_id is None:
            school = School(code="10001", name="某某大学", created_at=AT)
            session.add(school)
            session.flush()
            school_id = school.id
        incoming = Incoming(school_id, "协议.pdf", "application/pdf", content)
        return files.store(session, VAULT, incoming, AT, until).id


def read(mover: Mover, ident: int, vault: Vault = VAULT) -> bytes | None:
    with mover.sessions() as session:
        school_id = session.scalars(select(School.id)).one()
        found = files.find(session, school_id, ident)
        return files.opened(vault, found) if found else None


def waiting(mover: Mover) -> list[int]:
    with mover.sessions() as session:
        return list(session.scalars(object_moves.waiting(AT)))


def bytes_in_database(mover: Mover, ident: int) -> int:
    with mover.sessions() as session:
        length = select(func.length(StoredFile.sealed)).where(StoredFile.id == ident)
        return int(session.scalars(length).one())


def later(mover: Mover) -> Mover:
    return Mover(mover.sessions, mover.vault, mover.store, lambda: AT + GIVEN_UP)


def test_a_file_reads_the_same_in_the_store_and_back(
    mover: Mover, host: BucketHost, ident: int
) -> None:
    assert mover.out(ident)
    assert (read(mover, ident), bytes_in_database(mover, ident)) == (CONTENT, 0)
    (sealed,) = host.objects.values()
    assert CONTENT[:12] not in sealed
    assert mover.back(ident)
    assert mover.delete_gone() == 1
    assert read(mover, ident) == CONTENT
    assert host.objects == {}


def test_only_what_is_kept_long_and_is_no_trifle_goes(mover: Mover, ident: int) -> None:
    kept(mover.sessions, CONTENT, AT + timedelta(days=7))
    kept(mover.sessions, b"short", LONG)
    assert waiting(mover) == [ident]
    mover.out(ident)
    assert waiting(mover) == []


def test_a_store_that_is_away_leaves_the_file_where_it_was(
    mover: Mover, host: BucketHost, ident: int
) -> None:
    host.refuses = True
    with pytest.raises(StoreAway):
        mover.out(ident)
    assert read(mover, ident) == CONTENT
    host.refuses = False
    assert mover.out(ident)
    assert later(mover).delete_gone() == 1  # the name of the first try
    assert read(mover, ident) == CONTENT


def test_a_file_there_says_that_the_store_is_away_and_is_not_gone(
    mover: Mover, host: BucketHost, ident: int
) -> None:
    mover.out(ident)
    host.refuses = True
    with pytest.raises(StoreAway, match="文件没有丢失"):
        read(mover, ident)
    mover.sessions.configure(info=session_facts(None))
    with pytest.raises(StoreAway):
        read(mover, ident)


def test_what_is_deleted_goes_in_the_store_too(mover: Mover, host: BucketHost, ident: int) -> None:
    mover.out(ident)
    with mover.sessions.begin() as session:
        assert files.sweep_expired(session, LONG) == 1
    host.refuses = True
    with pytest.raises(StoreAway):
        mover.delete_gone()
    host.refuses = False
    assert mover.delete_gone() == 1
    assert host.objects == {}
    assert mover.delete_gone() == 0


def test_a_file_that_is_deleted_while_it_goes_leaves_nothing(
    mover: Mover, host: BucketHost, ident: int
) -> None:
    class Meanwhile(Bucket):
        @override
        def put(self, name: str, content: bytes) -> None:
            super().put(name, content)
            with mover.sessions.begin() as session:
                files.forget(session, StoredFile.id == ident)

    slow = Mover(mover.sessions, VAULT, Meanwhile(host.access, utc_now), lambda: AT)
    assert not slow.out(ident)
    assert mover.delete_gone() == 1
    assert host.objects == {}


def test_a_move_that_took_too_long_is_given_up(mover: Mover, host: BucketHost, ident: int) -> None:
    class Frozen(Bucket):
        @override
        def put(self, name: str, content: bytes) -> None:
            super().put(name, content)
            assert later(mover).delete_gone() == 1

    assert not Mover(mover.sessions, VAULT, Frozen(host.access, utc_now), lambda: AT).out(ident)
    assert host.objects == {}
    assert read(mover, ident) == CONTENT


def test_a_file_sealed_again_meanwhile_is_not_lost(
    mover: Mover, host: BucketHost, ident: int
) -> None:
    class Rotated(Bucket):
        @override
        def put(self, name: str, content: bytes) -> None:
            super().put(name, content)
            with mover.sessions.begin() as session:
                key = session.scalars(select(StoredFile.key)).one()
                again = NEWER.seal_bytes(files.PURPOSE, key, CONTENT)
                session.execute(update(StoredFile).values(sealed=again))

    assert not Mover(mover.sessions, VAULT, Rotated(host.access, utc_now), lambda: AT).out(ident)
    assert read(mover, ident, NEWER) == CONTENT
    assert mover.delete_gone() == 1


def test_a_new_key_takes_over_in_the_store(mover: Mover, host: BucketHost, ident: int) -> None:
    mover.out(ident)
    newer = Mover(mover.sessions, NEWER, mover.store, lambda: AT)
    with mover.sessions() as session:
        assert session.scalars(object_moves.sealed_otherwise(NEWER)).all() == [ident]
    assert newer.seal_again(ident)
    alone = Vault({"k2": bytes(range(1, 33))}, INDEX_KEY)
    assert read(mover, ident, alone) == CONTENT
    assert newer.delete_gone() == 1
    assert len(host.objects) == 1
    with mover.sessions() as session:
        assert session.scalars(object_moves.sealed_otherwise(NEWER)).all() == []
        assert session.scalars(select(GoneObject)).all() == []


def test_an_object_that_somebody_deleted_is_a_file_that_is_gone(
    mover: Mover, host: BucketHost, ident: int
) -> None:
    mover.out(ident)
    host.objects.clear()
    assert read(mover, ident) is None


def test_what_answers_200_to_anything_gets_no_file_and_brings_none_back(
    mover: Mover, host: BucketHost, ident: int
) -> None:
    host.says_nothing = True
    with pytest.raises(StoreAway):
        mover.out(ident)
    assert read(mover, ident) == CONTENT
    host.says_nothing = False
    mover.out(ident)
    host.says_nothing = True
    assert not mover.back(ident)
    host.says_nothing = False
    mover.delete_gone()
    assert read(mover, ident) == CONTENT


def test_a_move_begun_long_after_the_first_has_its_hour_too(
    mover: Mover, host: BucketHost, ident: int
) -> None:
    times = [AT]

    class Watched(Bucket):
        @override
        def put(self, name: str, content: bytes) -> None:
            super().put(name, content)
            at = times[0]
            assert Mover(mover.sessions, VAULT, mover.store, lambda: at).delete_gone() == 0

    long = Mover(mover.sessions, VAULT, Watched(host.access, utc_now), lambda: times[0])
    times[0] += 2 * GIVEN_UP
    assert long.out(ident)
    assert read(mover, ident) == CONTENT


def test_what_is_put_after_it_was_given_up_goes_too(
    mover: Mover, host: BucketHost, ident: int
) -> None:
    class Late(Bucket):
        @override
        def put(self, name: str, content: bytes) -> None:
            assert later(mover).delete_gone() == 1
            super().put(name, content)

    assert not Mover(mover.sessions, VAULT, Late(host.access, utc_now), lambda: AT).out(ident)
    assert mover.delete_gone() == 1
    assert host.objects == {}


def test_a_file_that_moved_just_before_it_was_deleted_goes_in_the_store_too(
    mover: Mover, host: BucketHost, ident: int
) -> None:
    with mover.sessions.begin() as session:
        if session.get_bind().dialect.name == "sqlite":
            pytest.skip("one writes at a time there")
        said: list[bool] = []

        def meanwhile(*args: object) -> None:
            if str(args[2]).startswith("DELETE FROM stored_file") and not said:
                said.append(mover.out(ident))

        event.listen(session.connection(), "before_cursor_execute", meanwhile)
        assert files.forget(session, StoredFile.id == ident) == 1
    assert said == [True]
    assert mover.delete_gone() == 1
    assert host.objects == {}


def test_a_slow_store_is_asked_to_delete_for_a_while_and_the_rest_waits(
    mover: Mover, host: BucketHost
) -> None:
    idents = [kept(mover.sessions, CONTENT, LONG) for _ in range(3)]
    for each in idents:
        mover.out(each)
        mover.back(each)
    assert mover.delete_gone(until=time.monotonic() - 1) == 1
    assert len(host.objects) == 2
    assert mover.delete_gone() == 2
    assert host.objects == {}
