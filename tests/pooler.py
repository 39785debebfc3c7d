"""pgbouncer between a test and its PostgreSQL, where it is installed."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from sqlalchemy import URL, make_url

from commands.ports import LOOPBACK, any_port
from tests.lacking import do_without
from tests.servers import START_SECONDS, database_owner, libpq_address

SETTINGS = """
[databases]
* = host={host} user={user}
[pgbouncer]
listen_addr = {loopback}
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = {mode}
default_pool_size = 20
"""


@contextmanager
def run_pgbouncer(folder: Path, server: str, mode: str) -> Iterator[str]:
    """Run pgbouncer before a database and give the address through it; without pgbouncer, skip."""
    program = shutil.which("pgbouncer") or shutil.which("/usr/sbin/pgbouncer")
    if program is None:
        do_without("pgbouncer is not installed (Debian: apt-get install pgbouncer)")
    behind, port, owner = make_url(server), any_port(), database_owner()
    written = folder / "pgbouncer.ini"
    host = behind.query.get("host", behind.host)
    values = {"host": host, "user": behind.username, "loopback": LOOPBACK}
    written.write_text(SETTINGS.format(**values, port=port, mode=mode))
    command = [str(program), "-q", "-u", owner.pw_name, str(written)]
    folder.chmod(0o755)
    with (folder / "pgbouncer.log").open("wb") as log:
        running = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        address = URL.create(
            "postgresql+psycopg",
            *("quxiang", None, LOOPBACK, port, behind.database),
        )
        _wait_for(address)
        yield address.render_as_string(hide_password=False)
    finally:
        running.kill()
        running.wait()


def _wait_for(address: URL) -> None:
    until = time.monotonic() + START_SECONDS
    while True:
        try:
            psycopg.connect(libpq_address(address), connect_timeout=2).close()
        except psycopg.OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
        else:
            return
