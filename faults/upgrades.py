"""A new version while pages are asked: two hosts for them, tables first, then host by host.

What only the next version knows is what earlier ones cannot show: a row with a kind of its own.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import cycle

import requests
from sqlalchemy import select
from typing_extensions import override

from faults.deployments import bring_migrations, migrate
from faults.oracle import Verdict
from faults.run import Run, Scenario
from faults.two_webs import WAY, TwoWebs, cannot_be_played
from faults.visitors import PATIENCE_SECONDS, SCHOOL, Crowd, each_confirmed_once
from registry.accounts.school_tables import School
from registry.record.contact_tables import ContactChange, ContactKind
from registry.record.tables import Graduate

LOOKERS, WRITERS = 4, 4
PAGES = ("/g/", "/g/contact", "/g/me", "/login")
PAUSE_SECONDS = 0.1
LEAST_LOOKS = 200


@dataclass
class Visitors(Crowd):
    """Some who look at pages all the time, and some who confirm, until all have."""

    over: threading.Event = field(default_factory=threading.Event)
    looks: int = 0

    @override
    def gather(self) -> None:
        super().gather()
        self._lookers = [self.tokens.get_nowait() for _ in range(LOOKERS)]

    @override
    def begin(self) -> None:
        looking = [threading.Thread(target=self._look, args=(each,)) for each in self._lookers]
        writing = [threading.Thread(target=self._visit_on) for _ in range(WRITERS)]
        self.threads = [*looking, *writing]
        for thread in self.threads:
            thread.start()

    def end(self) -> None:
        """Let those who look confirm, too, and wait for all."""
        self.over.set()
        for thread in self.threads:
            thread.join()
        for token in self._lookers:
            self.tokens.put(token)
        self._visit_on()

    def _look(self, token: str) -> None:
        with requests.Session() as browser:
            browser.cookies.set("quxiang", token)
            browser.headers["Connection"] = "close"  # nginx ends idle ones as it is told
            for page in cycle(PAGES):
                if self.over.is_set():
                    return
                self._open(browser, page)
                time.sleep(PAUSE_SECONDS)

    def _open(self, browser: requests.Session, page: str) -> None:
        try:
            shown = browser.get(f"{self.house.settings.public_url}{page}", timeout=PATIENCE_SECONDS)
            self.met[str(shown.status_code)] += 1
            self.looks += 1
        except requests.Timeout:
            self.met["late"] += 1
        except requests.RequestException:
            self.met["cut"] += 1


@contextmanager
def _visited(run: Run) -> Iterator[Visitors]:
    """Have pages asked all the while; hold each to having been answered."""
    visitors = Visitors(run.house)
    visitors.gather()
    visitors.begin()
    try:
        yield visitors
    finally:
        visitors.end()
    refused = {each: number for each, number in visitors.met.items() if each != "200"}
    run.hold(not refused, f"pages were refused: {refused} of {visitors.met.total()}")
    run.hold(visitors.looks >= LEAST_LOOKS, f"only {visitors.looks} pages were looked at")
    run.hold(not visitors.left, f"{len(visitors.left)} could not confirm")


def _write_of_a_new_kind(run: Run) -> None:
    """Write what the next version alone knows, of everybody: as its own processes would."""
    at = run.house.resources.clock()
    with run.house.resources.sessions.begin() as session:
        ours = select(Graduate).join(School).where(School.code == SCHOOL.code)
        for each in session.scalars(ours):
            session.add(
                ContactChange(
                    graduate_id=each.id,
                    school_id=each.school_id,
                    kind=ContactKind.IDENTITY,
                    made_by="staff:upgrade",
                    made_at=at,
                    waits_until=at,
                    notice_next_at=at,
                )
            )


def _upgrade(run: Run) -> None:
    if not isinstance(run.house, TwoWebs):
        raise TypeError("this run has one host for its pages")
    folder = bring_migrations(run, "faults_expand")
    run.reach(0.05, 0.1)
    with _visited(run):
        migrate(run, folder)
        run.sleep(1)
        for web in run.house.webs:
            run.house.replace_web(web)
            if web is run.house.webs[0]:
                _write_of_a_new_kind(run)
            run.sleep(2)
        for worker in run.house.workers:
            run.restart(worker)


def _each_started_twice(run: Run, verdict: Verdict) -> None:
    """Hold every host to its two starts, and each answer to being there once."""
    assert isinstance(run.house, TwoWebs)
    starts = {part.name: part.starts for part in (*run.house.webs, *run.house.workers)}
    verdict.hold(set(starts.values()) == {2}, f"the hosts were started so often: {starts}")
    each_confirmed_once(run, verdict)


UPGRADES = (
    Scenario(
        "upgrade",
        "a new version while pages are asked: two web hosts behind nginx, then two of workers",
        _upgrade,
        after=_each_started_twice,
        hosts=2,
        length=30.0,
        way=WAY,
        hindrance=cannot_be_played,
    ),
)
