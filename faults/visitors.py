"""Faults of the web while people write: killed in the middle of requests, and fifty at once."""

import re
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue

import requests
from sqlalchemy import func, select

from faults import people
from faults.house import House
from faults.oracle import Verdict
from faults.run import Run, Scenario, nothing
from notifier.ledger.tables import Binding
from registry.accounts import sessions
from registry.accounts.school_tables import School
from registry.accounts.sessions import Identity
from registry.population.create import NewSchool
from registry.record.confirmation.states import ConfirmationState
from registry.record.tables import Answer, Confirmation, Graduate

SCHOOL = NewSchool("99002", "远山大学")
VISITORS = 50
VISITS = 600
KILLS = 3
PATIENCE_SECONDS = 20
PERSISTENCE_SECONDS = 60  # how long a person tries again, however slowly the web comes back
_HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')


@dataclass
class Crowd:
    """Graduates of another school who confirm in fifty browsers, however often it takes."""

    house: House
    tokens: SimpleQueue[str] = field(default_factory=SimpleQueue)
    met: Counter[str] = field(default_factory=Counter)
    """What requests came to: a status, `late` for none in time, or `cut`."""
    left: list[str] = field(default_factory=list)
    """Sessions of those who gave up."""
    threads: list[threading.Thread] = field(default_factory=list)
    persistence: float = PERSISTENCE_SECONDS

    def gather(self) -> None:
        """Make the people and sign each in."""
        people.add_school(self.house, SCHOOL, VISITS)
        self.sign_in(SCHOOL)

    def sign_in(self, school: NewSchool) -> None:
        """Sign the people of a school in."""
        at = self.house.resources.clock()
        with self.house.resources.sessions.begin() as session:
            bound = session.execute(
                select(Binding.openid, Graduate.id)
                .join(Graduate, Graduate.id == Binding.graduate_id)
                .join(School, School.id == Graduate.school_id)
                .where(School.code == school.code)
            ).all()
            for openid, graduate_id in bound:
                token = sessions.new_token()
                who = Identity(graduate_id=graduate_id, openid=openid)
                sessions.start(session, token, who, {}, at)
                self.tokens.put(token)

    def begin(self) -> None:
        """Let them come, fifty at a time."""
        self.threads = [threading.Thread(target=self._visit_on) for _ in range(VISITORS)]
        for thread in self.threads:
            thread.start()

    def confirm_all(self) -> None:
        """Let them come, and wait until all have been."""
        self.begin()
        for thread in self.threads:
            thread.join()

    @property
    def busy(self) -> bool:
        """Say whether somebody is still at it."""
        return any(thread.is_alive() for thread in self.threads)

    def _visit_on(self) -> None:
        while True:
            try:
                token = self.tokens.get_nowait()
            except Empty:
                return
            until = time.monotonic() + self.persistence
            while not self._confirmed(token):
                if time.monotonic() > until:
                    self.left.append(token)
                    break

    def _confirmed(self, token: str) -> bool:
        """Open the page and say that all is right, as a person would again after an error."""
        page = f"{self.house.settings.public_url}/g/confirmation"
        with requests.Session() as browser:
            browser.cookies.set("quxiang", token)
            browser.headers["Connection"] = "close"  # an idle one may end as she writes
            try:
                shown = browser.get(page, timeout=PATIENCE_SECONDS)
                self.met[str(shown.status_code)] += 1
                if 'name="version"' not in shown.text:  # her answer was kept, and not heard of
                    return shown.ok
                hidden = dict(_HIDDEN.findall(shown.text))
                said = browser.post(
                    page, {**hidden, "answer": Answer.CORRECT}, timeout=PATIENCE_SECONDS
                )
                self.met[str(said.status_code)] += 1
            except requests.Timeout:  # a slow machine is no fault
                self.met["late"] += 1
                return False
            except requests.RequestException:
                self.met["cut"] += 1
                time.sleep(0.3)
                return False
        return said.ok


def confirm_in_a_crowd(
    run: Run, meanwhile: Callable[[Run], None] = nothing, *, cut: bool = False
) -> None:
    """Let 50 confirm at a time until all have; no error is shown, but that some are `cut` off."""
    crowd = Crowd(run.house)
    crowd.gather()
    run.reach(0.02, 0.1)
    crowd.begin()
    meanwhile(run)
    run.wait_for(lambda: not crowd.busy, "everybody has confirmed", 90, crowd.met.total)
    run.hold(not crowd.left, f"{len(crowd.left)} could not confirm")
    errors = {status for status in crowd.met if status.startswith("5")}
    run.hold(not errors, f"errors were shown: { {each: crowd.met[each] for each in errors} }")
    run.hold(cut == bool(crowd.met["cut"]), f"{crowd.met['cut']} requests were cut off")


def _kill_the_web(run: Run) -> None:
    for _ in range(KILLS):
        run.sleep(run.chance.uniform(0.8, 2.0))
        run.house.web.send_all(signal.SIGKILL)


def each_confirmed_once(run: Run, verdict: Verdict) -> None:
    """Hold each answer to being there whole, and once."""
    with run.house.resources.readers.begin() as session:
        ours = select(School.id).where(School.code == SCHOOL.code).scalar_subquery()
        confirmed = session.scalar(
            select(func.count()).where(
                Graduate.school_id == ours, Graduate.confirmation == ConfirmationState.CONFIRMED
            )
        )
        kept = session.execute(
            select(func.count(), func.count(Confirmation.graduate_id.distinct()))
            .join(Graduate, Graduate.id == Confirmation.graduate_id)
            .where(Graduate.school_id == ours)
        ).one()
    verdict.hold(confirmed == VISITS, f"{confirmed} of {VISITS} are confirmed")
    verdict.hold(tuple(kept) == (VISITS, VISITS), f"{kept[0]} answers of {kept[1]} people are kept")


VISITS_PAID = (
    Scenario(
        "crowd",
        "50 writers at once: 600 people confirm while a campaign runs",
        confirm_in_a_crowd,
        after=each_confirmed_once,
    ),
    Scenario(
        "kill_web_writing",
        "kill -9 of the web under 50 writers, three times",
        lambda run: confirm_in_a_crowd(run, _kill_the_web, cut=True),
        after=each_confirmed_once,
    ),
)
