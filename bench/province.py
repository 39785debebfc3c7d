"""A province's system: a steady stream of changes, a night's reconciling, a push seen on a page.

Everything goes over HTTP, signed, to two processes of the web beside a PostgreSQL that keeps what
it commits; graduates open their pages meanwhile.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from itertools import count, cycle
from typing import TypeVar

from sqlalchemy import func, select

from bench import receiving
from bench.processes import cpu_seconds, running
from bench.province_world import Province, ProvincialSystem, Record, open_province, opened
from bench.report import Report, percentile
from bench.world import database_urls, open_world
from commands.ports import any_port
from notifier.ledger.tables import Message
from registry.record.tables import Registration

Done = TypeVar("Done")
NOWHERE = "http://127.0.0.1:9"
SECONDS, RATE, BATCH = 60, 1000, 100
"""Of the stream: for how long, records a second, records a batch."""
RECORDS, NIGHT_BATCH, AT_ONCE = 500_000, 1000, 2
"""Of the night at full size."""
PAGES_A_SECOND, PRESSES = 10, 100
BATCH_GOAL, PAGE_GOAL, SEEN_GOAL, NIGHT_GOAL = 1.0, 0.1, 2.0, 240.0
"""Seconds: p99 of a batch, p95 of a page meanwhile, p99 from a push to the graduate's page, the
night (in proportion for fewer records)."""
UNITS = ("青岛海纳软件有限公司", "青岛云岭软件有限公司")


def province(report: Report, records: int) -> None:
    """Measure with so many graduates of the province, each of whom has a record."""
    with (
        database_urls("postgresql") as urls,
        open_world(urls["postgresql"], NOWHERE, public_url="http://127.0.0.1") as world,
    ):
        place, port = open_province(world, records), any_port()
        with running(
            world.resources.settings, "web", "--port", str(port), "--processes", "2"
        ) as web:
            base = f"http://127.0.0.1:{port}"
            receiving.wait_for(base)
            asyncio.run(_measure(report, place, base, web.pid))


async def _measure(report: Report, place: Province, base: str, web: int) -> None:
    versions = count(1)
    async with opened(place, base, web) as system:
        for part in (_first, _stream, _night, _seen):
            system.take_a_key()
            used = cpu_seconds(web)
            records = await part(report, system, versions)
            own = (cpu_seconds(web) - used) / records * 1000
            report.add("the web's own work meanwhile, of a record", f"{own:.2f} ms")


async def _first(report: Report, system: ProvincialSystem, versions: Iterator[int]) -> int:
    begun = time.perf_counter()
    batches = system.province.batches(NIGHT_BATCH, next(versions), UNITS[0])
    told = await _everything(system, batches)
    rate = told.total() / (time.perf_counter() - begun)
    what = f"{told['created']:,} first records in batches of {NIGHT_BATCH:,}, {AT_ONCE} at once"
    report.add(what, f"{rate:,.0f}/s")
    system.province.world.analyse()
    return told.total()


async def _everything(system: ProvincialSystem, batches: Iterator[list[Record]]) -> Counter[str]:
    """Push batches, a few at once; return the outcomes."""
    told = Counter[str]()

    async def push_on() -> None:
        for batch in batches:
            told.update((await system.push(batch)).counts)

    await asyncio.gather(*(push_on() for _ in range(AT_ONCE)))
    return told


async def _stream(report: Report, system: ProvincialSystem, versions: Iterator[int]) -> int:
    """Push changes at a steady rate, however slowly they are answered, and open pages meanwhile."""
    batches = _changes(system.province, versions)
    people = cycle(system.province.tokens)
    pushes = _steadily(RATE / BATCH, lambda: system.push(next(batches)))
    pages = _steadily(PAGES_A_SECOND, lambda: system.page(next(people)))
    (pushed, taken), (_, opened_in) = await asyncio.gather(pushes, pages)
    told = sum((each.counts for each in pushed), Counter[str]())
    what = f"{told['updated']:,} changes at {RATE:,}/s in batches of {BATCH}, of {told.total():,}"
    report.add(what, f"{told.total() / SECONDS:,.0f}/s")
    _tell(report, "a batch of them, p99", percentile(taken, 0.99), BATCH_GOAL)
    _tell(report, "a graduate's page meanwhile, p95", percentile(opened_in, 0.95), PAGE_GOAL)
    return told.total()


def _changes(place: Province, versions: Iterator[int]) -> Iterator[list[Record]]:
    """Yield batches in each of which every record changes, without an end."""
    for version in versions:
        yield from place.batches(BATCH, version, UNITS[(version - 1) % 2])


async def _steadily(
    rate: float, do: Callable[[], Awaitable[Done]]
) -> tuple[list[Done], list[float]]:
    """Do something at a steady rate; its time counts from when it was due."""
    begun = time.perf_counter()

    async def do_at(due: float) -> tuple[Done, float]:
        await asyncio.sleep(max(0.0, begun + due - time.perf_counter()))
        done = await do()
        return done, time.perf_counter() - begun - due

    found = await asyncio.gather(*(do_at(place / rate) for place in range(int(SECONDS * rate))))
    return [done for done, _ in found], [seconds for _, seconds in found]


async def _night(report: Report, system: ProvincialSystem, _versions: Iterator[int]) -> int:
    """Push everything as it stands: nothing may change, nobody be told."""
    before, begun = _kept(system.province), time.perf_counter()
    told = await _everything(system, system.province.unchanged(NIGHT_BATCH))
    took, records = time.perf_counter() - begun, told.total()
    _tell(report, f"{records:,} unchanged, at night", took, NIGHT_GOAL * records / RECORDS)
    same = told["unchanged"] == records and _kept(system.province) == before
    report.add("of them, unchanged", f"{told['unchanged']:,}", "all, nobody told", reached=same)
    return records


def _kept(place: Province) -> tuple[int, int]:
    """Return how many versions and messages there are."""
    with place.world.resources.readers.begin() as session:
        counted = (select(func.count(table.id)) for table in (Registration, Message))
        versions, messages = (session.scalars(each).one() for each in counted)
        return versions, messages


async def _seen(report: Report, system: ProvincialSystem, versions: Iterator[int]) -> int:
    """Push one graduate's change after the other; each looks until her page shows it."""
    taken = []
    for place, token in zip(range(PRESSES), cycle(system.province.tokens), strict=False):
        person, unit = system.province.people[place], f"第{place}软件有限公司"
        begun = time.perf_counter()
        await system.push([person.record(next(versions), unit)])
        while unit not in (await system.page(token))[0]:
            pass
        taken.append(time.perf_counter() - begun)
    what = f"from a push to the graduate's page, p99 of {len(taken)}"
    _tell(report, what, percentile(taken, 0.99), SEEN_GOAL)
    return len(taken)


def _tell(report: Report, what: str, seconds: float, goal: float) -> None:
    report.add(what, f"{seconds:.3g} s", f"< {goal:.3g} s", reached=seconds < goal)
