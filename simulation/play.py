"""Plays a history: the product's own functions in simulated processes, and what befalls them."""

import random as python_random
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import Any, cast

from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from notifier.campaigns import campaigns, expansion
from notifier.campaigns.audience import Audience
from notifier.campaigns.campaigns import Draft
from notifier.delivery import cards, feeder, restored, run, settler
from notifier.delivery.sweep import sweep
from notifier.wechat import pushes
from registry.base import clock
from registry.base.database import database_now
from runtime.jobs import Job
from runtime.resources import Resources
from simulation import moments
from simulation.acts import Acts
from simulation.database import BEGIN, Database
from simulation.history import AtCall, AtCommit, AtMoment, AtReceipt, AtStep, History, Incident
from simulation.house import KIND, YEAR, House
from simulation.machine import Clocks, Threads
from simulation.redis import Memory
from simulation.scheduler import Process, Scheduler
from simulation.wechat import Receipt, Sender, WeChat

WORKERS = 2
DELIVER_SECONDS = 45.0
KEEP_SECONDS = 5.0
IDLE_SECONDS = 600.0  # the longest that the clockwork sleeps where nothing goes on
TICKS_TILL_SLOWER = 3
RESTART_SECONDS = 3.0
PEACE_SECONDS = 4000.0
"""Within which everything must come to its end once nothing befalls it any more."""
SLICE_SECONDS = 20.0


class Played:
    """A history while it is played, and what it left behind."""

    def __init__(self, house: House, history: History) -> None:
        """Put everything in its place; nothing has happened yet."""
        self.house, self.history = house, history
        self.scheduler = Scheduler(Random(f"{history.seed}: order"))
        self.scheduler.buried = self._start_again
        self.database = Database(house.path, self.scheduler, server=history.server)
        self.database.changed = self._changed
        self.redis = Memory(self.scheduler)
        self.wechat = WeChat(self.scheduler, self._push)
        settings = house.resources.settings.model_copy(update={"daily_quota": history.quota})
        self.resources: Resources = replace(
            house.resources,
            settings=settings,
            redis=cast("Any", self.redis),
            clock=lambda: self.database.clock,
        )
        self.keys: list[str] = []
        self.acts = Acts(self)
        self._wanted: dict[Process, set[Job]] = {}
        self._busy = 0
        self._quiet_ticks = 0  # of the clockwork, since anything last happened

    def play(self) -> None:
        """Play it to its end."""
        self.house.renew(self.database)
        self.house.wakeups.heard = self._wake
        python_random.seed(self.history.seed)
        with _replaced(self._replacements()):
            self._begin()
            self._go_on()
            self.scheduler.end()

    def _replacements(self) -> Iterator[tuple[Any, str, Any]]:
        clocks = Clocks(self.scheduler)
        for module in (run, feeder, settler, cards, clock):
            yield module, "time", clocks
        for module in (run, settler):
            yield module, "ThreadPoolExecutor", lambda _count: Threads(self.scheduler)
        yield run, "HttpSender", partial(Sender, wechat=self.wechat)
        yield run, "few_collections", nullcontext
        yield run, "PAUSE", 0.1
        yield run, "EVENTS_SECONDS", 0.5

    # What goes on

    def _begin(self) -> None:
        for incident in self.history.incidents:
            self._expect(incident)
        self.scheduler.start("school", self._start_campaign)
        for number in range(1, WORKERS + 1):
            self._start_service(f"worker {number}", self._work)
        for number in range(1, self.history.clockworks + 1):
            self._start_service(f"clockwork {number}", self._tick)

    def _expect(self, incident: Incident) -> None:
        match incident:
            case AtCall(number, answer):
                self.wechat.answers[number] = answer
            case AtReceipt(number, way):
                self.wechat.ways[number] = way
            case AtCommit(number):
                self.database.unheard.add(number)
            case AtMoment(at, act):
                self.scheduler.start(act, partial(self.acts.do, incident), after=at)
            case AtStep():
                pass  # its process is told when it starts

    def _start_service(self, name: str, work: Callable[[], None], after: float = 0.0) -> None:
        mine = {
            each.step: each.freeze
            for each in self.history.incidents
            if isinstance(each, AtStep) and each.process == name and not after
        }
        self.scheduler.start(name, work, after=after, incidents=mine)

    def _start_again(self, process: Process) -> None:
        if process.name.startswith("worker"):
            self._busy -= bool(self._wanted.pop(process, None) is not None and process.busy)
            self._start_service(process.name, self._work, RESTART_SECONDS)
        elif process.name.startswith("clockwork"):
            self._start_service(process.name, self._tick, RESTART_SECONDS)

    def _start_campaign(self) -> None:
        """Write a campaign; whoever is told of an error looks whether it is there all the same."""
        while not self.keys:
            try:
                self._write_campaign()
            except SQLAlchemyError:
                self.scheduler.pause(1.0)
                self.keys += [row["key"] for row in self.rows("SELECT key FROM campaign")]

    def _write_campaign(self) -> None:
        numbers = tuple(f"S{number:05}" for number in range(self.history.people))
        draft = Draft(
            "提醒",
            KIND,
            Audience(YEAR, student_numbers=numbers),
            {"deadline": "2026-06-30"},
            prefers=self.history.prefers,
            not_after=self.history.last_moment,
        )
        with self.resources.sessions.begin() as session:
            at = database_now(session)
            made = campaigns.create(session, self.house.scope, draft, by="simulation", at=at)
            campaigns.start(session, self.house.scope, made.key, at=at)
            key = made.key
        self.keys.append(key)

    def _wake(self, job: Job) -> None:
        for process, wanted in self._wanted.items():
            wanted.add(job)
            self.scheduler.wake(process, self.scheduler.random.uniform(0.001, 0.02))

    def _work(self) -> None:
        process = self.scheduler.running
        wanted = self._wanted.setdefault(process, set())
        while True:
            while wanted:
                self._do(process, wanted)
            self.scheduler.park()

    def _do(self, process: Process, wanted: set[Job]) -> None:
        job = wanted.pop() if len(wanted) == 1 else min(wanted)
        wanted.discard(job)
        process.busy = True
        self._busy += 1
        try:
            self._jobs()[job]()
        except (SQLAlchemyError, RedisError):
            self.scheduler.pause(1.0)  # the job failed; the sweeper asks for it again
        process.busy = False
        self._busy -= 1

    def _jobs(self) -> dict[Job, Callable[[], object]]:
        gateway: Any = _Gateway()
        return {
            Job.DELIVER: partial(run.deliver, self.resources, gateway, seconds=DELIVER_SECONDS),
            Job.TAKE_IN: partial(pushes.take_in, self.resources),
            Job.EXPAND: partial(expansion.expand_due, self.resources),
        }

    def _tick(self) -> None:
        kept = -KEEP_SECONDS
        while True:
            before, is_idle = self.database.rows_changed, False
            try:
                jobs = sweep(self.resources)
                for job in sorted(jobs):
                    self._wake(job)
                if self.scheduler.now >= kept + KEEP_SECONDS:
                    kept = self.scheduler.now
                    restored.keep(self.resources)
                    before += 1  # the count
                is_idle = not jobs and self.database.rows_changed <= before
            except (SQLAlchemyError, RedisError):
                pass  # logged there; the next tick tries again
            self._wait_for_next_tick(is_idle)

    def _wait_for_next_tick(self, is_idle: bool) -> None:  # noqa: FBT001 - said of the last tick
        """Wait as long as usual, or longer and longer while nothing happens.

        After a sweep that found nothing to do, the ticks are left out that would find nothing
        either: until somebody changes a row, or a moment comes that a row names.
        """
        self._quiet_ticks += 1
        if not is_idle:
            patience = 2.0 ** (self._quiet_ticks // TICKS_TILL_SLOWER)
            self.scheduler.pause(min(IDLE_SECONDS, self.history.tick_seconds * patience))
            return
        clockwork = self.scheduler.running
        self.scheduler.pause()
        seconds = moments.till_next(self.rows, self.database.clock) + self._part_of_a_tick()
        go_on = partial(self.scheduler.wake, clockwork, 0.0)
        most = KEEP_SECONDS if self.acts.awaits_a_count else IDLE_SECONDS
        self.scheduler.start("alarm", go_on, after=min(seconds, most))
        self.scheduler.park()

    def _part_of_a_tick(self) -> float:
        return self.scheduler.random.uniform(0.0, self.history.tick_seconds)

    def stir(self) -> None:
        """Have the clockworks look as often as usual again."""
        self._quiet_ticks = 0
        for process in self.scheduler.processes:
            if process.name.startswith("clockwork"):
                self.scheduler.wake(process, self._part_of_a_tick())

    def _changed(self) -> None:
        """Have the clockworks look at what somebody else changed."""
        if not self.scheduler.running.name.startswith("clockwork"):
            self.stir()

    def _push(self, receipt: Receipt, after: float) -> None:
        self.scheduler.start("push", partial(self.acts.take_push, receipt), after=after)

    # To the end

    def _go_on(self) -> None:
        moments = [each.at for each in self.history.incidents if isinstance(each, AtMoment)]
        self.scheduler.run(max(moments, default=0.0) + 1.0)
        peace = self.scheduler.now + PEACE_SECONDS
        while self.scheduler.now < peace and not self._settled():
            if self._is_stopped():
                self.scheduler.start("peace", self.acts.resume_all)
            self.scheduler.run(self.scheduler.now + SLICE_SECONDS)

    def _settled(self) -> bool:
        """Say whether nothing is left to do: nobody stands still, nothing is open or on its way."""
        names = {process.name for process in self.scheduler.processes}
        frozen = any(each.frozen_until > self.scheduler.now for each in self.scheduler.processes)
        if frozen or "push" in names or self._busy:
            return False
        (left,) = self.rows(
            "SELECT (SELECT count(*) FROM message WHERE state IN ('waiting', 'sending'))"
            " + (SELECT count(*) FROM campaign WHERE state NOT IN ('finished', 'cancelled'))"
            " + (SELECT count(*) = 0 FROM campaign)"
            " + (SELECT count(*) FROM inbox_event WHERE done_at IS NULL AND outcome = '') AS open"
        )
        return not left["open"]

    def _is_stopped(self) -> bool:
        """Say whether somebody has to go on with something."""
        return bool(
            self.rows(
                "SELECT state AS what FROM campaign WHERE state = 'paused'"
                " UNION SELECT app_id FROM account WHERE pause_reason IS NOT NULL"
            )
        )

    def moment(self, seconds: float) -> datetime:
        """Return what the database's clock said after so many seconds, were it never moved."""
        return BEGIN + timedelta(seconds=seconds)

    def rows(self, query: str) -> list[sqlite3.Row]:
        """Return what the database holds, past the simulation."""
        return self.house.rows(query)


class _Tokens:
    def current(self) -> str:
        return "token"

    def refused(self, _token: str) -> None:
        raise RuntimeError("WeChat refuses no token here")


class _Gateway:
    tokens = _Tokens()


@contextmanager
def _replaced(replacements: Iterator[tuple[Any, str, Any]]) -> Iterator[None]:
    """Put other things in the place of module attributes for a while."""
    before = []
    for module, name, other in replacements:
        before.append((module, name, getattr(module, name)))
        setattr(module, name, other)
    try:
        yield
    finally:
        for module, name, own in before:
            setattr(module, name, own)
