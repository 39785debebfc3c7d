"""Pages in season: nine of graduates to one of the console, over all schools, and each by itself.

Beside them a bare application answers in the same minutes: what of the figures is the machine's.
"""

import os
import random
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path

from sqlalchemy import Engine, text

from bench import receiving, visits
from bench.country import Country
from bench.mix_world import make_country
from bench.processes import ROOT, cpu_seconds, running
from bench.report import Report, percentile
from bench.visits import Answer, Ask
from bench.world import World, database_urls, open_world
from commands.ports import any_port
from registry.base.clock import utc_now
from registry.base.crypto import Vault
from tests.servers import libpq_address

GRADUATES = 100_000
"""A world for a desk; one of a million is `--graduates 1000000`."""
NOWHERE = "http://127.0.0.1:9"
HERS = (*("/g/", "/g/confirmation", "/g/messages", "/g/authorization"), *("/g/register", "/g/me"))
ORDERS = ("", "-entered", "name", "number", "department", "reported", "answered")
LISTS = (
    *(f"/school/graduates?sort={each}" for each in ORDERS),
    *("/school/reviews", "/school/transfer", "/school/verification", "/school/campaigns"),
    "/school/audit",
)
CONSOLE = ("/school/", "/school/confirmations", *LISTS)
ANSWERED = {200, 303}
"""A form that she may not fill in now leads on."""
PAGES = 3_000
"""Of the mix in each run."""
Asking = Callable[[], Sequence[Answer]]
VISITORS, GRADUATES_TO_ONE = 54, 9
"""Graduates who look around at the same time, and pages of theirs to one of the console."""
LINES, OFFERED = 16, 200.0
MADE_GOAL = 8_000
SPEED_GOAL, LATE_GOAL, PYTHON_GOAL, SQL_GOAL, LIST_GOAL, LIST_BYTES = 400, 0.15, 2.0, 0.5, 15.0, 20
_JUST_USED = "UPDATE web_session SET seen_at = now()"
_USED_BEFORE = "UPDATE web_session SET seen_at = now() - interval '5 minutes'"


@dataclass(frozen=True)
class Servers:
    """The product and the bare application over one database, and whose time is counted."""

    world: World
    country: Country
    base: str
    bare: str
    web: int
    bare_web: int
    postgresql: int

    def tell(self, statement: str) -> None:
        """Change something of all sessions."""
        with self.world.resources.engine.begin() as connection:
            connection.execute(text(statement))


@dataclass(frozen=True)
class Run:
    """What came of many pages."""

    answers: Sequence[Answer]
    seconds: float
    python: float
    """Milliseconds of the processor for a page."""
    sql: float

    @property
    def rate(self) -> float:
        """Return pages a second."""
        return len(self.answers) / self.seconds

    @property
    def cpu(self) -> float:
        """Return milliseconds of the processor for a page, in all."""
        return self.python + self.sql

    def late(self, share: float) -> float:
        """Return the seconds within which a share of the pages came."""
        return percentile([each.seconds for each in self.answers], share)


def mix(report: Report, graduates: int, rounds: int) -> None:
    """Measure the pages of so many graduates' schools."""
    with database_urls("postgresql") as urls, open_world(urls["postgresql"], NOWHERE) as world:
        country = made(report, world, partial(_of_one_size, graduates))
        with served(world, country) as servers:
            _each_page(report, servers)
            together(report, servers, max(1, min(rounds, 3)), SPEED_GOAL)


def _of_one_size(graduates: int, engine: Engine, vault: Vault) -> Country:
    return make_country(engine, vault, graduates, utc_now())


def made(report: Report, world: World, fill: Callable[[Engine, Vault], Country]) -> Country:
    """Make the country; say how fast, and how fast a core that did nothing else would be."""
    server = postgresql(world)
    begun, worked = time.monotonic(), own_seconds() + cpu_seconds(server)
    country = fill(world.resources.engine, world.resources.vault)
    took = time.monotonic() - begun
    worked = own_seconds() + cpu_seconds(server) - worked
    what = f"{country.graduates:,} graduates of {country.schools} schools made, a second"
    report.add(what, f"{country.graduates / took:,.0f}")
    of_a_core = country.graduates / worked
    goal = f"≥ {MADE_GOAL:,}"
    report.add(f"{what} of a core", f"{of_a_core:,.0f}", goal, reached=of_a_core >= MADE_GOAL)
    return country


def own_seconds() -> float:
    """Return the processor time of this process and of those it has waited for."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


@contextmanager
def served(world: World, country: Country) -> Iterator[Servers]:
    """Serve a country's pages, and bare ones beside."""
    port, bare = any_port(), any_port()
    address = libpq_address(world.resources.engine.url)
    with (
        running(world.resources.settings, "web", "--port", str(port), "--processes", "2") as web,
        _bare(bare, address) as other,
    ):
        base = f"http://127.0.0.1:{port}"
        receiving.wait_for(base)
        place = f"http://127.0.0.1:{bare}"
        yield Servers(world, country, base, place, web.pid, other.pid, postgresql(world))


@contextmanager
def _bare(port: int, address: str) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "bench.bare", str(port), address]
    process = subprocess.Popen(command, cwd=ROOT)
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


def postgresql(world: World) -> int:
    """Return the process of PostgreSQL on this machine under which all its others are."""
    with world.resources.engine.connect() as connection:
        backend = connection.scalar(text("SELECT pg_backend_pid()"))
    status = Path(f"/proc/{backend}/status").read_text(encoding="utf-8")
    return int(re.findall(r"^PPid:\s+(\d+)", status, re.MULTILINE)[0])


def measured(servers: Servers, ask: Asking, *, bare: bool = False) -> Run:
    """Ask, and measure the work that was done for it."""
    web = servers.bare_web if bare else servers.web
    before = cpu_seconds(web), cpu_seconds(servers.postgresql)
    begun = time.monotonic()
    answers = ask()
    took = time.monotonic() - begun
    after = cpu_seconds(web), cpu_seconds(servers.postgresql)
    python, sql = ((b - a) * 1000 / len(answers) for a, b in zip(before, after, strict=True))
    wrong = {(each.path, each.status) for each in answers if each.status not in ANSWERED}
    assert not wrong, wrong
    return Run(answers, took, python, sql)


def _each_page(report: Report, servers: Servers) -> None:
    """Ask for each page by itself, over one connection: of graduates, of the largest school."""
    for path, token, count in _pages(servers.country):
        asks = [Ask(path, token(each)) for each in range(count)]
        visits.at_full_speed(servers.base, asks[: count // 4], 2)  # both processes are warm
        servers.tell(_JUST_USED)
        run = measured(servers, at_full_speed(servers.base, asks, 1))
        _tell(report, path, run)


def _pages(country: Country) -> Iterator[tuple[str, Callable[[int], str], int]]:
    known = country.signed_in
    for path in HERS:
        yield path, lambda at: country.graduate_token(known[at * 37 % len(known)]), 200
    for path in CONSOLE:
        yield path, lambda _: country.staff_token(country.schools), 40


def _tell(report: Report, path: str, run: Run) -> None:
    size = statistics.mean(each.size for each in run.answers) / 1024
    value = f"{run.python:.1f} + {run.sql:.1f} ms, {size:.1f} KB"
    if path in HERS:
        goal = f"< {PYTHON_GOAL:g} + {SQL_GOAL:g} ms"
        reached = run.python < PYTHON_GOAL and run.sql < SQL_GOAL
    elif path in LISTS:
        goal = f"< {LIST_GOAL:g} ms, {LIST_BYTES} KB"
        reached = run.cpu < LIST_GOAL and size < LIST_BYTES
    else:
        goal, reached = "", True
    report.add(
        f"{path}: processor of Python + PostgreSQL, on the wire", value, goal, reached=reached
    )


def together(report: Report, servers: Servers, rounds: int, wanted: int) -> None:
    """Take turns: the mix as fast as it goes, the bare page so, the mix at a steady rate."""
    asks = _mixed(servers.country)
    visits.at_full_speed(servers.base, list(islice(asks, 1000)), LINES)
    full, bare, offered = list[Run](), list[Run](), list[Run]()
    for _ in range(rounds):
        servers.tell(_USED_BEFORE)
        some = list(islice(asks, PAGES))
        full.append(measured(servers, at_full_speed(servers.base, some)))
        plain = [Ask("/", each.token) for each in some if each.path in HERS]
        bare.append(measured(servers, at_full_speed(servers.bare, plain), bare=True))
        servers.tell(_USED_BEFORE)
        some = list(islice(asks, PAGES))
        rate = partial(visits.at_a_rate, servers.base, some, LINES * 4, OFFERED)
        offered.append(measured(servers, rate))
    _sum_up(report, full, bare, offered, wanted)


def at_full_speed(base: str, asks: Sequence[Ask], lines: int = LINES) -> Asking:
    """Return what asks for pages as fast as they come."""
    return partial(visits.at_full_speed, base, asks, lines)


def _mixed(country: Country) -> Iterator[Ask]:
    """Yield pages for ever: of graduates who look at all of theirs, and of staff of all schools."""
    chance, place = random.Random(1), 0  # noqa: S311 - who asks for what, no secrets
    while True:
        tokens = [country.graduate_token(chance.choice(country.signed_in)) for _ in range(VISITORS)]
        for path in HERS:
            for token in tokens:
                yield Ask(path, token)
                place += 1
                if place % GRADUATES_TO_ONE == 0:
                    school = chance.randrange(country.schools) + 1
                    page = CONSOLE[place // GRADUATES_TO_ONE % len(CONSOLE)]
                    yield Ask(page, country.staff_token(school))


def _sum_up(
    report: Report, full: list[Run], bare: list[Run], offered: list[Run], wanted: int
) -> None:
    rate = _median(full, "rate")
    goal = f"≥ {wanted}/s"
    report.add("the mix at full speed", f"{rate:.0f}/s", goal, reached=rate >= wanted)
    _compare(report, "the mix at full speed", full)
    report.add("a bare page at full speed", f"{_median(bare, 'rate'):.0f}/s")
    _compare(report, "a bare page", bare)
    ratio = _median(full, "cpu") / _median(bare, "cpu")
    report.add("processor of a page of the mix, of bare ones", f"{ratio:.1f}")
    slow = statistics.median(each.late(0.99) for each in offered)
    what = f"the mix at {OFFERED:.0f}/s offered, {_median(offered, 'rate'):.0f}/s answered"
    middle = statistics.median(each.late(0.5) for each in offered)
    report.add(f"{what}, median", f"{middle * 1000:.0f} ms")
    goal = f"< {LATE_GOAL * 1000:.0f} ms"
    report.add(f"{what}, p99", f"{slow * 1000:.0f} ms", goal, reached=slow < LATE_GOAL)


def _compare(report: Report, what: str, runs: list[Run]) -> None:
    value = f"{_median(runs, 'python'):.1f} + {_median(runs, 'sql'):.1f} ms"
    report.add(f"{what}: processor of Python + PostgreSQL a page", value)
    late = [statistics.median(each.late(share) for each in runs) * 1000 for share in (0.5, 0.99)]
    report.add(f"{what}: median, p99", f"{late[0]:.0f}, {late[1]:.0f} ms")


def _median(runs: list[Run], what: str) -> float:
    return float(statistics.median(getattr(each, what) for each in runs))
