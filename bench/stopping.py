"""How long after staff pause or cancel a campaign the last call of it still reaches WeChat."""

import time
from collections.abc import Callable
from random import Random

from sqlalchemy import select
from sqlalchemy.orm import Session

from bench.processes import running
from bench.report import Report
from bench.responder import TICK, running_responder, tally
from bench.world import World, database_urls, open_world
from notifier.campaigns import campaigns
from notifier.ledger.tables import Campaign
from registry.base.clock import utc_now
from registry.record.scope import Scope

LATENCY = 0.05
RATE = 200
PROCESSES = 2
PEOPLE = 4000
FIRST_CALLS_SECONDS = 60.0
SILENCE_SECONDS = 12.0  # above the ten that a claimed message may wait for its call

Act = Callable[[Session, Scope, str], object]


def stopping(report: Report, rounds: int) -> None:
    """Measure both acts, at random moments of a campaign at an ordinary rate, by real workers."""
    acts: dict[str, Act] = {
        "pause": campaigns.pause,
        "cancel": lambda session, scope, key: campaigns.cancel(session, scope, key, at=utc_now()),
    }
    with (
        database_urls("postgresql") as urls,
        running_responder(LATENCY) as url,
        open_world(urls["postgresql"], url, send_rate=RATE) as world,
    ):
        scope = world.add_school("10001", PEOPLE)
        with running(world.resources.settings, "worker", "--processes", str(PROCESSES)):
            for name, act in acts.items():
                taken = [_last_call(world, scope, url, act, Random(each)) for each in range(rounds)]  # noqa: S311 - repeatable, not secret
                slowest = f"{max(taken):.1f} s"
                what = f"last call after a {name}, slowest of {rounds}, {RATE}/s"
                report.add(what, slowest, "< 10 s", reached=max(taken) < 10)


def _last_call(world: World, scope: Scope, url: str, act: Act, chance: Random) -> float:
    """Return the seconds from the commit of an act to the last call; 0.0 where none came."""
    before = _calls(url)
    ident = world.start_campaign(scope)
    until = time.monotonic() + FIRST_CALLS_SECONDS
    while _calls(url) == before and time.monotonic() < until:
        time.sleep(0.05)
    time.sleep(chance.uniform(1.0, 4.0))
    with world.resources.sessions.begin() as session:
        key = session.scalars(select(Campaign.key).where(Campaign.id == ident)).one()
        act(session, scope, key)
    stopped = time.time()
    time.sleep(SILENCE_SECONDS)
    late = max(tally(url)) * TICK - stopped
    with world.resources.sessions.begin() as session:
        campaigns.cancel(session, scope, key, at=utc_now())
    return max(0.0, late)


def _calls(url: str) -> int:
    return sum(tally(url).values())
