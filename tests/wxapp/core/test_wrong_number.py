"""Nobody sees the wrong number: every route is walked as every role, and all that came is read.

The verification number is the graduate's alone, the transfer number the school's; both lead to
the same report, by two consents that must not be mixed up.
"""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import select
from werkzeug.routing import Rule

from notifier.campaigns import recipient_lists
from notifier.ledger import notices
from registry.accounts.school_tables import School
from registry.accounts.tables import Role
from registry.numbers.shape import Issue, Kind
from registry.tasks import run
from registry.tasks.kinds import TRANSFERS
from registry.tasks.states import FILES
from registry.tasks.tables import Task
from runtime.resources import open_resources
from tests.background import leave_to_workers
from tests.wxapp.applications import make_app
from tests.wxapp.core.two_numbers import (
    MAY_SEE,
    OWNER,
    STRANGER,
    Canary,
    Got,
    Stage,
    addresses,
    folded,
    set_up,
)
from tests.wxapp.school.records import IDENTITY, PHONE
from tests.wxapp.site import Site
from workers.wakeups import open_wakeups
from wxapp.core.limits import limiter
from wxapp.core.resources import services

LEAVES = {"sign_in.leave", "unbinding.unbind"}
"""Routes that end the session the walk goes on with."""
BODY = {
    "what": "identity",
    "reason": "试一试",
    "state": "",
    "work": "numbers",
    "validity": "service",
    "lines": "李娟 2610425",
    "words": "李娟",
    "name": "李娟",
    "number": "2610425",
}


@pytest.fixture
def stage(site: Site, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """Ring a real bell, and leave every task to the background."""
    leave_to_workers(monkeypatch)
    monkeypatch.setattr(limiter, "enabled", False)  # the walk asks for more files than a person may
    settings = site.resources.settings
    with site.app.app_context():
        own = services()
    resources = open_resources(
        settings, notices.write, open_wakeups(settings.redis_url), site.clock
    )
    app = make_app(resources, own.gateway, own.sms)
    yield set_up(replace(site, app=app, resources=resources))
    resources.redis.close()
    resources.engine.dispose()


def filled(stage: Stage) -> dict[str, list[str]]:
    """Return what stands in addresses: of her, of the school, and of the tasks there are."""
    schools = stage.site.read(lambda session: session.scalars(select(School.key)).all())
    made = select(Task.key).where(Task.kind.in_(FILES))
    tasks = stage.site.read(lambda session: session.scalars(made).all())
    return {
        "kind": list(Kind),
        "key": [stage.graduate.key, *tasks[:1]],
        "task": list(tasks),
        "school": list(schools),
        "token": [each.token for each in stage.canaries()],
        "move": ["pause"],
        "name": ["confirmation_reminder"],
        "filename": ["mark.svg"],
    }


def rules(stage: Stage, method: str) -> list[Rule]:
    return [
        rule
        for rule in stage.site.app.url_map.iter_rules()
        if method in (rule.methods or set()) and rule.endpoint not in LEAVES
    ]


def fitting(rule: Rule, known: dict[str, list[str]]) -> dict[str, list[str]]:
    """Return what fills a route: all tasks where tasks are shown, elsewhere one for a stranger."""
    return known | {"key": known["task"]} if rule.rule.startswith("/school/office/") else known


def token_of(stage: Stage, role: str) -> str:
    """Return the form's token of a role's browser: every session has one, whatever the page."""
    browser = stage.browsers[role].get("/verify/file")
    return str(browser.find_all("input[name=csrf_token]")[0]["value"])


def look(stage: Stage, role: str) -> None:
    known = filled(stage)
    for rule in rules(stage, "GET"):
        for path in addresses(rule, fitting(rule, known)):
            stage.ask(role, path, f"GET {rule.rule}")


def press(stage: Stage, role: str) -> None:
    known, token = filled(stage), token_of(stage, role)
    for rule in rules(stage, "POST"):
        for path in addresses(rule, fitting(rule, known)):
            stage.ask(role, path, f"POST {rule.rule}", {**BODY, "csrf_token": token})


def fetch_what_offices_make(stage: Stage, role: str) -> None:
    """Have every kind of file made in the background, and fetch it."""
    token = token_of(stage, role)
    for kind, works in TRANSFERS.items():
        for work in works:
            sent = {"csrf_token": token, "work": work.value}
            stage.ask(role, f"/school/transfer/{kind}/office", f"ask for {work}", sent)
    for path in ("graduates/export", "reporting/left-out"):
        stage.ask(role, f"/school/{path}", "ask for a list", {"csrf_token": token})
    while run.run_next(stage.site.resources, "http://localhost", recipient_lists.PROCEDURES):
        pass
    for key in filled(stage)["task"]:
        stage.ask(role, f"/school/office/{key}", "see a task")
        stage.ask(role, f"/school/office/{key}/file", "fetch a file", {"csrf_token": token})


def wrong(got: Got, canaries: list[Canary]) -> list[str]:
    """Return what of the numbers stands in an answer and should not."""
    found = []
    for each in canaries:
        if each.issue not in MAY_SEE[got.role]:
            told = [each.number] if "/v/" in got.what else [each.number, each.token]
            found += [
                f"{got.role} {got.what}: {each.issue}" for it in told if folded(it) in got.folded
            ]
        found += [f"{got.role} {got.what}: as kept" for it in each.kept if it in got.content]
    return found


def sees(stage: Stage, role: str, issue: Issue, what: str) -> bool:
    numbers = [folded(each.number) for each in stage.canaries() if each.issue is issue]
    texts = [each.folded for each in stage.got if each.role == role and what in each.what]
    return any(number in text for number in numbers for text in texts)


@pytest.mark.in_ci
@pytest.mark.slow  # every route, eight roles, and a file of each sort
@pytest.mark.timeout(900)
@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)  # what is shown is the same
def test_nobody_is_ever_shown_the_wrong_number(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    for office in (Role.SCHOOL, Role.DEPARTMENT):
        fetch_what_offices_make(stage, office)
    for role in stage.browsers:
        look(stage, role)
    for role in sorted(stage.browsers, key=lambda each: each == OWNER):  # she revokes: she is last
        press(stage, role)
    for role in stage.browsers:
        look(stage, role)
    canaries = stage.canaries()
    assert len({each.number for each in canaries}) == len(canaries) >= 4

    assert [line for got in stage.got for line in wrong(got, canaries)] == []

    assert sees(stage, OWNER, Issue.VERIFICATION, "GET /g/authorization")
    assert sees(stage, OWNER, Issue.VERIFICATION, "report")
    assert sees(stage, Role.SCHOOL, Issue.TRANSFER, "GET /school/transfer")
    assert sees(stage, Role.DEPARTMENT, Issue.TRANSFER, "fetch")
    assert sees(stage, Role.SCHOOL, Issue.TRANSFER, "pdf")

    said = "".join(capsys.readouterr())
    assert "request" in said
    kept = {"logs": said, "redis": stage.redis(), "database": stage.database()}
    assert "DO_TASK" in kept["redis"]
    for where, content in kept.items():
        text = folded(content)
        for each in canaries:
            assert folded(each.number) not in text, where
            assert folded(each.token) not in text, where


@pytest.mark.in_ci
@pytest.mark.slow  # every page of two roles
@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)  # what is shown is the same
@pytest.mark.parametrize("role", [Role.SCHOOL, Role.PROVINCE])
def test_no_page_of_staff_shows_a_whole_number(stage: Stage, role: Role) -> None:
    look(stage, role)
    assert any("李娟" in each.content for each in stage.got)
    shown = [each.what for each in stage.got if IDENTITY in each.folded or PHONE in each.folded]
    assert shown == []


def test_a_link_of_either_number_shows_a_stranger_the_report_without_it(stage: Stage) -> None:
    for each in stage.canaries():
        page = stage.browsers[STRANGER].get(f"/v/{each.token}")
        assert "李娟" in page.text
        assert folded(each.number) not in folded(page.body.decode())


@pytest.mark.parametrize("kind", Kind)
def test_a_graduate_asks_for_her_own_report_only(stage: Stage, kind: Kind) -> None:
    """The address names no graduate: there is no way to ask for another's."""
    body = stage.browsers["classmate"].get(f"/g/authorization/{kind}/report").body
    hers = stage.browsers[OWNER].get(f"/g/authorization/{kind}/report").body
    assert hers.startswith(b"%PDF")
    assert not body.startswith(b"%PDF")
