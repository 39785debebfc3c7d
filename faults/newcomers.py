"""People who bind themselves, by WeChat's login and a code by text, while the web is killed."""

import signal
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import requests
from sqlalchemy import func, select

from commands.story.visitor import Visitor
from faults import people
from faults.house import House
from faults.run import Run, Scenario
from notifier.ledger.tables import Binding
from registry.accounts.school_tables import School
from registry.accounts.tables import AuditEntry
from registry.codes.identity import IDENTITY, PHONE
from registry.population import create
from registry.population.create import NewSchool, PopulationSize
from registry.record.tables import Graduate
from sandbox.control import SmsRecord

SCHOOL = NewSchool("99003", "新泉大学")
NEWCOMERS = 60
KILLS = 3
TRIES = 60
TEXT_SECONDS = 8.0
PAUSE_SECONDS = 2.0
ANOTHER_CODE = "/g/bind"
WAYS = ("/g/bind/code", ANOTHER_CODE)
"""Where she goes by turns: the code she has may still be good, or she needs another."""
HOME = "/g/"
"""Where whoever is bound is led, by the page that binds too."""
CODE, BIND, CODE_SENT = "获取", "同意并绑定", "短信验证码已发送"
SMS_SETTINGS = {
    f"SMS_{name}": "made-up"
    for name in ("SECRET_ID", "SECRET_KEY", "APP_ID", "SIGN_NAME", "TEMPLATE_ID")
}


@dataclass
class Newcomer:
    """A graduate with a phone and a WeChat who is not bound yet."""

    graduate_id: int
    name: str
    identity_number: str
    number: str
    openid: str = ""
    told: bool = False
    """Whether a page said to her that she is bound."""


@dataclass
class Arrivals:
    """All of them, each in a browser of her own, however often it takes."""

    house: House
    newcomers: list[Newcomer] = field(default_factory=list)
    met: Counter[str] = field(default_factory=Counter)
    """What pages came to: a status, or `cut` for none."""
    threads: list[threading.Thread] = field(default_factory=list)

    def gather(self) -> None:
        """Make the people, and give each a phone."""
        resources, vault = self.house.resources, self.house.resources.vault
        wanted = PopulationSize(people.YEAR, NEWCOMERS)
        create.create(resources.sessions, vault, SCHOOL, wanted, resources.clock())
        with resources.readers.begin() as session:
            ours = select(Graduate).join(School).where(School.code == SCHOOL.code)
            for each in session.scalars(ours.order_by(Graduate.id)):
                number = vault.open(IDENTITY, each.id, each.identity_sealed)
                phone = vault.open(PHONE, each.id, each.phone_sealed or "")
                self.newcomers.append(Newcomer(each.id, each.name, number, phone))
        phones = [{"label": each.name, "number": each.number} for each in self.newcomers]
        openids = self.house.control.add_phones(phones)
        for newcomer, openid in zip(self.newcomers, openids, strict=True):
            newcomer.openid = openid

    def begin(self) -> None:
        """Let them all come."""
        self.threads = [
            threading.Thread(target=self._come, args=(each,)) for each in self.newcomers
        ]
        for thread in self.threads:
            thread.start()

    @property
    def busy(self) -> bool:
        """Say whether somebody is still at it."""
        return any(thread.is_alive() for thread in self.threads)

    def _come(self, newcomer: Newcomer) -> None:
        browser = Visitor(self.house.settings.wechat_open_url)
        browser.open(f"/phone/{newcomer.openid}")
        for turn in range(TRIES):
            try:
                newcomer.told = self._bind(browser, newcomer, WAYS[turn % len(WAYS)])
            except requests.RequestException:
                self.met["cut"] += 1
            if newcomer.told:
                return
            time.sleep(PAUSE_SECONDS)

    def _bind(self, browser: Visitor, newcomer: Newcomer, way: str) -> bool:
        """Do what the page asks for, as a person would again after an error."""
        self._note(browser.open(f"{self.house.settings.public_url}{way}"))
        asked = CODE_SENT in browser.page.text
        if any(form.says(CODE) for form in browser.page.forms) and (
            not asked or way == ANOTHER_CODE
        ):
            before = len(self._texts_of(newcomer))
            names = {"name": newcomer.name, "identity_number": newcomer.identity_number}
            self._note(browser.press(CODE, **names))
            if browser.status == requests.codes.ok:
                self._await_text(newcomer, before)
        texts = self._texts_of(newcomer)
        if texts and any(form.says(BIND) for form in browser.page.forms):
            self._note(browser.press(BIND, code=texts[-1]["params"][0]))
        return browser.status == requests.codes.ok and urlsplit(browser.address).path == HOME

    def _note(self, browser: Visitor) -> None:
        self.met[str(browser.status)] += 1

    def _texts_of(self, newcomer: Newcomer) -> list[SmsRecord]:
        return self.house.control.sms(newcomer.number)

    def _await_text(self, newcomer: Newcomer, before: int) -> None:
        until = time.monotonic() + TEXT_SECONDS
        while len(self._texts_of(newcomer)) == before and time.monotonic() < until:
            time.sleep(0.2)


def _bind_meanwhile(run: Run) -> None:
    arrivals = Arrivals(run.house)
    arrivals.gather()
    run.reach(0.02, 0.1)
    arrivals.begin()
    for _ in range(KILLS):
        run.sleep(run.chance.uniform(0.3, 2.5))
        run.house.web.send_all(signal.SIGKILL)
    run.wait_for(lambda: not arrivals.busy, "everybody has bound herself", 90, arrivals.met.total)
    untold = [each for each in arrivals.newcomers if not each.told]
    run.hold(not untold, f"{len(untold)} were not told that they are bound: {arrivals.met}")
    errors = {status for status in arrivals.met if status.startswith("5")}
    run.hold(not errors, f"errors were shown: { {each: arrivals.met[each] for each in errors} }")
    run.hold(arrivals.met["cut"] > 0, "no request was cut off")
    _hold_to_what_was_told(run, arrivals.newcomers)


def _hold_to_what_was_told(run: Run, newcomers: Sequence[Newcomer]) -> None:
    """Hold the record to one binding each, and to one line for it in the audit log."""
    with run.house.resources.readers.begin() as session:
        ours = select(Graduate.id).join(School).where(School.code == SCHOOL.code)
        bindings = session.scalars(select(Binding).where(Binding.graduate_id.in_(ours))).all()
        noted = session.scalar(
            select(func.count())
            .select_from(AuditEntry)
            .join(School, School.id == AuditEntry.school_id)
            .where(School.code == SCHOOL.code, AuditEntry.action == "bound")
        )
    made = Counter((each.openid, each.graduate_id) for each in bindings if not each.ended_at)
    wanted = Counter((each.openid, each.graduate_id) for each in newcomers)
    run.hold(made == wanted, f"{made.total()} bindings of {len(made)} people are in force")
    run.hold(len(bindings) == len(newcomers), f"{len(bindings)} bindings were made")
    run.hold(noted == len(newcomers), f"{noted} bindings were noted")


ARRIVALS = (
    Scenario(
        "kill_web_binding",
        "kill -9 of the web as 60 people bind themselves, three times",
        _bind_meanwhile,
        settings=SMS_SETTINGS,
    ),
)
