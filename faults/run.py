"""One run: a campaign starts, a fault strikes, and the ledger comes to its end by itself."""

import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Literal

import requests
from sqlalchemy import func, select, update
from sqlalchemy.exc import SQLAlchemyError

from faults import people
from faults.house import House
from faults.oracle import Allowed, Verdict
from faults.parts import Part
from notifier.campaigns import campaigns
from notifier.delivery import circuit_breaker
from notifier.ledger import states
from notifier.ledger.tables import Account, Campaign, Message, StoredPush
from registry.base.clock import utc_now
from registry.population.create import NewSchool

LOOK_SECONDS = 0.1
PROGRESS_SECONDS = 90.0
RECEIPTS_SECONDS = 25.0
END_SECONDS = 30.0
SILENT_SECONDS = 10.0
MOST_SILENCE = 10.0
SEND = "/cgi-bin/message/template/send"
AMBIGUOUS = frozenset(
    {
        *("hang", "drip", "drop", "reset", "status"),
        *("html", "empty", "object", "array", "truncated"),
    }
)
AMBIGUOUS_CODES = frozenset({-1, 40241})


class Stuck(Exception):
    """A run that did not come where it should, in a time that is more than enough."""


def _standing_still() -> None:
    """Return the same at every look."""


@dataclass
class Run:
    """A campaign that is under way, and what may be done to it."""

    house: House
    chance: Random
    key: str
    recipients: int
    openids: Sequence[str]
    allowed: Allowed = field(default_factory=Allowed)
    complaints: list[str] = field(default_factory=list)
    hits: int = 0
    """How often the last misbehaviour struck."""
    also: dict[str, int] = field(default_factory=dict)
    """Other campaigns that were started, and how many recipients each has."""

    # Waiting

    def sleep(self, seconds: float) -> None:
        """Let it run, dead parts being started again."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.house.tend()
            time.sleep(min(LOOK_SECONDS, max(0.0, until - time.monotonic())))

    def wait_for(
        self,
        holds: Callable[[], bool],
        what: str,
        seconds: float,
        moving: Callable[[], object] = _standing_still,
    ) -> None:
        """Let it run until something holds; raises Stuck.

        While what `moving` returns goes on changing, a slow machine may take longer.
        """
        last, until = moving(), time.monotonic() + seconds
        while not holds():
            if (seen := moving()) != last:
                last, until = seen, time.monotonic() + seconds
            if time.monotonic() > until:
                raise Stuck(f"after {seconds:.0f} s still not: {what}")
            self.sleep(LOOK_SECONDS)

    def reach(self, low: float, high: float) -> None:
        """Let it run until a share of the recipients, drawn between two, has been taken."""
        share = self.chance.uniform(low, high)
        self.wait_for(
            lambda: self.taken() >= share * self.recipients,
            f"{share:.0%} of {self.recipients} taken",
            PROGRESS_SECONDS,
            moving=self.taken,
        )

    def taken(self) -> int:
        """Return how many messages the platform has taken."""
        try:
            return self.house.control.counts(openid="-")["totals"]["accepted"]
        except requests.RequestException:  # the sandbox is being restarted
            return 0

    def restart(self, host: Part) -> None:
        """End a host as a deployment does, and start it again."""
        host.leave_down()
        host.send(signal.SIGTERM)
        self.wait_for(lambda: not host.alive, f"{host.name} has ended", END_SECONDS)
        host.start()

    # Looking

    def count(self, *wanted: states.MessageState) -> int:
        """Return how many messages of the campaign are in one of these states."""
        with self.house.resources.readers() as session:
            mine = (
                select(func.count())
                .select_from(Message)
                .join(Campaign, Campaign.id == Message.campaign_id)
            )
            where = (Campaign.key == self.key, Message.state.in_(wanted))
            return session.scalar(mine.where(*where)) or 0

    def reasons(self, state: states.MessageState) -> set[str]:
        """Return why messages of the campaign are in a state."""
        with self.house.resources.readers() as session:
            mine = select(Message.reason).join(Campaign, Campaign.id == Message.campaign_id)
            return set(
                session.scalars(mine.where(Campaign.key == self.key, Message.state == state))
            )

    def state(self, key: str = "") -> str:
        """Return the state of the campaign, or of another."""
        wanted = select(Campaign.state).where(Campaign.key == (key or self.key))
        with self.house.resources.readers() as session:
            return session.scalars(wanted).one()

    def is_finished(self, key: str) -> bool:
        """Say whether a campaign is finished."""
        return self.state(key) == states.CampaignState.FINISHED

    def is_over(self) -> bool:
        """Say whether nothing is left to send; while the database is away, no."""
        try:
            return self.state() == states.CampaignState.FINISHED and not self.count(
                *states.OPEN_MESSAGES
            )
        except SQLAlchemyError:
            return False

    def sends(self) -> int:
        """Return how often a message was tried to be sent."""
        return self.house.control.counts(openid="-")["totals"]["sends"]

    def paused(self) -> str | None:
        """Return why the account is paused; None while it is not."""
        with self.house.resources.readers() as session:
            return session.scalar(select(Account.pause_reason))

    # Acting as an operator

    def start_also(self, school: NewSchool, recipients: int) -> str:
        """Start a campaign of another school; return its key."""
        key = people.start_campaign(self.house, school)
        self.also[key] = recipients
        return key

    def resume_account(self) -> None:
        """Let the account send again."""
        with self.house.resources.sessions.begin() as session:
            circuit_breaker.resume_account(
                session, self.house.settings, self.house.resources.clock()
            )

    def resume_campaign(self) -> None:
        """Let the campaign go on."""
        with self.house.resources.sessions.begin() as session:
            campaign = session.scalars(select(Campaign).where(Campaign.key == self.key)).one()
            campaigns.resume(session, campaigns.scope_of(campaign), self.key, at=utc_now())

    def pass_midnight(self) -> None:
        """Let what waits until midnight have waited: of account and campaigns."""
        with self.house.resources.sessions.begin() as session:
            now = self.house.resources.clock()
            session.execute(update(Account).values(paused_until=now))
            waiting = Campaign.state == states.CampaignState.WAITING
            session.execute(update(Campaign).where(waiting).values(wait_until=now))

    # Accounting

    def hold(self, holds: bool, otherwise: str) -> None:  # noqa: FBT001 - the thing held
        """Complain in the verdict unless it holds."""
        if not holds:
            self.complaints.append(otherwise)

    def hold_silent(self, how: str, *, in_flight: float = 3.0) -> None:
        """Hold that no calls are made, once those have ended that were in flight (seconds)."""
        self.sleep(in_flight)
        sends = self.sends()
        self.sleep(SILENT_SECONDS)
        made = self.sends() - sends
        self.hold(made == 0, f"{made} calls were made {how}")

    def note_in_flight(self) -> None:
        """Allow what was claimed just now to become unknown: the crash may have cost its answer."""
        self.allowed.unsure += self.count(states.MessageState.SENDING)

    @contextmanager
    def spoilt(self, behaviour: str, **order: object) -> Iterator[None]:
        """Have the platform misbehave meanwhile; ambiguous answers are counted as such."""
        control = self.house.control
        number = control.fault(behaviour, path=SEND, **order)
        try:
            yield
        finally:
            hits = sum(int(each["hits"]) for each in control.clear_faults(number))
            ambiguous = behaviour in AMBIGUOUS or (
                behaviour == "errcode" and order.get("errcode", -1) in AMBIGUOUS_CODES
            )
            self.allowed.unsure += hits if ambiguous else 0
            self.hits = hits

    def struck(self, number: int) -> int:
        """Return how often an order to misbehave was followed."""
        standing = self.house.control.faults()
        return next(int(each["hits"]) for each in standing if each["id"] == number)


def settle_receipts(run: Run) -> None:
    """Let the last receipts come in and be taken in; some never do, through no fault of ours."""

    def nothing_comes() -> bool:
        pending = run.house.control.counts(openid="-")["pushes"]["pending"]
        return pending == 0 and (not run.count(states.MessageState.ACCEPTED) or _nothing_open(run))

    until = time.monotonic() + RECEIPTS_SECONDS
    while time.monotonic() < until and not nothing_comes():
        run.sleep(LOOK_SECONDS)


def _nothing_open(run: Run) -> bool:
    with run.house.resources.readers() as session:
        waiting = select(func.count()).select_from(StoredPush).where(StoredPush.done_at.is_(None))
        return not session.scalar(waiting)


def nothing(_run: Run) -> None:
    """Do nothing."""


def no_more(_run: Run, _verdict: Verdict) -> None:
    """Ask for nothing more."""


def soon_enough(_run: Run, verdict: Verdict) -> None:
    """Ask that nobody waited long for the next message, whatever happened."""
    verdict.hold(verdict.silence <= MOST_SILENCE, f"{verdict.silence:.0f} s without a message")


def possible() -> str:
    """Return no reason against a run."""
    return ""


@dataclass(frozen=True)
class Scenario:
    """A fault: what is done while a campaign runs, and what must come of it."""

    name: str
    what: str
    act: Callable[[Run], None]
    after: Callable[[Run, Verdict], None] = no_more
    database: Literal["postgresql", "sqlite", "tmpfs", "faketime"] = "postgresql"
    hosts: int = 1
    settings: Mapping[str, str] = field(default_factory=dict)
    changes: Sequence[str] = ()
    clock: bool = False
    """Whether web and workers run under libfaketime."""
    small_disk: bool = False
    """Whether logs, passing files and what Valkey keeps are on a disk that is soon full."""
    alone: bool = False
    """Whether nothing else may be played beside it: how long something takes decides."""
    group: str = ""
    """By what else than its name it is asked for."""
    way: str = ""
    """How PostgreSQL is reached, where it has hosts of its own; empty where all is on one."""
    synchronous: bool = True
    """Whether a commit waits for the standby, where there is one."""
    length: float = 10.0
    """Seconds that the campaign takes if nothing happens: the rate limit is set so."""
    seconds: float = 120
    """How long it may take from the end of the fault to the end of the campaign."""
    hindrance: Callable[[], str] = possible
    """Why it cannot be run here; empty where it can."""
