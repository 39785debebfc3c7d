"""Attacks on the public check: guessing in the open, guessing through the door, and listening.

`guesses` counts what random numbers would hit if nothing stood in the way; `storm` sends guesses
over HTTP from one address, one network and thousands of addresses, and counts the lookups that
were made; `timing` compares the time of nobody's number with that of another's.
"""

import asyncio
import random
import secrets
import statistics
from collections import Counter
from collections.abc import Iterator
from itertools import count

from sqlalchemy import func, select

from bench import receiving
from bench.asking import Question, Reply, all_at_once, entered
from bench.number_world import NAME, SCHOOL_CODE, Known, add_numbers
from bench.processes import running
from bench.report import Report
from bench.world import YEAR, World, database_urls, open_world
from commands.ports import any_port
from registry.numbers import shape
from registry.numbers.shape import ALPHABET, RANDOM, RANDOM_LENGTHS, Issue
from registry.numbers.tables import Lookup, Result

NOWHERE = "http://127.0.0.1:9"
LIVE = 20_000
"""Numbers in force of one school and year: a large school, everybody authorized."""
CONNECTIONS = 16
STRANGERS = 5000
MOST_LOOKUPS = 200
ANY = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def guesses(report: Report, tries: int) -> None:
    """Draw numbers at random, as three kinds of guessers do, against one school's numbers."""
    for issue in Issue:
        live = {shape.make(issue, YEAR, SCHOOL_CODE) for _ in range(LIVE)}
        length = RANDOM_LENGTHS[issue] + 1
        blind = (_written(ANY, length) for _ in range(tries))
        shaped = (_written(ALPHABET, length) for _ in range(tries))
        clever = (shape.make(issue, YEAR, SCHOOL_CODE) for _ in range(tries))
        for who, tried in (("any characters", blind), ("our characters", shaped)):
            formed, _ = _tally(tried, live)
            share = f"{formed / tries:.2%}"
            report.add(f"{issue}: {who}, well formed of {tries:,} guesses", share)
        _, hits = _tally(clever, live)
        expected = tries * LIVE / len(RANDOM) ** RANDOM_LENGTHS[issue]
        what = f"{issue}: numbers hit by {tries:,} who know the shape, of {LIVE:,} in force"
        report.add(what, f"{hits} ({expected:.2g} expected)")


def _written(alphabet: str, length: int) -> str:
    body = "".join(secrets.choice(alphabet) for _ in range(length))
    return f"{YEAR % 100:02}{SCHOOL_CODE}{body}"


def _tally(tried: Iterator[str], live: set[str]) -> tuple[int, int]:
    """Return how many were well formed, and how many exist."""
    formed = hits = 0
    for number in tried:
        read = shape.read(number)
        if read is not None:
            formed += 1
            hits += read.number in live
    return formed, hits


def storm(report: Report, tries: int) -> None:
    """Send guesses over HTTP, and count those for which a number was looked for."""
    with (
        database_urls("postgresql") as urls,
        open_world(urls["postgresql"], NOWHERE, public_url="http://127.0.0.1", proxies=1) as world,
    ):
        known = add_numbers(world, 0, 1000)
        port = any_port()
        with running(world.resources.settings, "web", "--port", str(port)):
            base = f"http://127.0.0.1:{port}"
            receiving.wait_for(base)
            for who, share, addresses in _attackers():
                _attack(report, world, base, known, (who, int(tries * share), addresses))
            made, goal = _made(world), f"< {MOST_LOOKUPS}"
            report.add("lookups made by all of it", str(made), goal, reached=made < MOST_LOOKUPS)


def _attackers() -> list[tuple[str, float, list[str]]]:
    botnet = [f"{11 + place // 250}.{place % 250}.7.1" for place in range(STRANGERS)]
    return [
        ("one address", 0.2, ["198.51.100.7"]),
        ("a network of 256", 0.2, [f"203.0.113.{place}" for place in range(256)]),
        (f"{STRANGERS:,} addresses", 0.6, botnet),
    ]


def _attack(
    report: Report,
    world: World,
    base: str,
    known: list[Known],
    attacker: tuple[str, int, list[str]],
) -> None:
    who, tries, addresses = attacker
    before, statuses = _made(world), Counter[str]()

    def take(_question: Question, reply: Reply) -> None:
        assert not reply.shown
        statuses[_outcome(reply)] += 1

    async def send() -> None:
        async with entered(base, CONNECTIONS) as window:
            await all_at_once(window, _guesses(tries, addresses, known), CONNECTIONS, take)

    asyncio.run(send())
    said = ", ".join(f"{each} {number:,}" for each, number in sorted(statuses.items()))
    report.add(f"{tries:,} guesses from {who}: {said}", f"{_made(world) - before} looked up")


def _guesses(tries: int, addresses: list[str], known: list[Known]) -> Iterator[Question]:
    """Guess numbers for a common name, and names for known numbers, in turn."""
    for place in range(tries):
        address = addresses[place % len(addresses)]
        if place % 2:
            yield Question("张伟", secrets.choice(known).number, address)
        else:
            yield Question(NAME, shape.make(Issue.TRANSFER, YEAR, SCHOOL_CODE), address)


def _outcome(reply: Reply) -> str:
    if reply.status != 200:
        return f"status {reply.status}"
    return "puzzle" if reply.puzzled else "answered"


def _made(world: World) -> int:
    with world.resources.readers.begin() as session:
        return session.scalar(select(func.count()).select_from(Lookup)) or 0


def timing(report: Report, samples: int) -> None:
    """Ask for nobody's number and for another's, in random order, each from a fresh address."""
    settings = {"public_url": "http://127.0.0.1", "proxies": 1, "lookup_failures": 10**9}
    with (
        database_urls("postgresql") as urls,
        open_world(urls["postgresql"], NOWHERE, **settings) as world,
    ):
        known = add_numbers(world, 100_000, samples)
        port = any_port()
        with running(world.resources.settings, "web", "--port", str(port), "--processes", "1"):
            base = f"http://127.0.0.1:{port}"
            receiving.wait_for(base)
            taken = asyncio.run(_listen(base, known, samples))
        with world.resources.readers.begin() as session:
            counted = select(Lookup.result, func.count()).group_by(Lookup.result)
            told = dict(session.execute(counted).tuples().all())
        assert told[Result.UNKNOWN] >= samples, told
        assert told[Result.WRONG_NAME] >= samples, told
    _compare(report, taken["unknown"], taken["wrong name"])


async def _listen(base: str, known: list[Known], samples: int) -> dict[str, list[float]]:
    """Ask in pairs, each in an order drawn at random: what else the machine does hits both."""
    taken: dict[str, list[float]] = {"unknown": [], "wrong name": []}
    places = count()
    async with entered(base, 1) as window:
        for each in known[:samples]:
            unknown = shape.make(Issue.TRANSFER, YEAR, SCHOOL_CODE)
            pair = [("wrong name", each.number), ("unknown", unknown)]
            random.shuffle(pair)
            for what, number in pair:
                place = next(places)
                address = f"{20 + place // 62500}.{place // 250 % 250}.{place % 250}.1"
                reply = await window.ask(Question("张三", number, address))
                assert reply.status == 200
                taken[what].append(reply.seconds)
    return taken


def _compare(report: Report, one: list[float], other: list[float]) -> None:
    apart = (statistics.median(other) - statistics.median(one)) * 1000
    paired = statistics.median(b - a for a, b in zip(one, other, strict=True)) * 1000
    report.add("nobody's number, median", f"{statistics.median(one) * 1000:.2f} ms")
    report.add("another's number, median", f"{statistics.median(other) * 1000:.2f} ms")
    report.add("apart, medians", f"{apart:+.3f} ms", "< 2 ms", reached=abs(apart) < 2)
    report.add("apart, median of the pairs' differences", f"{paired:+.3f} ms")
    report.add("apart, Welch's t", f"{welch(one, other):+.2f}")


def welch(one: list[float], other: list[float]) -> float:
    """Return Welch's t, each sample without its slowest twentieth: those are the machine's."""
    kept = [sorted(each)[: len(each) * 19 // 20] for each in (one, other)]
    spread = sum(statistics.variance(each) / len(each) for each in kept)
    return float((statistics.fmean(kept[1]) - statistics.fmean(kept[0])) / spread**0.5)
