"""Hosts that vanish: of workers, of PostgreSQL, of Valkey; and what takes over from them.

`make faults ARGS="--only failover"` plays them all.
"""

import signal
from collections.abc import Callable
from contextlib import suppress
from functools import partial

import psycopg
from sqlalchemy.exc import SQLAlchemyError

from faults.cluster import DATABASE_PORT
from faults.hosts import cannot_be_played
from faults.oracle import Verdict
from faults.parts import family, stopped
from faults.run import Run, Scenario
from faults.several_hosts import SeveralHosts
from faults.start import FREEZE_INSIDE_CLAIM, SHORT_PROMISE
from faults.storage import RESTORED
from notifier.delivery.claim import LEASE
from notifier.ledger import states

FAILOVER_SECONDS = 60.0
TTL_SECONDS = 20  # as deploy/several/patroni.yml has it
MOST_SILENCE = LEASE.total_seconds() + TTL_SECONDS + 10
"""A lease, and what Patroni needs: its ttl, a turn of its loop, and the promotion."""
READ_ONLY_SECONDS = 8.0
LOST_MESSAGES = 60


def _site(run: Run) -> SeveralHosts:
    if not isinstance(run.house, SeveralHosts):
        raise TypeError("this run has one host only")
    return run.house


def _wait_for_the_other(run: Run, before: str) -> str:
    """Wait until another host than before takes writes; return which."""
    cluster = _site(run).cluster
    run.wait_for(
        lambda: cluster.primary() not in {"", before},
        "another server takes writes",
        FAILOVER_SECONDS,
    )
    return cluster.primary()


def _lose_the_primary(run: Run) -> None:
    run.reach(0.2, 0.4)
    site = _site(run)
    before = site.cluster.primary()
    site.cluster.hosts[before].vanish()
    site.move_the_name(_wait_for_the_other(run, before))


def _switch_over(run: Run) -> None:
    run.reach(0.2, 0.4)
    before = _site(run).cluster.primary()
    _site(run).cluster.switch_over()
    _wait_for_the_other(run, before)


def _lose_a_worker_in_a_claim(run: Run) -> None:
    """Have a process stop in the transaction of its claim, and its host be gone at once."""
    site = _site(run)
    run.reach(0.2, 0.4)
    told = site.files / FREEZE_INSIDE_CLAIM
    told.touch()
    run.wait_for(lambda: not told.exists(), "a process has stopped in a claim", 30)
    hosts = {site.host_of(each).name: each for each in site.workers if stopped(family(each.pid))}
    run.hold(len(hosts) == 1, f"processes stopped on {sorted(hosts)}")
    for part in hosts.values():
        site.host_of(part).vanish()
    run.allowed.unsure = 0


def _make_it_read_only(run: Run) -> None:
    """Have the primary refuse all writes (25006) for a while."""
    run.reach(0.2, 0.4)
    cluster = _site(run).cluster
    address = cluster.hosts[cluster.primary()].address
    place = f"host={address} port={DATABASE_PORT} user=quxiang dbname=postgres"
    with psycopg.connect(place, autocommit=True) as admin:
        admin.execute("ALTER SYSTEM SET default_transaction_read_only = on")
        admin.execute("SELECT pg_reload_conf()")
        run.sleep(READ_ONLY_SECONDS)
        admin.execute("SET default_transaction_read_only = off")
        admin.execute("ALTER SYSTEM RESET default_transaction_read_only")
        admin.execute("SELECT pg_reload_conf()")


def _lose_commits(run: Run) -> None:
    """Promote a standby that lacks the last claims, when WeChat recognises no repeat any more."""
    site = _site(run)
    run.reach(0.1, 0.2)
    one, other = site.cluster.hosts["db1"], site.cluster.hosts["db2"]
    other.cut()
    taken = run.taken()
    run.wait_for(lambda: run.taken() > taken + LOST_MESSAGES, "more were sent", FAILOVER_SECONDS)
    one.vanish()
    run.sleep(SHORT_PROMISE + 2)
    other.mend()
    _wait_for_the_other(run, "db1")
    run.wait_for(lambda: _is_held(run), "the account has stopped itself", FAILOVER_SECONDS)
    run.hold_silent("by a ledger that lacks claims", in_flight=0.0)
    run.allowed.unsure = run.count(*states.OPEN_MESSAGES, states.MessageState.UNKNOWN)
    run.resume_account()


def _is_held(run: Run) -> bool:
    with suppress(SQLAlchemyError):
        return run.paused() == RESTORED
    return False


def _restart_poolers(run: Run) -> None:
    for low in (0.1, 0.4, 0.7):
        run.reach(low, low + 0.1)
        for part in _site(run).poolers:
            part.send(signal.SIGKILL)


def _lose_the_balancer(run: Run) -> None:
    run.reach(0.2, 0.4)
    balancers = _site(run).balancers
    if balancers is None:
        raise TypeError("this run has no haproxy on hosts of its own")
    before = balancers.holder()
    balancers.hosts[before].vanish()
    run.wait_for(lambda: balancers.holder() not in {"", before}, "the other has the address", 30)


def _lose_valkey(run: Run) -> None:
    run.reach(0.2, 0.4)
    _site(run).stores[0].vanish()


def _soon_again(_run: Run, verdict: Verdict) -> None:
    """Hold that it went on by itself, in the time of a lease and of the failover."""
    verdict.hold(
        verdict.silence <= MOST_SILENCE, f"{verdict.silence:.0f} s in which nothing was taken"
    )


def _scenario(
    name: str,
    what: str,
    act: Callable[[Run], None],
    way: str = "proxy",
    **more: object,
) -> Scenario:
    make = partial(Scenario, hosts=2, length=20.0, alone=True, hindrance=cannot_be_played)
    settings = {"after": _soon_again, "group": "failover", "way": way, **more}
    return make(f"failover_{name}", what, act, **settings)  # type: ignore[arg-type]  # as Scenario has them


FAILOVER = (
    _scenario(
        "worker",
        "a worker's host vanishes inside a claim",
        _lose_a_worker_in_a_claim,
        changes=("freeze_inside_claim",),
    ),
    _scenario("primary", "the primary's host vanishes, behind haproxy", _lose_the_primary),
    _scenario("hosts", "the same, both servers in the address", _lose_the_primary, "hosts"),
    _scenario("name", "the same, the name moved to the other", _lose_the_primary, "name"),
    _scenario("switch", "a planned switchover", _switch_over),
    _scenario("read_only", "the primary read-only for 8 s", _make_it_read_only),
    _scenario("sessions", "pgbouncer by session killed, 3 times", _restart_poolers, "session"),
    _scenario(
        "transactions", "pgbouncer by transaction killed, 3 times", _restart_poolers, "transaction"
    ),
    _scenario(
        "transaction_worker",
        "a worker's host vanishes inside a claim, behind pgbouncer by transaction",
        _lose_a_worker_in_a_claim,
        "transaction",
        changes=("freeze_inside_claim",),
    ),
    _scenario(
        "balancer",
        "haproxy's host vanishes, another has its address (keepalived)",
        _lose_the_balancer,
        "balancers",
    ),
    _scenario("valkey", "the host of Valkey vanishes, by Sentinel", _lose_valkey, "hosts"),
    _scenario("valkey_proxy", "the same, behind haproxy", _lose_valkey),
    _scenario(
        "lost_commits",
        "a standby without the last claims promoted late (windows scaled); an operator resumes",
        _lose_commits,
        synchronous=False,
        changes=("short_windows",),
    ),
)
