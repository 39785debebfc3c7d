"""Faults of our own processes: killed, told to end, stopped, doubled, poisoned."""

import signal

from rq import Queue as RqQueue
from rq.serializers import JSONSerializer
from sqlalchemy import select

from faults.oracle import Verdict
from faults.parts import family, signal_one, stopped
from faults.run import SILENT_SECONDS, Run, Scenario, nothing, soon_enough
from faults.start import FREEZE_AFTER_CLAIM, POISONED, SHORT_PROMISE
from notifier.delivery.claim import LEASE
from notifier.ledger.tables import Campaign, Message
from runtime.jobs import QUEUES, Job

WAKE_UPS = 3
STOPPED_SECONDS = LEASE.total_seconds() + 5


def _kill_delivery(run: Run) -> None:
    for low, high in ((0.1, 0.3), (0.4, 0.6), (0.65, 0.8)):
        run.reach(low, high)
        signal_one(run.chance.choice(run.house.listeners("delivery")), signal.SIGKILL)
        run.note_in_flight()


def _kill_watcher(run: Run) -> None:
    for low, high in ((0.1, 0.3), (0.5, 0.7)):
        run.reach(low, high)
        run.house.workers[0].send(signal.SIGKILL)
        run.note_in_flight()


def _kill_both(run: Run) -> None:
    for low, high in ((0.1, 0.3), (0.5, 0.7)):
        run.reach(low, high)
        run.house.workers[0].send_all(signal.SIGKILL)
        run.note_in_flight()


def _kill_clockwork(run: Run) -> None:
    for low, high in ((0.05, 0.2), (0.3, 0.5), (0.6, 0.8)):
        run.reach(low, high)
        for pid in run.house.clockworks():
            signal_one(pid, signal.SIGKILL)


def _kill_web(run: Run) -> None:
    for low, high in ((0.1, 0.3), (0.5, 0.8)):
        run.reach(low, high)
        run.house.web.send_all(signal.SIGKILL)


def _roll(run: Run) -> None:
    """End one host after the other, as a deployment does, twice."""
    for low, high in ((0.1, 0.2), (0.3, 0.4), (0.5, 0.6), (0.7, 0.8)):
        run.reach(low, high)
        host = run.house.workers[0]
        run.house.workers.reverse()
        run.restart(host)


def _ring_thrice(run: Run) -> None:
    """Put the same job into the queue three times at once, again and again."""
    queue = RqQueue(
        QUEUES[Job.DELIVER], connection=run.house.resources.redis, serializer=JSONSerializer
    )
    for step in range(1, 10):
        run.reach(step / 10 - 0.05, step / 10)
        for _ in range(WAKE_UPS):
            queue.enqueue(Job.DELIVER.value, job_timeout=60, result_ttl=0)


def _outlast_the_window(run: Run) -> None:
    """Kill everything and stay away for longer than the platform recognises repeats."""
    run.reach(0.2, 0.7)
    host = run.house.workers[0]
    host.leave_down()
    host.send_all(signal.SIGKILL)
    run.note_in_flight()
    run.sleep(SHORT_PROMISE + 2)
    host.start()


def _stop_and_revive(run: Run) -> None:
    """Freeze a delivery process for longer than its lease, and let it go on where it was."""
    run.reach(0.1, 0.4)
    victim = run.chance.choice(run.house.listeners("delivery"))
    signal_one(victim, signal.SIGSTOP)
    run.note_in_flight()
    run.sleep(STOPPED_SECONDS)
    signal_one(victim, signal.SIGCONT)


def _freeze_after_a_claim(run: Run) -> None:
    """Freeze a process between its claim and its first call, longer than repeats are recognised."""
    run.reach(0.1, 0.4)
    (run.house.files / FREEZE_AFTER_CLAIM).touch()
    host = run.house.workers[0]
    run.wait_for(lambda: bool(stopped(family(host.pid))), "a process has stopped itself", 60)
    run.note_in_flight()
    run.wait_for(run.is_over, "the others have sent it all", 60, moving=run.taken)
    run.sleep(SHORT_PROMISE + 2)
    before = run.sends()
    for pid in stopped(family(host.pid)):
        signal_one(pid, signal.SIGCONT)
    run.sleep(SILENT_SECONDS)
    run.hold(run.sends() == before, "the process that woke has called")


def _freeze_all(run: Run) -> None:
    """Freeze the whole host for longer than its leases."""
    run.reach(0.2, 0.6)
    pids = family(run.house.workers[0].pid)
    for pid in pids:
        signal_one(pid, signal.SIGSTOP)
    run.note_in_flight()
    run.sleep(STOPPED_SECONDS)
    for pid in pids:
        signal_one(pid, signal.SIGCONT)


def _allow_one(run: Run) -> None:
    """Allow for the one message that kills, which is put aside at its third victim."""
    run.allowed.unsure = 1


def _kill_early(run: Run) -> None:
    """Kill while most of a campaign is still to come that lasts longer than the window."""
    run.reach(0.05, 0.15)
    run.house.workers[0].send_all(signal.SIGKILL)
    run.note_in_flight()
    run.allowed.unsure = 0  # the workers are back long before the window closes


# What must hold besides


def _called_once(run: Run, verdict: Verdict) -> None:
    sends = run.house.control.counts(openid="-")["totals"]["sends"]
    verdict.hold(sends == run.recipients, f"{sends} calls for {run.recipients} recipients")


def nothing_left_to_its_lease(run: Run, verdict: Verdict) -> None:
    """Hold every claim to having been ended by who made it."""
    with run.house.resources.readers() as session:
        left = session.scalars(
            select(Message.id)
            .join(Campaign, Campaign.id == Message.campaign_id)
            .where(Campaign.key == run.key, Message.crashes > 0)
        ).all()
    verdict.hold(not left, f"{len(left)} messages were left to their lease")


def _three_deaths(run: Run, verdict: Verdict) -> None:
    """One message kills three processes at most, and only itself is put aside for it."""
    log = run.house.workers[0].log.read_text(encoding="utf-8")
    deaths = log.count(f'"code": {-signal.SIGSEGV}')
    verdict.hold(deaths == 3, f"{deaths} processes died of one message")
    with run.house.resources.readers() as session:
        query = (
            select(Message.openid)
            .join(Campaign, Campaign.id == Message.campaign_id)
            .where(Campaign.key == run.key)
        )
        aside = session.scalars(query.where(Message.reason == "crashed")).all()
    poisoned = run.house.workers[0].more[POISONED]
    verdict.hold(
        aside == [poisoned],
        f"{len(aside)} were put aside, the poisoned one among them"
        if poisoned in aside
        else f"{len(aside)} others were put aside",
    )


CRASHES = (
    Scenario("nothing", "no fault, to compare with", nothing, after=_called_once),
    Scenario("kill_delivery", "kill -9 of a delivery process, three times", _kill_delivery),
    Scenario("kill_watcher", "kill -9 of the worker's parent, twice", _kill_watcher),
    Scenario("kill_both", "kill -9 of the parent and all it started, twice", _kill_both),
    Scenario("kill_both_sqlite", "the same on SQLite", _kill_both, database="sqlite"),
    Scenario("kill_clockwork", "kill -9 of the clockwork, three times", _kill_clockwork),
    Scenario("kill_web", "kill -9 of the web, which takes the receipts, twice", _kill_web),
    Scenario(
        "roll",
        "SIGTERM of each of two hosts in turn, twice",
        _roll,
        hosts=2,
        after=nothing_left_to_its_lease,
    ),
    Scenario(
        "two_clockworks", "two hosts, a clockwork on each", nothing, hosts=2, after=_called_once
    ),
    Scenario(
        "ring_thrice",
        "the same job asked for three times at once, over four processes",
        _ring_thrice,
        hosts=2,
        after=_called_once,
    ),
    Scenario(
        "lose_wakeups",
        "every second wake-up lost",
        nothing,
        changes=("lose_wakeups",),
        after=soon_enough,
        alone=True,
    ),
    Scenario(
        "outlast_window",
        "all killed for longer than WeChat recognises repeats (windows scaled)",
        _outlast_the_window,
        changes=("short_windows",),
    ),
    Scenario(
        "kill_early",
        "all killed early in a campaign that outlasts the window (windows scaled)",
        _kill_early,
        changes=("short_windows",),
        length=50.0,
    ),
    Scenario(
        "stop_and_revive", "a delivery process frozen past its lease, revived", _stop_and_revive
    ),
    Scenario(
        "freeze_after_claim",
        "a process frozen between claim and call for longer than WeChat's memory (windows scaled)",
        _freeze_after_a_claim,
        changes=("short_windows", "freeze_after_claim"),
    ),
    Scenario("freeze_host", "all workers frozen past their leases, revived", _freeze_all),
    Scenario(
        "poison",
        "a message whose card kills the process (leases scaled)",
        _allow_one,
        changes=("short_leases", "poison"),
        after=_three_deaths,
        seconds=200,
    ),
)
