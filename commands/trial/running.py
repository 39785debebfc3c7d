"""Starting a whole trial and ending it: Valkey, sandbox, web, workers, tables, people."""

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import requests

from commands.answers import Refused
from commands.opening import opened_resources
from commands.ports import LOOPBACK, is_free
from commands.trial import children, home, people
from commands.trial.children import Child
from commands.trial.first_steps import steps
from commands.trial.home import Home
from commands.trial.private import owners_only
from runtime import schema
from runtime.resources import Resources
from runtime.settings import Settings
from sandbox.control import Control

START_SECONDS = 60.0
POLL_SECONDS = 0.1


@dataclass(frozen=True)
class Wish:
    """What is asked of a trial."""

    folder: Path
    port: int
    graduates: int
    quiet: Callable[[str], None]
    """Told what goes on while it starts."""


@dataclass(frozen=True)
class Trial:
    """A running trial."""

    home: Home
    settings: Settings
    sandbox_url: str
    people: people.People
    children: tuple[Child, ...]

    def ended(self) -> Child | None:
        """Return a process that ended by itself, if one did."""
        return next((each for each in self.children if each.process.poll() is not None), None)


@contextlib.contextmanager
def running(wish: Wish) -> Iterator[Trial]:
    """Run a trial; refuse (`port_taken`, `running`, `did_not_start`) in one line.

    Every process it started has ended afterwards, whatever happened.
    """
    place = Home(wish.folder.resolve())
    with owners_only(), home.locked(place):
        if not is_free(wish.port):
            raise Refused(
                "port_taken", f"Port {wish.port} is taken; choose another: make run PORT=8001"
            )
        started: list[Child] = []
        with children.valkey(place.valkey) as redis_url:
            try:
                yield _start(wish, place, redis_url, started)
            finally:
                children.end(started)


def _start(wish: Wish, place: Home, redis_url: str, started: list[Child]) -> Trial:
    settings, sandbox_port = home.write_settings(place, wish.port, redis_url)
    sandbox_url = f"http://{LOOPBACK}:{sandbox_port}"
    people.forget_half_made(place)
    with opened_resources(settings) as resources:
        schema.upgrade(resources.engine)
        stand_in = ["sandbox", "--port", str(sandbox_port), "--data", str(place.sandbox)]
        for name, arguments in (
            ("sandbox", stand_in),
            ("web", ["web", "--port", str(wish.port), "--processes", "1", "--threads", "16"]),
            ("worker", ["worker", "--processes", "1"]),
        ):
            started.append(children.start(name, arguments, place.logs))
        _wait_until_up(started[0], f"{sandbox_url}/control/settings")
        made = _people(wish, place, resources, sandbox_url)
    _wait_until_up(started[1], f"{settings.public_url}/healthz")
    with Control(sandbox_url) as control:
        control.configure(guide=steps(settings.public_url, made.account("qinghe")))
    return Trial(place, settings, sandbox_url, made, tuple(started))


def _people(wish: Wish, place: Home, resources: Resources, sandbox_url: str) -> people.People:
    if place.people_file.exists():
        return people.read(place)
    wish.quiet(f"Making up {wish.graduates:,} graduates of two schools …")
    with Control(sandbox_url) as control:
        return people.make(place, resources, control, wish.graduates)


def _wait_until_up(child: Child, url: str) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and child.process.poll() is None:
        try:
            if requests.get(url, timeout=2).ok:
                return
        except requests.RequestException:
            time.sleep(POLL_SECONDS)
    raise Refused(
        "did_not_start", f"The {child.name} did not start ({child.log}):\n{child.last_words()}"
    )
