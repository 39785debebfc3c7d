"""Random requests over all routes, as every role, on PostgreSQL: none may be answered with a 5xx.

What is sent is drawn from what pages send, from what nobody means, and from random letters, into
the path, the query and the form of a route, each parameter that its view was heard to ask for.
"""

import random
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from bs4 import Tag
from flask import Flask
from sqlalchemy import delete, select
from werkzeug.routing import Rule

from bench.form_filling import changed, fill
from bench.report import Report
from bench.world import database_urls
from migrations.metadata import metadata
from registry.accounts.tables import Role
from registry.record.contact_tables import ContactChange
from sandbox.config import Config
from sandbox.testing import RunningSandbox
from tests.clock import StandingClock
from tests.servers import run_valkey
from tests.wxapp.breaches.conftest import FORM as BREACH
from tests.wxapp.core.nasty_values import AWKWARD, IMPOSSIBLE, STRANGE, known
from tests.wxapp.core.route_walk import Shot, Walker, arguments_of, listen_on, path_of, rules_of
from tests.wxapp.core.two_numbers import Stage, set_up
from tests.wxapp.employer.conftest import Signing
from tests.wxapp.employer.test_story import accept
from tests.wxapp.school.test_scope import foreign
from tests.wxapp.site import Site, find_campus, open_site
from wxapp.core.limits import limiter

ROUND = 5000
"""Requests after which everybody comes in anew: many end their own session."""
SEED = 13
LEAVES = {"sign_in.leave", "unbinding.unbind", "record.switch"}
"""Endpoints that end the session the walk goes on with: asked seldom."""
TURNED_AWAY = 403
MOST_LED_TO = 3
"""Pages of one route that are walked to before all else."""
NASTY = (IMPOSSIBLE, *AWKWARD, *STRANGE)
USUAL = ("", "1", "2026", "2026-06-30", "370000", "李娟", "file", "household", "11", "yes", "all")
DAY = datetime(2026, 6, 10, 2, 0, tzinfo=UTC)


@dataclass
class Tally:
    """How requests were answered, and which routes let somebody in."""

    answers: Counter[str] = field(default_factory=Counter)
    """How often each status was given, a 5xx with its route."""
    reached: set[str] = field(default_factory=set)
    """Method and rule of what was answered with a page, a file or a way on."""
    shown_at: dict[str, list[str]] = field(default_factory=dict)
    """Endpoint -> the table whose rows it shows, where no page led there."""

    def add(self, rule: Rule, method: str, status: int) -> None:
        """Count an answer."""
        self.answers[f"{status} {method} {rule}" if status >= 500 else str(status)] += 1
        if status < 400:
            self.reached.add(f"{method} {rule}")


def fuzz(report: Report, requests: int) -> None:
    """Send so many requests, and count how they were answered."""
    draw = random.Random(SEED)  # noqa: S311 - repeatable, nothing secret
    tally, left, routes = Tally(), requests, 0
    with _stages() as stages:
        while left > 0:
            routes = play(next(stages), min(left, ROUND), draw, tally)
            left -= ROUND
    broken = {what: times for what, times in tally.answers.items() if what.startswith("5")}
    for what, times in sorted(broken.items()):
        report.add(what, str(times))
    classes = Counter[str]()
    for what, times in tally.answers.items():
        classes[f"{what[0]}xx"] += times
    said = ", ".join(f"{name} {times:,}" for name, times in sorted(classes.items()))
    failed = sum(broken.values())
    report.add(f"{requests:,} random requests: {said}", f"{failed} of 5xx", "0", reached=not failed)
    report.add("routes that let somebody in", f"{len(tally.reached)} of {routes}")


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
        people = _sign_and_report(set_up(site))
        with site.resources.sessions() as session:
            foreign(find_campus(session, site), None)
        yield (_let_in(_anew(site), people) for _ in iter(int, 1))


def _anew(site: Site) -> Stage:
    """Set everybody up again, who are one person by their number: nothing stands against her."""
    with site.resources.sessions.begin() as session:
        session.execute(delete(ContactChange))
    return set_up(site)


def play(stage: Stage, requests: int, draw: random.Random, tally: Tally) -> int:
    """Ask at random for a while, having walked in; return how many routes there are."""
    filled, app = known(stage), stage.site.app
    walkers = [Walker(browser, filled) for browser in stage.browsers.values()]
    ways = [(rule, way) for way in ("GET", "POST") for rule in rules_of(app, way)]
    doors = [(walker, rule, method) for walker in walkers for rule, method in ways]
    for walker in walkers:
        for shot in _ways_in(walker, app):
            tally.add(shot.rule, "GET", walker.ask(shot))
        _try_rows(stage, walker, tally)
    for _ in range(requests):
        walker, rule, method = door = draw.choice(doors)
        while rule.endpoint in LEAVES and draw.random() < 0.95:
            walker, rule, method = door = draw.choice(doors)
        status = walker.ask(_shot(walker, rule, method, draw, filled))
        if status == TURNED_AWAY and draw.random() < 0.9:
            doors.remove(door)  # who is not let in seldom asks again
        tally.add(rule, method, status)
    return len(ways)


def _sign_and_report(stage: Stage) -> dict[str, str]:
    """Have somebody invited who accepts, somebody who does not yet, and a breach reported.

    Return their WeChats, by name. It is done once: what is asked at random may close the year.
    """
    site, employer, openids = stage.site, stage.browsers[Role.EMPLOYER], dict[str, str]()
    for name in ("signer", "invited"):
        her = site.graduate()
        openids[name] = openid = site.bind(her, name)
        stage.browsers[name] = phone = site.enter(openid)
        signing = Signing(site, her, openid, phone, employer)
        signing.invite()
        if name == "signer":
            accept(signing)
        site.clock.move(timedelta(minutes=2))
    said = {"kind": "forced", "accused": "school", "words": "要求当天签约。", "named": "unnamed"}
    stage.browsers["signer"].get("/g/breaches/new").submit(BREACH, **said)
    return openids


def _let_in(stage: Stage, openids: Mapping[str, str]) -> Stage:
    """Let those who sign come in anew."""
    stage.browsers |= {name: stage.site.enter(openid) for name, openid in openids.items()}
    return stage


def _ways_in(walker: Walker, app: Flask) -> Iterator[Shot]:
    """Yield the pages that need nothing in their path, then those that these lead to."""
    rules = rules_of(app, "GET")
    yield from (Shot(rule, "GET") for rule in rules if not arguments_of(rule))
    for rule in rules:
        if arguments_of(rule):
            for path in sorted(walker.paths.get(rule.endpoint, ()))[:MOST_LED_TO]:
                yield Shot(rule, "GET", found=path)


def _try_rows(stage: Stage, walker: Walker, tally: Tally) -> None:
    """Ask for the page of each thing there is where no page led to one; walk to those later.

    Which table's rows a page shows is found in the first round, and believed in the next ones.
    """
    newest = _newest_keys(stage)
    for rule in rules_of(stage.site.app, "GET"):
        if "key" not in rule.arguments or walker.paths.get(rule.endpoint):
            continue
        for table in tally.shown_at.get(rule.endpoint, newest):
            path = path_of(rule, {**walker.known, "key": newest[table]})
            status = walker.ask(Shot(rule, "GET", found=path))
            tally.add(rule, "GET", status)
            if status == TURNED_AWAY:
                break
            if status < 400:
                walker.paths.setdefault(rule.endpoint, set()).add(path)
                tally.shown_at[rule.endpoint] = [table]


def _newest_keys(stage: Stage) -> dict[str, str]:
    """Return the key of the newest row of each table whose rows have one, by the table's name."""
    found = dict[str, str]()
    with stage.site.resources.readers.begin() as session:
        for table in metadata.sorted_tables:
            if {"id", "key"} <= set(table.columns.keys()):
                newest = select(table.c.key).order_by(table.c.id.desc()).limit(1)
                if key := session.scalar(newest):
                    found[table.name] = key
    return found


def _shot(
    walker: Walker, rule: Rule, method: str, draw: random.Random, filled: Mapping[str, str]
) -> Shot:
    """Draw what a route is sent: where pages have led to it, mostly there."""
    sent = {n: _value(draw, filled) for n in sorted(walker.names_of(rule, method))}
    sent = {name: value for name, value in sent.items() if draw.random() < 0.7}
    path = {name: _value(draw, filled) for name in arguments_of(rule) if draw.random() < 0.3}
    forms = walker.forms.get(rule.endpoint, {}) if method == "POST" else {}
    if forms and draw.random() < 0.8:
        return _filled_in(rule, forms, draw, filled)
    leads = sorted(walker.paths.get(rule.endpoint, ()))
    found = draw.choice(leads) if leads and draw.random() < 0.7 else None
    in_form = method == "POST" and draw.random() < 0.9
    file_name = _value(draw, filled) if in_form and draw.random() < 0.1 else None
    query, form = ({}, sent) if in_form else (sent, {})
    return Shot(rule, method, path, query, form, file_name, found)


def _filled_in(
    rule: Rule, forms: Mapping[str, Tag], draw: random.Random, filled: Mapping[str, str]
) -> Shot:
    """Fill in a form as a page offered it, half of the time with something else in a field."""
    path = draw.choice(sorted(forms))
    sent = fill(forms[path], draw)
    if draw.random() < 0.5:
        sent = changed(sent, draw, _value(draw, filled))
    return Shot(rule, "POST", found=path, sent=sent)


def _value(draw: random.Random, filled: Mapping[str, str]) -> str:
    """Draw a value: what pages send, what exists, what nobody means, or letters at random."""
    letters = "".join(chr(draw.randrange(1, 0xD800)) for _ in range(draw.randrange(1, 40)))
    pool = draw.choice((USUAL, sorted(filled.values()), NASTY, (letters,)))
    return draw.choice(pool)
