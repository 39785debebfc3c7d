"""Faults below us: Valkey and PostgreSQL killed, emptied, frozen, cut off, full."""

import signal
import time

from redis.exceptions import ResponseError
from sqlalchemy import func, select

from commands.ports import LOOPBACK
from faults.disks import fill, needs_mount
from faults.house import PROCESSES
from faults.oracle import Verdict
from faults.parts import family, signal_one
from faults.run import Run, Scenario, soon_enough
from faults.start import SHORT_JOB_SECONDS, SHORT_PROMISE
from faults.visitors import confirm_in_a_crowd
from notifier.delivery.pace import AWAY_SHARE
from notifier.ledger import outcomes, states
from notifier.ledger.tables import Campaign, Message
from runtime.jobs import Job
from workers.wakeups import RqWakeups

RESTORED = outcomes.LEDGER_RESTORED.code

AWAY_SECONDS = 60.0
FROZEN_SECONDS = 15.0
FLUSH_SECONDS = 2.0
WITHOUT_WRITES_SECONDS = 3.0


def _kill_valkey(run: Run) -> None:
    """Kill it twice; it keeps nothing, and is back a second later, empty."""
    for low, high in ((0.1, 0.3), (0.5, 0.7)):
        run.reach(low, high)
        run.house.valkey.send(signal.SIGKILL)


def _flush(run: Run) -> None:
    while not run.is_over():
        run.house.redis.flushall()
        run.sleep(FLUSH_SECONDS)


def _take_valkey_away(run: Run) -> int:
    """Kill it and keep it away for a minute; return how many were sent meanwhile."""
    run.reach(0.1, 0.3)
    run.house.valkey.leave_down()
    run.house.valkey.send(signal.SIGKILL)
    before = run.taken()
    run.sleep(AWAY_SECONDS)
    sent = run.taken() - before
    run.house.valkey.start()
    return sent


def _go_on_without(run: Run) -> None:
    sent = _take_valkey_away(run)
    run.hold(sent > 0, "nothing was sent while Valkey was away")


def _wait_for_valkey(run: Run) -> None:
    sent = _take_valkey_away(run)
    few = run.house.settings.send_rate
    run.hold(sent <= few, f"{sent} were sent while Valkey was away, against the setting")


def _freeze_valkey(run: Run) -> None:
    run.reach(0.2, 0.6)
    run.house.valkey.send(signal.SIGSTOP)
    run.sleep(FROZEN_SECONDS)
    run.house.valkey.send(signal.SIGCONT)


def _fill_valkey(run: Run) -> None:
    """Leave no room for anything more, and none to be made by forgetting."""
    redis = run.house.redis
    redis.config_set("maxmemory-policy", "noeviction")
    redis.config_set("maxmemory", "1")
    _confirm_and_send(run)
    run.hold(not _takes_writes(run), "Valkey took writes again by itself")
    redis.config_set("maxmemory", "0")


def _make_valkey_a_copy(run: Run) -> None:
    """Make it the copy of a server that is not there: it answers, but takes nothing."""
    redis = run.house.redis
    RqWakeups(redis).wake(Job.DELIVER)  # so that one waits which nobody can take
    redis.replicaof(LOOPBACK, "9")
    run.sleep(2 * SHORT_JOB_SECONDS)  # until no job goes on that was taken before
    _confirm_and_send(run)
    run.hold(not _takes_writes(run), "Valkey took writes again by itself")
    redis.replicaof("NO", "ONE")


def _takes_writes(run: Run) -> bool:
    try:
        run.house.redis.set("faults", "1")
    except ResponseError:
        return False
    return True


def _confirm_and_send(run: Run) -> None:
    """Hold that pages work, and that each process goes on by itself at its share of the rate."""
    before, begun = run.taken(), time.monotonic()
    confirm_in_a_crowd(run)
    run.sleep(WITHOUT_WRITES_SECONDS)
    sent, seconds = run.taken() - before, time.monotonic() - begun
    rate = run.house.settings.send_rate
    share = rate * AWAY_SHARE * seconds
    most = PROCESSES * share + rate  # and what had been given out before
    run.hold(
        share / 2 <= sent <= most,
        f"{sent} were sent in {seconds:.0f} s that Valkey took no writes, where each of"
        f" {PROCESSES} processes may send {share:.0f}",
    )


def _restart_postgresql(run: Run) -> None:
    for low, high in ((0.05, 0.2), (0.3, 0.5), (0.6, 0.8)):
        run.reach(low, high)
        run.house.own_postgresql.crash()


def _cut_connections(run: Run) -> None:
    for step in range(8):
        run.reach(step / 10, step / 10 + 0.1)
        run.house.own_postgresql.cut_connections(run.house.database)


def _freeze_postgresql(run: Run) -> None:
    run.reach(0.2, 0.6)
    pids = family(run.house.own_postgresql.part.pid)
    for pid in pids:
        signal_one(pid, signal.SIGSTOP)
    run.allowed.unsure += PROCESSES * int(run.house.settings.send_rate)  # what they had claimed
    run.sleep(FROZEN_SECONDS)
    for pid in pids:
        signal_one(pid, signal.SIGCONT)


def _fill_disk(run: Run) -> None:
    """Fill the disk under PostgreSQL, to the brim."""
    run.reach(0.2, 0.6)
    filler = run.house.own_postgresql.folder / "filler"
    fill(filler)
    run.sleep(5)
    fill(filler)
    run.sleep(FROZEN_SECONDS)
    filler.unlink()
    run.wait_for(run.house.own_postgresql.answers, "PostgreSQL answers again", 60)


def _each_call_was_written_first(run: Run, verdict: Verdict) -> None:
    """Complain of more calls than tries that were committed: a claim counts one before the call."""
    tries = (
        select(func.sum(Message.tries))
        .join(Campaign, Campaign.id == Message.campaign_id)
        .where(Campaign.key == run.key)
    )
    with run.house.resources.readers() as session:
        written = session.scalar(tries) or 0
    if run.sends() > written:
        verdict.complaints.append(f"{run.sends()} calls, {written} were written down before")


def _hold_a_transaction(run: Run) -> None:
    """Keep a transaction open that nothing of its time may be vacuumed away from."""
    run.reach(0.1, 0.2)
    before = run.taken()
    with run.house.own_postgresql.long_transaction(run.house.database):
        run.sleep(AWAY_SECONDS / 4)
    sent, most = run.taken() - before, run.house.settings.send_rate * AWAY_SECONDS / 4
    run.hold(sent >= most / 2, f"{sent} were sent beside a long transaction, {most:.0f} at most")


def _restore_a_backup(run: Run) -> None:
    """Put the database back to a backup, when WeChat recognises no repeat any more."""
    house = run.house
    run.reach(0.1, 0.2)
    backup = house.own_postgresql.dump(house.database)
    run.reach(0.7, 0.8)
    for part in (house.web, *house.workers):
        part.leave_down()
        part.send_all(signal.SIGKILL)
    run.sleep(SHORT_PROMISE + 2)
    house.resources.engine.dispose()
    house.own_postgresql.restore(house.database, backup)
    for part in (house.web, *house.workers):
        part.start()
    run.wait_for(lambda: run.paused() == RESTORED, "the account has stopped itself", 60)
    run.hold_silent("from a backup", in_flight=0.0)
    open_or_given_up = (*states.OPEN_MESSAGES, states.MessageState.UNKNOWN)
    run.allowed.unsure = run.count(*open_or_given_up)
    run.resume_account()


STORAGE = (
    Scenario("kill_valkey", "kill -9 of Valkey, which keeps nothing, twice", _kill_valkey),
    Scenario("flush", "FLUSHALL every 2 s", _flush),
    Scenario("flush_sqlite", "the same on SQLite", _flush, database="sqlite"),
    Scenario("valkey_away", "Valkey gone for a minute, sending goes on", _go_on_without),
    Scenario(
        "valkey_awaited",
        "Valkey gone for a minute, sending waits",
        _wait_for_valkey,
        settings={"WITHOUT_REDIS": "wait"},
    ),
    Scenario("full_valkey", "Valkey full, 50 writers", _fill_valkey, length=20.0),
    Scenario(
        "copying_valkey",
        "Valkey read-only, 50 writers (jobs of 5 s)",
        _make_valkey_a_copy,
        soon_enough,
        changes=("short_jobs",),
        alone=True,
        length=30.0,
    ),
    Scenario("freeze_valkey", "Valkey frozen for 15 s", _freeze_valkey),
    Scenario(
        "restart_postgresql", "PostgreSQL stopped at once and started, 3 times", _restart_postgresql
    ),
    Scenario("cut_connections", "every connection to PostgreSQL cut, 8 times", _cut_connections),
    Scenario(
        "long_transaction",
        "a transaction open for 15 s in PostgreSQL",
        _hold_a_transaction,
        length=25.0,
        alone=True,
    ),
    Scenario(
        "restore",
        "PostgreSQL restored from a backup made early in the campaign (windows scaled)",
        _restore_a_backup,
        changes=("short_windows",),
        length=30.0,
    ),
    Scenario("freeze_postgresql", "PostgreSQL frozen for 15 s", _freeze_postgresql),
    Scenario(
        "disk_full",
        "the disk under PostgreSQL full for 20 s",
        _fill_disk,
        _each_call_was_written_first,
        database="tmpfs",
        hindrance=needs_mount,
    ),
)
