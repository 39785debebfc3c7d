"""Lookups among ten million numbers: by themselves, and while a campaign runs."""

import asyncio
import statistics
import time
from collections.abc import Sequence
from itertools import count

from bench import receiving
from bench.asking import Question, Reply, at_a_rate, entered
from bench.number_world import NAME, Known, add_numbers
from bench.processes import running
from bench.report import Report, percentile
from bench.responder import running_responder
from bench.world import World, database_urls, open_world
from commands.ports import any_port
from registry.base.clock import utc_now
from registry.numbers.lookup import receive as receivers
from registry.numbers.lookup.guard import Guard
from registry.numbers.lookup.receive import LookupRequest
from registry.numbers.shape import Kind

ROWS = 10_000_000
KNOWN = 2000
RATE = 200.0
SECONDS = 20
RECEIVERS = 2000
LATENCY = 0.05
CONNECTIONS = 64


def lookups(report: Report, rows: int) -> None:
    """Measure the transaction of a lookup, then the pages under a steady stream."""
    with (
        running_responder(LATENCY) as url,
        database_urls("postgresql") as urls,
        open_world(urls["postgresql"], url, public_url="http://127.0.0.1", proxies=1) as world,
    ):
        known = add_numbers(world, rows, KNOWN)
        _transactions(report, world, known, rows)
        port = any_port()
        with running(world.resources.settings, "web", "--port", str(port)):
            base = f"http://127.0.0.1:{port}"
            receiving.wait_for(base)
            _pages(report, base, known, "by themselves")
            crowd = world.add_school("10002", 20_000)
            with running(world.resources.settings, "worker", "--processes", "1"):
                world.start_campaign(crowd)
                time.sleep(2)
                _pages(report, base, known, "beside a campaign")


def _transactions(report: Report, world: World, known: Sequence[Known], rows: int) -> None:
    guard = Guard(world.resources.vault)
    taken, worked = [], time.process_time()
    for place, each in enumerate(known):
        asked = LookupRequest(
            Kind.FILE, NAME, each.number, f"10.0.{place // 250}.{place % 250}", ""
        )
        begun = time.perf_counter()
        with world.resources.sessions.begin() as session:
            answer = receivers.look_up(session, world.resources.vault, guard, asked, utc_now())
        taken.append(time.perf_counter() - begun)
        assert answer.finding is not None
        assert answer.finding.number is not None
    own = (time.process_time() - worked) / len(known)
    _tell(report, f"a lookup among {rows:,} numbers, in the database", taken, 0.05)
    report.add("of that, this process's own work", f"{own * 1000:.1f} ms")


def _pages(report: Report, base: str, known: Sequence[Known], when: str) -> None:
    replies, seconds = asyncio.run(_stream(base, known))
    shown = sum(reply.shown for reply in replies)
    rate = shown / seconds
    goal = f"≥ {RATE * 0.97:.0f}/s"
    report.add(f"lookups shown, {when}", f"{rate:.0f}/s", goal, reached=rate >= RATE * 0.97)
    _tell(report, f"a lookup's page, {when}", [reply.seconds for reply in replies], None)


async def _stream(base: str, known: Sequence[Known]) -> tuple[list[Reply], float]:
    numbers = count()
    questions = [
        Question(NAME, known[number % len(known)].number, _address(number))
        for number, _ in zip(numbers, range(int(RATE * SECONDS)), strict=False)
    ]
    async with entered(base, CONNECTIONS) as window:
        begun = time.perf_counter()
        replies = await at_a_rate(window, questions, RATE)
        return replies, time.perf_counter() - begun


def _address(number: int) -> str:
    place = number % RECEIVERS
    return f"10.{place % 200}.{place // 200}.1"


def _tell(report: Report, what: str, taken: list[float], goal: float | None) -> None:
    middle, slow = statistics.median(taken) * 1000, percentile(taken, 0.99) * 1000
    report.add(f"{what}, median", f"{middle:.1f} ms")
    if goal is None:
        report.add(f"{what}, p99", f"{slow:.1f} ms")
        return
    wanted, reached = f"< {goal * 1000:.0f} ms", slow < goal * 1000
    report.add(f"{what}, p99", f"{slow:.1f} ms", wanted, reached=reached)
