"""What no field can hold is refused before any view; whatever else is sent breaks nothing."""

import os
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from werkzeug.routing import Rule

from sandbox.testing import RunningSandbox
from tests.clock import StandingClock
from tests.wxapp.core.nasty_values import AWKWARD, IMPOSSIBLE, STRANGE, known
from tests.wxapp.core.route_walk import Shot, Walker, arguments_of, listen_on, rules_of
from tests.wxapp.core.two_numbers import STRANGER, Stage, set_up
from tests.wxapp.site import Site, mini_settings, open_site
from wxapp.core.limits import limiter

TURNED_AWAY = 403
TURN = int(os.environ.get("CI_TURN") or 0)
LEAVES = {"sign_in.leave", "unbinding.unbind", "record.switch"}
"""Routes that end the session the walk goes on with: they come last."""


@pytest.fixture
def site(
    database_url: str, redis_url: str, wechat: RunningSandbox, clock: StandingClock
) -> Iterator[Site]:
    """Give the site with its mini program on: a shut door would answer before it looks."""
    with open_site(database_url, redis_url, wechat, clock, **mini_settings(wechat)) as opened:
        yield opened


@pytest.fixture
def stage(site: Site, monkeypatch: pytest.MonkeyPatch) -> Stage:
    monkeypatch.setattr(limiter, "enabled", False)
    listen_on(site.app)
    return set_up(site)


def routes(stage: Stage) -> list[tuple[Rule, str]]:
    found = [
        (rule, method) for method in ("GET", "POST") for rule in rules_of(stage.site.app, method)
    ]
    return sorted(found, key=lambda each: each[0].endpoint in LEAVES)


def shots(walker: Walker, rule: Rule, method: str, *, one_by_one: bool) -> Iterator[Shot]:
    """Put a value into all parameters of a route at once, and others into each in turn.

    Who comes to a view after another role meets every third value at once, others with each turn
    of CI (`tests.one_database`).
    """
    for value in STRANGE if one_by_one else STRANGE[TURN % 3 :: 3]:
        yield _with(rule, method, dict.fromkeys(walker.names_of(rule, method), value))
    if method == "POST":
        yield Shot(rule, method, file_name=STRANGE[-1])
    for value in AWKWARD if one_by_one else ():
        for argument in arguments_of(rule):
            yield Shot(rule, method, path={argument: value})
        done: set[str] = set()
        while missing := sorted(walker.names_of(rule, method) - done):
            yield from (_with(rule, method, {name: value}) for name in missing)
            done.update(missing)


def impossible(walker: Walker, rule: Rule, method: str, *, one_by_one: bool) -> Iterator[Shot]:
    """Put what no field can hold into the path, the query and the form, and a file's name.

    A query and a form are refused as a whole (`wxapp.core.incoming`): who comes to a view after
    another role, by whom each name was sent, sends one of the names, another with each turn of CI.
    """
    yield from (Shot(rule, method, path={each: IMPOSSIBLE}) for each in arguments_of(rule))
    names = sorted(walker.names_of(rule, method) or {"any"})
    for name in names if one_by_one else [names[TURN % len(names)]]:
        yield Shot(rule, method, query={name: IMPOSSIBLE})
        if method == "POST":
            yield Shot(rule, method, form={name: IMPOSSIBLE})
    yield Shot(rule, method, query={IMPOSSIBLE: "1"})
    if method == "POST":
        yield Shot(rule, method, form={IMPOSSIBLE: "1"})
        yield Shot(rule, method, file_name=IMPOSSIBLE)


def _with(rule: Rule, method: str, sent: dict[str, str]) -> Shot:
    return Shot(rule, method, form=sent) if method == "POST" else Shot(rule, method, query=sent)


@dataclass(frozen=True)
class Visit:
    """A route as a role that is let in there, asked once for the names it reads."""

    role: str
    walker: Walker
    rule: Rule
    method: str
    is_first: bool
    """No role before came to this view, which serves others alike."""


def walked(stage: Stage) -> Iterator[Visit]:
    """Give every route as every role; what is open to strangers is the same for all: once."""
    is_open, seen = set[tuple[str, str]](), set[tuple[str, str]]()
    for role, browser in stage.browsers.items():
        walker = Walker(browser, known(stage))
        for rule, method in routes(stage):
            let_in = walker.ask(Shot(rule, method)) != TURNED_AWAY
            view = (str(rule), method)
            if let_in and view not in is_open:
                yield Visit(role, walker, rule, method, view not in seen)
                seen.add(view)
            if let_in and role == STRANGER:
                is_open.add(view)


@pytest.mark.in_ci
@pytest.mark.slow  # every parameter of every route, as every role
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)  # SQLite takes more
def test_no_value_breaks_a_route(stage: Stage) -> None:
    broken = [
        f"{each.role} {shot}: {status}"
        for each in walked(stage)
        for shot in shots(each.walker, each.rule, each.method, one_by_one=each.is_first)
        if (status := each.walker.ask(shot)) >= 500
    ]
    assert broken == []


@pytest.mark.in_ci
@pytest.mark.slow  # as above
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)  # SQLite takes more
def test_what_no_field_can_hold_is_refused_everywhere(stage: Stage) -> None:
    taken = [
        f"{each.role} {shot}: {status}"
        for each in walked(stage)
        for shot in impossible(each.walker, each.rule, each.method, one_by_one=each.is_first)
        if (status := each.walker.ask(shot)) != 400
    ]
    assert taken == []
