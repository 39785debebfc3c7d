"""The measurements of delivery, one function each; every ratio is of runs taken side by side."""

import threading
import time
from statistics import median

from sqlalchemy import select, text

from bench import events, limit, receiving
from bench.expanding import expansion_cost
from bench.naive import naive_rate
from bench.processes import cpu_seconds, running
from bench.report import Report, percentile, spread
from bench.responder import running_responder, tally
from bench.sending import bare_rate, campaign_rate
from bench.world import World, database_urls, open_world
from notifier.ledger.states import OPEN_MESSAGES
from notifier.ledger.tables import Message

CONNECTIONS = 512
LATENCY = 0.05


def campaigns_by_wire(report: Report, rounds: int, count: int, latency: float) -> None:
    """Measure a campaign from ledger to ledger, beside a bare loop over the same client."""
    bare: list[float] = []
    sent: list[float] = []
    with (
        running_responder(latency) as url,
        database_urls("postgresql") as urls,
        open_world(urls["postgresql"], url, send_connections=CONNECTIONS) as world,
    ):
        scope = world.add_school("10001", count)
        for _ in range(rounds):
            bare.append(bare_rate(url, count, CONNECTIONS))
            sent.append(campaign_rate(world, lambda: world.start_campaign(scope), count))
            _forget_messages(world)
        naive = naive_rate(str(world.resources.settings.redis_url), url) if latency else 0.0
    rate, ratio = median(sent), median(one / other for one, other in zip(sent, bare, strict=True))
    name = f"campaign, PostgreSQL, {latency * 1000:.0f} ms latency"
    report.add(
        f"bare loop over the same client, {latency * 1000:.0f} ms", _rate(bare), spread(bare)
    )
    if latency:
        report.add(name, _rate(sent), spread(sent))
        report.add(f"{name}: of the bare loop", f"{ratio:.2f}", "≥ 0.80", reached=ratio >= 0.8)
        times = rate / naive
        report.add("one RQ job a message with wechatpy", f"{naive:,.0f}/s")
        report.add(f"{name}: times that", f"{times:,.0f}", "≥ 100", reached=times >= 100)
    else:
        report.add(name, _rate(sent), "≥ 10,000/s", reached=rate >= 10_000)


def sqlite_beside_postgresql(report: Report, rounds: int, count: int) -> None:
    """Measure the same campaign on both databases, in turn."""
    ratios = []
    with (
        running_responder(LATENCY) as url,
        database_urls("postgresql", "sqlite") as urls,
        open_world(urls["postgresql"], url, send_connections=CONNECTIONS) as big,
        open_world(urls["sqlite"], url, send_connections=CONNECTIONS) as small,
    ):
        scopes = {id(world): world.add_school("10001", count) for world in (big, small)}
        for _ in range(rounds):
            rates = []
            for world in (big, small):
                scope = scopes[id(world)]
                rates.append(campaign_rate(world, lambda: world.start_campaign(scope), count))  # noqa: B023 - called at once
                _forget_messages(world)
            ratios.append(rates[1] / rates[0])
    ratio = median(ratios)
    report.add("SQLite: of PostgreSQL", f"{ratio:.2f}", "≥ 0.50", reached=ratio >= 0.5)


def expansion(report: Report, count: int) -> None:
    """Measure how a campaign to a million becomes rows."""
    with (
        running_responder(0) as url,
        database_urls("postgresql") as urls,
        open_world(urls["postgresql"], url) as world,
    ):
        seconds, mebibytes = expansion_cost(world, world.add_school("10001", count))
    report.add(f"expansion to {count:,}", f"{seconds:.1f} s", "< 20 s", reached=seconds < 20)
    reached = mebibytes < 150
    report.add("memory of that process", f"{mebibytes:.0f} MiB", "< 150 MiB", reached=reached)


def events_beside_a_campaign(report: Report, count: int) -> None:
    """Event messages while a real worker sends a campaign flat out; then with Valkey stopped."""
    with (
        running_responder(LATENCY) as url,
        database_urls("postgresql") as urls,
        open_world(urls["postgresql"], url, send_connections=CONNECTIONS) as world,
    ):
        crowd = world.add_school("10001", count)
        scope = world.add_school("10002", 400)
        people = events.prepare(world, scope)
        with running(world.resources.settings, "worker", "--processes", "1"):
            world.start_campaign(crowd)
            time.sleep(3)
            busy = events.event_latencies(
                world, scope, people[:200], 0.05, lambda: still_sending(world)
            )
            world.valkey.stop()
            away = events.event_latencies(world, scope, people[200:210], 0.2, lambda: True)
    _tell_latency(report, busy, f"event beside a campaign, p95 of {len(busy)}", 0.5)
    _tell_latency(report, away, f"event with Valkey stopped, slowest of {len(away)}", 5.0)


def events_beside_a_bulk_change(report: Report, count: int) -> None:
    """Event messages of a school while those of another's import wait, at an ordinary rate."""
    with (
        running_responder(LATENCY) as url,
        database_urls("postgresql") as urls,
        open_world(urls["postgresql"], url, send_rate=50) as world,
    ):
        crowd, scope = world.add_school("10001", count), world.add_school("10002", 20)
        people = events.prepare(world, scope)
        _forget_messages(world)
        events.prepare(world, crowd)
        with running(world.resources.settings, "worker", "--processes", "2"):
            time.sleep(5)
            taken = events.event_latencies(world, scope, people, 0.3, lambda: True)
    _tell_latency(report, taken, f"event beside {count:,} of another school, slowest of 20", 2.0)


def _tell_latency(report: Report, taken: list[float], what: str, goal: float) -> None:
    share = 0.95 if goal < 1 else 1.0
    seconds = max(0.0, percentile(taken, share) - LATENCY) if taken else float("inf")
    wanted = f"< {goal * 1000:.0f} ms"
    report.add(what, f"{seconds * 1000:.0f} ms", wanted, reached=seconds < goal)


def receipts(report: Report, count: int, rate: float) -> None:
    """Receipts at a steady rate, while a page is asked for ten times a second."""
    pages: list[float] = []
    with (
        running_responder(0) as url,
        database_urls("postgresql") as urls,
        open_world(urls["postgresql"], url, public_url="http://127.0.0.1") as world,
        running(world.resources.settings, "web", "--port", str(PORT)) as web,
    ):
        receiving.accept_messages(world, count)
        base = f"http://127.0.0.1:{PORT}"
        receiving.wait_for(base)
        done = threading.Event()
        asker = threading.Thread(target=receiving.ask_pages, args=(base, pages, done))
        asker.start()
        used = cpu_seconds(web.pid)
        came = receiving.receive(world.resources.settings, base, rate=rate, count=count)
        used = cpu_seconds(web.pid) - used
        done.set()
        asker.join()
        taken_in = receiving.take_in_rate(world)
    goal = f"at {rate:,.0f}/s"
    report.add("receipts answered", f"{came.rate:,.0f}/s", goal, reached=came.rate > 0.97 * rate)
    reached = came.p99 < 0.1
    report.add("receipt p99", f"{came.p99 * 1000:.0f} ms", "< 100 ms", reached=reached)
    report.add("receipts refused", str(came.refused), "0", reached=came.refused == 0)
    slowest = percentile(pages, 0.99) * 1000 if pages else float("inf")
    report.add("a page meanwhile, p99", f"{slowest:.0f} ms")
    report.add("CPU of the web a receipt, pages included", f"{used / count * 1e6:.0f} us")
    report.add("receipts taken in", f"{taken_in:,.0f}/s", goal, reached=taken_in > rate)


PORT = 18_321


def rate_limit(report: Report, count: int) -> None:
    """Fifty a second over four worker processes."""
    with (
        running_responder(0.02) as url,
        database_urls("postgresql") as urls,
        open_world(urls["postgresql"], url, send_rate=50, send_connections=32) as world,
    ):
        scope = world.add_school("10001", count)
        with running(world.resources.settings, "worker", "--processes", "4"):
            world.start_campaign(scope)
            until = time.monotonic() + count / 50 + 30
            while still_sending(world) and time.monotonic() < until:
                time.sleep(0.5)
        counted = tally(url)
    most, average = limit.busiest_second(counted), limit.average_rate(counted)
    report.add("50/s over 4 processes: busiest second", str(most), "≤ 50", reached=most <= 50)
    report.add("50/s over 4 processes: average", f"{average:.1f}/s", "≥ 48", reached=average >= 48)


def still_sending(world: World) -> bool:
    """Say whether a campaign has messages that are not sent yet."""
    with world.resources.readers.begin() as session:
        unfinished = select(Message.id).where(
            Message.campaign_id.is_not(None), Message.state.in_(list(OPEN_MESSAGES))
        )
        return session.scalar(unfinished.limit(1)) is not None


def _forget_messages(world: World) -> None:
    with world.resources.engine.begin() as connection:
        connection.execute(text("DELETE FROM message"))
        connection.execute(text("DELETE FROM campaign"))
    with world.resources.engine.connect().execution_options(
        isolation_level="AUTOCOMMIT"
    ) as connection:
        connection.execute(text("VACUUM ANALYZE message" if _is_postgresql(world) else "ANALYZE"))


def _is_postgresql(world: World) -> bool:
    return world.resources.engine.dialect.name == "postgresql"


def _rate(values: list[float]) -> str:
    return f"{median(values):,.0f}/s"
