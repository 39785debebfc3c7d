"""Every route of the operator's, asked by every role: only the operator is let in.

The routes are read from the application; one that this test does not know how to fill fails it.
"""

from collections.abc import Iterator
from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from registry.accounts.school_tables import School
from registry.accounts.tables import Role, Staff
from registry.base.database import random_key
from registry.breaches import evidence, filing
from registry.record.tables import Graduate
from registry.review.evidence import EvidenceDocument
from registry.review.evidence_types import CheckedDocument
from registry.signing import listing
from registry.signing.listing import NewListing
from registry.tasks import own_tasks
from registry.tasks.own_tasks import OwnTask
from registry.tasks.states import TaskKind
from registry.tasks.tables import Task
from tests.documents import photograph
from tests.pages import Browser
from tests.registry.breaches.conftest import ABOUT_SCHOOL
from tests.registry.review.casework import PNG
from tests.wxapp.ops.conftest import Platform
from tests.wxapp.site import find_campus

FILLED = {
    "name": "confirmation_reminder",
    "move": "pause",
    "province": "370000",
    "pattern": "breach",
}
OTHERS = [role for role in Role if role is not Role.OPERATOR]

ASKING_FOR_MORE = {
    *("ops.overrule_template", "ops.enter_template", "ops.rename_school"),
    *("ops.school_merge", "ops.merge_school"),
    *("ops.create_school", "ops.create_of_school", "ops.create_of_province"),
    *("ops.answer_breach", "ops.tell_school"),
    *("ops.list_employer", "ops.lift_listing"),
    *("ops.write_reply", "ops.restore_reply"),
}


def rules(platform: Platform) -> Iterator[tuple[Rule, str]]:
    every = platform.site.app.url_map.iter_rules()
    found = [rule for rule in every if rule.rule.startswith("/ops")]
    assert len(found) >= 12
    for rule in found:
        for method in sorted({"GET", "POST"} & (rule.methods or set())):
            yield rule, method


def ask(browser: Browser, rule: Rule, method: str, keys: dict[str, str], token: str) -> int:
    path = str(rule.rule)
    for argument in rule.arguments:
        path = path.replace(f"<{argument}>", _value(rule, argument, {**FILLED, **keys}))
    if method == "GET":
        return browser.get(path).status
    return browser.post(path, {"csrf_token": token}).status


def _value(rule: Rule, argument: str, keys: dict[str, str]) -> str:
    for start, whose in {"/ops/breaches": "breach", "/ops/audit/exports": "export"}.items():
        if argument == "key" and rule.rule.startswith(start):
            return keys[whose]
    return keys[argument]


def reported(session: Session, platform: Platform, graduate: Graduate) -> dict[str, str]:
    """Report a school, with a document; return both keys."""
    vault, at = platform.resources.vault, platform.clock()
    report = filing.file(session, vault, graduate, random_key(), ABOUT_SCHOOL, at)
    evidence.add(session, vault, report, CheckedDocument("image/png", PNG), at)
    return {"breach": report.key, "file": evidence.listed(session, report)[0].key}


def keys_of(platform: Platform) -> dict[str, str]:
    """Return the keys of a campaign, a school and its merge, a report and its document."""
    campaign = platform.campaign()
    with platform.resources.sessions.begin() as session:
        school = session.scalars(select(School)).one()
        about = {"school_id": school.id, "kind": TaskKind.SCHOOL_MERGE, "state": "waiting"}
        asked = {"source_name": "甲大学", "target_name": school.name}
        merge = Task(**about, asked=asked, created_at=platform.clock())
        session.add(merge)
        session.flush()
        graduate = session.scalars(select(Graduate)).first()
        assert graduate is not None
        own = {"key": campaign, "school": school.key, "merge": merge.key}
        own["export"] = _export(platform, session)
        own |= _employer_keys(platform, session)
        return {**own, **reported(session, platform, graduate)}


def _export(platform: Platform, session: Session) -> str:
    """Have the operator who looks export the log; return the task's key."""
    first = select(Staff).where(Staff.role == Role.OPERATOR).order_by(Staff.id)
    operator = session.scalars(first).first()
    operator = operator or find_campus(session, platform.site).staff(Role.OPERATOR)
    wanted = OwnTask(TaskKind.AUDIT_LOG, {}, 1)
    return own_tasks.begin_for_staff(session, operator, wanted, platform.clock()).key


def _employer_keys(platform: Platform, session: Session) -> dict[str, str]:
    """Return the keys of an employer, and of its listing by the operator."""
    campus = find_campus(session, platform.site)
    operator = campus.staff(Role.OPERATOR)
    document = EvidenceDocument("证明材料.jpg", "image/jpeg", photograph())
    wanted = NewListing("虚假招聘", date(2026, 12, 31), document)
    vault, at = platform.resources.vault, platform.clock()
    listed = listing.add(session, vault, operator, campus.employer(), wanted, at)
    return {"employer": campus.employer().key, "listing": listed.key}


def token_of(browser: Browser, page: str) -> str:
    return str(browser.get(page).find_all("input[name=csrf_token]")[0]["value"])


@pytest.mark.parametrize("role", OTHERS)
def test_other_roles_are_not_let_in(platform: Platform, role: Role) -> None:
    keys, browser = keys_of(platform), platform.browser(role)
    token = token_of(browser, "/staff")
    statuses = {
        (method, rule.rule): ask(browser, rule, method, keys, token)
        for rule, method in rules(platform)
    }
    assert {where: status for where, status in statuses.items() if status != 403} == {}


def test_nobody_is_led_to_the_sign_in(platform: Platform) -> None:
    browser = platform.site.browser()
    for rule, method in rules(platform):
        if method == "GET":
            ask(
                browser,
                rule,
                method,
                dict.fromkeys(rule.arguments | {"breach", "export"}, "key"),
                "",
            )
            assert browser.path.startswith("/login"), rule.rule


def test_the_operator_finds_every_page_working(platform: Platform) -> None:
    browser = platform.browser()
    keys, token = keys_of(platform), token_of(browser, "/ops/")
    for rule, method in rules(platform):
        status = ask(browser, rule, method, keys, token)
        wanted = 400 if rule.endpoint in ASKING_FOR_MORE else 200  # nothing is sent
        if rule.endpoint == "ops.fetch_audit_export":
            wanted = 404  # no worker has made the file
        assert status == wanted, (method, rule.rule)


def test_the_operator_lands_here_and_sees_no_school(platform: Platform) -> None:
    browser = platform.browser()
    assert browser.get("/staff").path == "/ops/"
    assert browser.get("/school/").status == 403
