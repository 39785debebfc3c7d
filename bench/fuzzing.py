"""Random requests over all routes, as every role, on PostgreSQL: none may be answered with a 5xx.

What is sent is drawn from what pages send, from what nobody means, and from random letters, into
the path, the query and the form of a route, each parameter that its view was heard to ask for.
"""

import random
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime

from bench.report import Report
from bench.world import database_urls
from sandbox.config import Config
from sandbox.testing import RunningSandbox
from tests.clock import StandingClock
from tests.servers import run_valkey
from tests.wxapp.core.nasty_values import AWKWARD, IMPOSSIBLE, STRANGE, known
from tests.wxapp.core.route_walk import Shot, Walker, arguments_of, listen_on, rules_of
from tests.wxapp.core.two_numbers import Stage, set_up
from tests.wxapp.site import open_site
from wxapp.core.limits import limiter

ROUND = 2000
"""Requests after which everybody comes in anew: many end their own session."""
SEED = 13
TURNED_AWAY = 403
NASTY = (IMPOSSIBLE, *AWKWARD, *STRANGE)
USUAL = ("", "1", "2026", "2026-06-30", "370000", "李娟", "file", "household", "11", "yes", "all")
DAY = datetime(2026, 6, 10, 2, 0, tzinfo=UTC)


def fuzz(report: Report, requests: int) -> None:
    """Send so many requests, and count how they were answered."""
    draw = random.Random(SEED)  # noqa: S311 - repeatable, nothing secret
    answers = Counter[str]()
    with _stages() as stages:
        left = requests
        while left > 0:
            answers += _round(next(stages), min(left, ROUND), draw)
            left -= ROUND
    broken = {what: times for what, times in answers.items() if what.startswith("5")}
    for what, times in sorted(broken.items()):
        report.add(what, str(times))
    classes = Counter[str]()
    for what, times in answers.items():
        classes[f"{what[0]}xx"] += times
    said = ", ".join(f"{name} {times:,}" for name, times in sorted(classes.items()))
    failed = sum(broken.values())
    report.add(f"{requests:,} random requests: {said}", f"{failed} of 5xx", "0", reached=not failed)


@contextmanager
def _stages() -> Iterator[Iterator[Stage]]:
    """Give the site with everybody let in, as often as asked for."""
    with (
        database_urls("postgresql") as urls,
        run_valkey() as redis_url,
        RunningSandbox(Config(redirect_host="localhost")) as wechat,
        open_site(urls["postgresql"], redis_url, wechat, StandingClock(DAY)) as site,
    ):
        limiter.enabled = False
        listen_on(site.app)
        yield (set_up(site) for _ in iter(int, 1))


def _round(stage: Stage, requests: int, draw: random.Random) -> Counter[str]:
    """Ask at random for a while; return how often each answer was given, a 5xx with its route."""
    filled = known(stage)
    walkers = [Walker(browser, filled) for browser in stage.browsers.values()]
    ways = [(rule, way) for way in ("GET", "POST") for rule in rules_of(stage.site.app, way)]
    found = Counter[str]()
    doors = [(walker, rule, method) for walker in walkers for rule, method in ways]
    for _ in range(requests):
        walker, rule, method = door = draw.choice(doors)
        names = sorted(walker.names_of(rule, method))
        sent = {name: _value(draw, filled) for name in names if draw.random() < 0.7}
        path = {name: _value(draw, filled) for name in arguments_of(rule) if draw.random() < 0.3}
        in_form = method == "POST" and draw.random() < 0.9
        file_name = _value(draw, filled) if in_form and draw.random() < 0.1 else None
        query, form = ({}, sent) if in_form else (sent, {})
        status = walker.ask(Shot(rule, method, path, query, form, file_name))
        if status == TURNED_AWAY and draw.random() < 0.9:
            doors.remove(door)  # who is not let in seldom asks again
        found[f"{status} {method} {rule}" if status >= 500 else str(status)] += 1
    return found


def _value(draw: random.Random, filled: Mapping[str, str]) -> str:
    """Draw a value: what pages send, what exists, what nobody means, or letters at random."""
    letters = "".join(chr(draw.randrange(1, 0xD800)) for _ in range(draw.randrange(1, 40)))
    pool = draw.choice((USUAL, sorted(filled.values()), NASTY, (letters,)))
    return draw.choice(pool)
