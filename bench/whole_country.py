"""A country: how fast it is made, what it weighs, its slowest pages, and a province's reminder."""

import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from bench import mix, visits
from bench.country import PLANNED, Country, as_they_are
from bench.mix import Servers
from bench.mix_world import fill_country
from bench.processes import ROOT, cpu_seconds, environment
from bench.report import Report
from bench.sizes import APART, table_sizes
from bench.visits import Ask
from bench.world import World, database_urls, open_world
from notifier.campaigns import province_reminders
from notifier.campaigns.audience import Audience
from notifier.campaigns.campaigns import Draft
from notifier.campaigns.province_reminders import Acting
from notifier.delivery.sweep import sweep
from notifier.ledger import kinds
from notifier.ledger.tables import Campaign
from registry.accounts.school_tables import School
from registry.base.clock import utc_now
from registry.base.crypto import Vault
from registry.statistics import kept_figures
from registry.statistics.kept_figures import OfCohort

OLD_CAMPAIGNS = 200_000
BYTES = 8_000
"""A graduate's on the disk, messages and the journal included: what the default is reckoned by."""
RESERVE = 20 * 1024**3
"""Bytes of the disk that are left alone."""
PROVINCE_PAGES = (
    *("/province/", "/province/schools", "/province/reviews", "/province/people"),
    *("/province/rates", "/province/destinations", "/province/flags", "/province/syncs"),
    *("/province/batches", "/province/reminders", "/province/reminders/new"),
)
PAGE_GOAL, SPEED_GOAL, SIZE_GOAL = 0.06, 300, 2_500
COUNTED_GOAL, EXPANDED_GOAL, TICK_GOAL = 2.0, 60_000, 0.010
LOOKS, TICKS = 40, 60
EXPANDERS = 2
"""Processes that expand at the same time."""


def graduates_that_fit() -> int:
    """Return how many graduates the disk holds: the country's, or fewer."""
    free = shutil.disk_usage(tempfile.gettempdir()).free - RESERVE
    return max(100_000, min(PLANNED, free // BYTES))


def country(report: Report, graduates: int, rounds: int) -> None:
    """Measure a country of so many graduates; 0 for as many as the disk holds."""
    wanted = graduates or graduates_that_fit()
    with (
        database_urls("postgresql") as urls,
        open_world(urls["postgresql"], mix.NOWHERE) as world,
    ):
        made = mix.made(report, world, lambda engine, vault: _filled(engine, vault, wanted))
        _weigh(report, world, made)
        _tick(report, world)
        _remind(report, world, made)
        _count_figures(report, world, made)
        with mix.served(world, made) as servers:
            _pages(report, servers, made)
            mix.together(report, servers, max(1, min(rounds, 3)), SPEED_GOAL)


def _filled(engine: Engine, vault: Vault, wanted: int) -> Country:
    return fill_country(engine, vault, as_they_are(wanted), utc_now(), OLD_CAMPAIGNS)


def _weigh(report: Report, world: World, made: Country) -> None:
    sizes = table_sizes(world.resources.engine)
    people = made.graduates
    for each in sizes:
        if each.total >= people:
            heap, indexes = each.heap / people, each.indexes / people
            report.add(f"bytes a graduate: {each.table}", f"{heap:.0f} + {indexes:.0f}")
    whole = sum(each.total for each in sizes if each.table not in APART) / people
    what = "bytes a graduate, messages and pushes apart"
    report.add(what, f"{whole:.0f}", f"≤ {SIZE_GOAL:,}", reached=whole <= SIZE_GOAL)
    messages = [each for each in sizes if each.table == "message"]
    for each in messages:
        report.add("bytes a message", f"{each.total / max(1, each.rows):.0f}")


def _pages(report: Report, servers: Servers, made: Country) -> None:
    """Ask for each page of the largest school, and of the largest province, one at a time."""
    school, province = made.largest.number, made.provinces[0]
    asks = [(page, made.staff_token(school)) for page in mix.CONSOLE]
    asks += [(page, made.province_token(province)) for page in PROVINCE_PAGES]
    for path, token in asks:
        visits.at_full_speed(servers.base, [Ask(path, token)] * (LOOKS // 4), 2)
        run = mix.measured(servers, mix.at_full_speed(servers.base, [Ask(path, token)] * LOOKS, 1))
        late = run.late(0.95)
        value = f"{late * 1000:.0f} ms ({run.python:.0f} + {run.sql:.0f})"
        what = f"{path}: p95 alone (processor of Python + PostgreSQL)"
        report.add(what, value, f"< {PAGE_GOAL * 1000:.0f} ms", reached=late < PAGE_GOAL)


def _remind(report: Report, world: World, made: Country) -> None:
    """Count whom a reminder of the largest province reaches, then make its messages."""
    province = made.provinces[0]
    kind = kinds.kinds()[province_reminders.KIND]
    audience = Audience(made.year)
    with world.resources.page_readers() as session:
        schools = _schools(session, province)
        begun = time.perf_counter()
        reached = province_reminders.reach(session, province, schools, audience, kind)
        counted = time.perf_counter() - begun
    recipients = sum(each.recipients for _, each in reached)
    what = f"a reminder to {recipients:,} people of {len(reached)} schools"
    goal = f"< {COUNTED_GOAL:g} s"
    report.add(f"{what}: counted", f"{counted:.2f} s", goal, reached=counted < COUNTED_GOAL)
    _start(world, province, schools, audience)
    server = mix.postgresql(world)
    sql = cpu_seconds(server)
    took, python = _expanded(world)
    sql = cpu_seconds(server) - sql
    rate = recipients / took
    goal = f"≥ {EXPANDED_GOAL:,}"
    report.add(f"{what}: expanded, a second", f"{rate:,.0f}", goal, reached=rate >= EXPANDED_GOAL)
    of_each = [1e6 * each / recipients for each in (python, sql)]
    value = "{:.0f} + {:.0f} us".format(*of_each)
    report.add(f"{what}: processor of Python + PostgreSQL a person", value)


def _count_figures(report: Report, world: World, made: Country) -> None:
    """Count by a worker what the pages of the largest province show of all its people."""
    resources, of = world.resources, OfCohort(made.provinces[0], made.year)
    with resources.sessions.begin() as session:
        kept_figures.ask(session, of, utc_now())
    begun = time.perf_counter()
    kept_figures.make_next(resources.sessions, resources.readers, utc_now)
    took = time.perf_counter() - begun
    report.add("the figures of the largest province, counted by a worker", f"{took:.2f} s")


def _schools(session: Session, province: str) -> list[str]:
    return list(session.scalars(select(School.key).where(School.province == province)))


def _start(world: World, province: str, schools: list[str], audience: Audience) -> None:
    acting = Acting(province, "staff:bench", "某省", utc_now())
    draft = Draft("提醒", province_reminders.KIND, audience, {"deadline": "2026-06-30"})
    with world.resources.sessions.begin() as session:
        made = province_reminders.create(session, acting, draft, schools)
        province_reminders.start(session, acting, made.key)


def _expanded(world: World) -> tuple[float, float]:
    """Return the seconds in which processes have made every campaign of it, and their work."""
    command = [sys.executable, "-m", "bench.expanding"]
    given = {"env": environment(world.resources.settings), "cwd": ROOT}
    begun = [
        subprocess.Popen(command, stdout=subprocess.PIPE, **given)  # type: ignore[call-overload]  # given is any of its options
        for _ in range(EXPANDERS)
    ]
    said = [json.loads(process.communicate()[0]) for process in begun]
    return max(seconds for seconds, *_ in said), sum(worked for *_, worked in said)


def _tick(report: Report, world: World) -> None:
    """Look for what is due, as the clockwork does each second, among many old campaigns."""
    with world.resources.readers() as session:
        campaigns = session.scalar(select(func.count()).select_from(Campaign))
    sweep(world.resources)  # settles the campaigns that were cancelled before
    taken, server = list[float](), mix.postgresql(world)
    worked = mix.own_seconds() + cpu_seconds(server)
    for _ in range(TICKS):
        begun = time.perf_counter()
        sweep(world.resources)
        taken.append(time.perf_counter() - begun)
    late = statistics.median(taken)
    worked = (mix.own_seconds() + cpu_seconds(server) - worked) / TICKS
    value = f"{worked * 1000:.1f} ms (median until it was done {late * 1000:.1f})"
    what = f"a tick among {campaigns:,} campaigns: processor"
    report.add(what, value, f"< {TICK_GOAL * 1000:.0f} ms", reached=worked < TICK_GOAL)
