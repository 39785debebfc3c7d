"""Plays scenarios: builds the house, starts the campaign, lets the fault strike, asks."""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from random import Random

from sqlalchemy import URL

from faults import people
from faults.disks import mount_small_disk, unmount
from faults.faketime import Clock
from faults.house import House, Plan, shorten_promise
from faults.oracle import Verdict, judge
from faults.postgresql import Postgresql
from faults.run import Run, Scenario, Stuck, settle_receipts
from faults.several_hosts import SeveralHosts
from faults.start import POISONED
from faults.two_webs import WAY as TWO_WEBS
from faults.two_webs import TwoWebs
from tests.databases import DatabaseMaker, SqliteFolder

LEAST_RATE = 20.0  # messages a second


@dataclass(frozen=True)
class Wish:
    """How large the runs are, and what is kept of them."""

    recipients: int = 2000
    short: bool = False
    """With the short windows of faults.start in every run."""
    keep: bool = False
    """Leave the folders of broken runs."""


@dataclass(frozen=True)
class Played:
    """One run and what came of it."""

    name: str
    what: str
    seed: int
    verdict: Verdict
    recovered: float = 0.0
    """Seconds from the end of the fault to the end of the campaign."""
    folder: Path | None = None


class Stage:
    """What runs share: the servers of databases, each with one made-up school to copy."""

    def __init__(self, wish: Wish, folder: Path) -> None:
        """Start nothing yet."""
        self.wish = wish
        self.folder = folder
        self._disk = folder / "disk"
        self._templates: dict[str, URL] = {}

    @cached_property
    def postgresql(self) -> Postgresql:
        """Start the PostgreSQL of all ordinary runs."""
        server = Postgresql(self.folder / "postgresql")
        server.start()
        return server

    @cached_property
    def small_disk(self) -> Postgresql:
        """Start a PostgreSQL on a disk of its own that is soon full."""
        mount_small_disk(self._disk)
        server = Postgresql(self._disk, tiny=True)
        server.start()
        return server

    @cached_property
    def set_apart(self) -> Postgresql:
        """Start a PostgreSQL with a clock of its own."""
        clock = Clock(self.folder / "postgresql-clock")
        server = Postgresql(self.folder / "apart", clock=clock)
        server.start()
        return server

    @cached_property
    def sqlite(self) -> SqliteFolder:
        """Make a folder for SQLite's files."""
        place = self.folder / "sqlite"
        place.mkdir()
        return SqliteFolder(place)

    def server(self, kind: str) -> Postgresql | None:
        """Return the server of a kind of database; SQLite has none."""
        if kind == "sqlite":
            return None
        servers = {"tmpfs": "small_disk", "faketime": "set_apart"}
        server: Postgresql = getattr(self, servers.get(kind, "postgresql"))
        return server

    def copy(self, kind: str) -> URL:
        """Return a fresh database with its people."""
        maker: DatabaseMaker = self.server(kind) or self.sqlite
        if kind == "faketime":
            self.set_apart.clock.set(0)
        if kind not in self._templates:
            self._templates[kind] = people.make_template(maker, self.wish.recipients)
        return maker.make(self._templates[kind])

    def close(self) -> None:
        """End the servers, and give the small disk back."""
        for started in vars(self).values():
            if isinstance(started, Postgresql):
                started.part.end()
        unmount(self._disk)


@contextmanager
def open_stage(wish: Wish) -> Iterator[Stage]:
    """Open a stage in a folder that is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="quxiang-faults-"))
    folder.chmod(0o755)
    stage = Stage(wish, folder)
    try:
        yield stage
    finally:
        stage.close()
        if not any(folder.glob("run-*")):
            shutil.rmtree(folder)


def play(stage: Stage, scenario: Scenario, seed: int) -> Played:
    """Play one run of a scenario."""
    folder = stage.folder / f"run-{scenario.name}-{seed}"
    folder.mkdir()
    keep = stage.wish.keep
    try:
        with _house(stage, scenario, seed, folder) as house:
            played = _play(stage.wish, house, scenario, seed, folder)
        keep = keep and bool(played.verdict.complaints)
    finally:
        if not keep:
            shutil.rmtree(folder)
    return played


@contextmanager
def _house(stage: Stage, scenario: Scenario, seed: int, folder: Path) -> Iterator[House]:
    postgresql = stage.server(scenario.database)
    url = stage.copy(scenario.database)
    short = ("short_windows",) if stage.wish.short else ()
    plan = Plan(
        database_url=url.render_as_string(hide_password=False),
        rate=max(LEAST_RATE, stage.wish.recipients / scenario.length),
        hosts=scenario.hosts,
        settings=scenario.settings,
        changes=tuple(dict.fromkeys((*short, *scenario.changes))),
        clock=scenario.clock,
        small_disk=scenario.small_disk,
        seed=seed,
        way=scenario.way,
        synchronous=scenario.synchronous,
    )
    house: House
    if plan.way == TWO_WEBS:
        house = TwoWebs(plan, folder, postgresql)
    elif plan.way:
        house = SeveralHosts(plan, folder, stage.postgresql)
    else:
        house = House(plan, folder, postgresql)
    try:
        yield house
    finally:
        house.end()


def _play(wish: Wish, house: House, scenario: Scenario, seed: int, folder: Path) -> Played:
    house.start_servers()
    shorten_promise(house)
    openids = people.give_phones(house)
    chance = Random(f"{scenario.name}:{seed}")  # noqa: S311 - repeatable, not secret
    for part in (house.web, *house.workers):
        part.more[POISONED] = openids[len(openids) // 2]
    house.start_service()
    run = Run(house, chance, people.start_campaign(house), wish.recipients, openids)
    stuck = ""
    calm = time.monotonic()
    try:
        scenario.act(run)
        calm = time.monotonic()
        run.wait_for(run.is_over, "the campaign is finished", scenario.seconds, moving=run.taken)
    except Stuck as error:
        stuck = str(error)
    recovered = time.monotonic() - calm
    settle_receipts(run)
    verdict = judge(house, {run.key: wish.recipients, **run.also}, run.allowed)
    verdict.complaints += [*run.complaints, *([stuck] if stuck else [])]
    scenario.after(run, verdict)
    return Played(scenario.name, scenario.what, seed, verdict, recovered, folder)


def forget_settings() -> None:
    """Take every setting out of the environment: the suite breaks what it is pointed at."""
    for name in [name for name in os.environ if name.startswith("QUXIANG_")]:
        del os.environ[name]
