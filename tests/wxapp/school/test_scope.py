"""Every route of the console, asked by every role for what is another's: it does not exist.

The routes are read from the application; one that this test does not know how to fill fails it.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from notifier.ledger.tables import Binding, Campaign, Follower
from registry.accounts.employer_tables import Employer
from registry.accounts.tables import Role
from registry.base.database import random_key
from registry.breaches import filing
from registry.breaches.tables import BreachReport
from registry.codes import identity
from registry.numbers.listing import NumberFilter
from registry.numbers.posting import noting
from registry.numbers.posting.directory import FileReceiver
from registry.numbers.posting.noting import PostRoom
from registry.numbers.posting.states import PostingWay
from registry.numbers.posting.tables import Posting
from registry.numbers.posting.waybill import Waybill
from registry.numbers.shape import Issue, Kind
from registry.numbers.tables import IssuedNumber
from registry.record import list_views
from registry.record.graduate_filter import GraduateFilter
from registry.record.list_tables import ViewedPage
from registry.record.list_views import NewView
from registry.record.province_tables import ProvinceBatch
from registry.record.scope import Scope
from registry.record.tables import Graduate
from registry.review import reasons
from registry.review.tables import Application, Evidence
from registry.signing.employer_papers import Certification, EmployerTakeover
from registry.signing.qualified import VALID
from registry.signing.tables import Agreement, Invitation, OfflineRequest, Qualification
from registry.signing.termination_tables import Termination, TerminationDocument
from registry.tasks import own_tasks, start
from registry.tasks.own_tasks import OwnTask
from registry.tasks.start import Asker
from registry.tasks.states import COURIER_LISTS, FILES, IMPORTS, TaskKind, TaskState
from registry.tasks.tables import Task
from tests.pages import Browser
from tests.registry.breaches.conftest import ABOUT_EMPLOYER
from tests.registry.review.casework import Casework
from tests.wxapp.school.conftest import Console
from tests.wxapp.school.records import PHONE, Campus

CANARY = "金丝雀"
TERMS = dict.fromkeys(("unit_name", "unit_code", "post"), CANARY)
"""Those that lists show."""
KEYED = {
    "/school/graduates/views/<key>": "view",
    "/school/review-tasks/<key>": "review",
    "/school/graduates/<key>": "graduate",
    "/school/campaigns/<key>": "campaign",
    "/school/campaigns/audiences/<key>": "audience",
    "/school/imports/<key>": "import",
    "/school/reviews/<key>": "application",
    "/school/evidence/<key>": "evidence",
    "/school/review-reasons/<key>": "reason",
    "/school/batches/<key>": "batch",
    "/school/transfer/<kind>/<key>": "graduate",
    "/school/transfer/file/<key>": "graduate",
    "/school/postings/<key>": "posting",
    "/school/courier-lists/<key>": "courier_list",
    "/school/verification/<kind>/<key>": "graduate",
    "/school/office/<key>": "task",
    "/school/departments/<key>": "department",
    "/school/employers/<key>": "employer",
    "/school/breaches/<key>": "breach",
    "/school/papers/<key>": "papers",
    "/school/takeovers/<key>": "takeover",
    "/school/offline/<key>": "offline",
    "/school/audit/exports/<key>": "export",
    "/school/agreements/<key>": "agreement",
    "/school/terminations/<key>": "termination",
    "/school/termination-documents/<key>": "proof",
}
"""Whose key the address asks for."""
PAGED = ("graduate", "campaign", "application", "batch", "posting")
"""Whose lists turn their pages by a key."""
FILLED = {
    "move": "cancel",
    "ask": "0" * 32,
    "kind": "household",
    "name": "class",
    "account": "0" * 22,
    "file": "0" * 22,
    "deed": "confirm",
    "which": "licence",
    "pattern": "breach",
}
BODY = {
    "what": "identity",
    "reason": "试一试",
    "state": "",
    "title": "提醒",
    "deadline": "2026-06-30",
    "decision": "pass",
    "revision": "2",
    "work": "numbers",
    "document": "identity_card",
    "seen": "yes",
    "judgement": "uphold",
    "words": "试一试",
    "way": "ems",
    "number": "12345678",
    "posted_on": "2026-06-10",
    "received_on": "2026-06-10",
    "returned_on": "2026-06-10",
    "unit": "人才服务中心",
}
AWAY = 502
"""What a page answers that asks WeChat, who is nobody here."""
BODILESS = {"school.upload", "school.upload_courier_list"}
"""Take a file: what they do with one is proven in test_imports and test_courier_lists."""


@dataclass
class Foreign:
    """What is another's: a graduate, a campaign, an import, a department, by key."""

    keys: dict[str, str]


def foreign(campus: Campus, department: int | None) -> Foreign:
    """Make one of everything in a campus, in one department or for the whole school."""
    session = campus.session
    graduate = campus.report(campus.graduate(CANARY, department or 0))
    session.add(Follower(openid=graduate.key, subscribed=True, changed_at=campus.at))
    session.add(Binding(openid=graduate.key, graduate_id=graduate.id, bound_at=campus.at))
    owner = None if department is None else campus.departments[department].id
    campaign = Campaign(
        school_id=campus.school.id,
        department_id=owner,
        created_by="system",
        title=CANARY,
        kind="confirmation_reminder",
        created_at=campus.at,
        texts={"item": "确认", "deadline": "2026年6月30日"},
        audience={"year": 2026},
    )
    session.add(campaign)
    made = {"graduate": graduate.key, "application": under_review(campus, department or 0)}
    made["batch"] = reported(campus)
    made["reason"] = kept_reason(campus)
    made["task"] = task_for_all(campus, owner)
    made["employer"] = qualified(campus)
    made["breach"] = reported_breach(campus, graduate)
    made["offline"] = asked_for_paper(campus, graduate)
    made["export"] = exported_log(campus)
    made["posting"] = posted(campus, graduate)
    made |= {"view": saved_view(campus), "audience": saved_audience(campus)}
    made |= {"review": review_of_many(campus, owner)}
    made |= uploaded(campus, owner)
    made |= handed_in(campus, made["employer"])
    made |= agreed(campus, graduate, made["employer"], made["application"])
    made["evidence"] = session.scalars(select(Evidence.key).order_by(Evidence.id.desc())).all()[0]
    campus.save()
    made["campaign"] = campaign.key
    return Foreign({**made, "department": campus.departments[department or 0].key})


def under_review(campus: Campus, department: int) -> str:
    """Have another graduate submit, with a document; return the application's key."""
    return Casework(campus, campus.at).submit(campus.graduate(CANARY, department)).key


def reported(campus: Campus) -> str:
    """Keep a batch with nobody in it; return its key."""
    about = {"school_id": campus.school.id, "year": 2026, "state": "sent", "total": 0}
    by = {"sent_by": "system", "sent_by_name": CANARY, "sent_at": campus.at}
    batch = ProvinceBatch(**about, **by, counts={}, left_out={})
    campus.session.add(batch)
    campus.session.flush()
    return batch.key


def reported_breach(campus: Campus, graduate: Graduate) -> str:
    """Have a graduate report an employer, which her school handles; return the report's key."""
    key = random_key()
    return filing.file(campus.session, campus.vault, graduate, key, ABOUT_EMPLOYER, campus.at).key


def asked_for_paper(campus: Campus, graduate: Graduate) -> str:
    """Have a graduate ask for an agreement on paper; return the request's key."""
    request = OfflineRequest(graduate_id=graduate.id, terms=TERMS, asked_at=campus.at)
    campus.session.add(request)
    campus.session.flush()
    return request.key


def uploaded(campus: Campus, owner: int | None) -> dict[str, str]:
    """Let a roster and a courier's list wait to be approved; return the keys of both."""
    said = {"file_name": CANARY, "policy": "valid_rows", "way": "ems"}
    found = {
        name: Task(
            school_id=campus.school.id,
            department_id=owner if kind in COURIER_LISTS else None,
            kind=kind,
            asked=said,
            state=TaskState.PLANNED,
            year=2026,
            created_at=campus.at,
        )
        for name, kind in (
            ("import", TaskKind.ROSTER_IMPORT),
            ("courier_list", TaskKind.COURIER_LIST),
        )
    }
    campus.session.add_all(found.values())
    campus.session.flush()
    return {name: each.key for name, each in found.items()}


def posted(campus: Campus, graduate: Graduate) -> str:
    """Have a graduate's file posted; return the posting's key."""
    room = PostRoom(campus.scope, "system", campus.at)
    bill = Waybill(PostingWay.EMS, "12345", date(2026, 6, 10))
    return noting.post(campus.session, room, graduate.key, bill, FileReceiver(CANARY)).key


def exported_log(campus: Campus) -> str:
    """Have somebody else of the school export the log; return the task's key."""
    staff = campus.staff(Role.SCHOOL)
    wanted = OwnTask(TaskKind.AUDIT_LOG, {}, 1)
    return own_tasks.begin_for_staff(campus.session, staff, wanted, campus.at).key


def kept_reason(campus: Campus) -> str:
    reasons.add(campus.session, campus.scope, CANARY, "system", campus.at)
    return reasons.reasons(campus.session, campus.scope)[0].key


def qualified(campus: Campus) -> str:
    """Let an employer invite graduates of the school; return its key."""
    code = f"9{campus.school.id:017}"
    found = campus.session.scalar(select(Employer).where(Employer.unit_code == code))
    if found is None:
        school, at = campus.school.id, campus.at
        kind = {"unit_nature": "31", "unit_industry": "65", "unit_location_code": "110108"}
        office = {"unit_name": CANARY, "unit_contact": CANARY, "unit_phone": "010-0000"}
        found = Employer(unit_code=code, school_id=school, created_at=at, **kind, **office)
        campus.session.add(found)
        campus.session.flush()
        times = {"created_at": at, "updated_at": at, "valid_until": at + VALID}
        campus.session.add(Qualification(employer_id=found.id, school_id=school, **times))
    return found.key


def handed_in(campus: Campus, employer: str) -> dict[str, str]:
    """Hand in papers of an employer, and ask for its accounts; return both keys."""
    session, at = campus.session, campus.at
    wanted = select(Employer.id).where(Employer.key == employer)
    firm, staff = session.scalars(wanted).one(), campus.staff(Role.EMPLOYER)
    sealed = partial(campus.vault.seal, identity.PHONE)
    key, asker = random_key(), random_key()
    handler = {"handler_name": CANARY, "handler_phone_sealed": sealed(key, PHONE)}
    told = {"key": key, "handler_phone_index": "", **handler}
    sent = {"submitted_at": at, "submitted_by": staff.id, "letter_until": date(2027, 5, 31)}
    owner = {"employer_id": firm, "school_id": campus.school.id}
    waiting = select(Certification).filter_by(**owner)
    papers = session.scalar(waiting) or Certification(**owner, unit={}, **told, **sent)
    account = {"key": asker, "phone_sealed": sealed(asker, PHONE), "password_hash": ""}
    account |= {"name": CANARY, "login": CANARY}
    asked = session.scalar(select(EmployerTakeover).where(EmployerTakeover.employer_id == firm))
    times = {"asked_at": at, "passable_from": at}
    takeover = asked or EmployerTakeover(employer_id=firm, **account, **times)
    session.add_all([papers, takeover])
    session.flush()
    return {"papers": papers.key, "takeover": takeover.key}


def agreed(campus: Campus, graduate: Graduate, employer: str, application: str) -> dict[str, str]:
    """Let a graduate have signed, and the employer ask to end it; return the keys of all."""
    session, at = campus.session, campus.at
    firm = session.scalars(select(Employer.id).where(Employer.key == employer)).one()
    review = session.scalars(select(Application.id).where(Application.key == application)).one()
    about = {"graduate_id": graduate.id}
    sent = {"answer_by": at, "sent_at": at, "sent_by": campus.staff(Role.EMPLOYER).id}
    invitation = Invitation(employer_id=firm, state="accepted", terms=TERMS, **about, **sent)
    session.add(invitation)
    session.flush()
    ids = {"invitation_id": invitation.id, "application_id": review}
    times = {"accepted_at": at, "retract_until": at, "signed_at": at}
    agreement = Agreement(state="signed", terms=TERMS, **about, **ids, **times)
    session.add(agreement)
    session.flush()
    asked = {"party": "employer", "way": "consent", "reason": "other", "asked_at": at}
    ends = {"answer_by": at, "updated_at": at, "agreement_id": agreement.id}
    termination = Termination(employer_id=firm, state="agreed", **about, **asked, **ends)
    session.add(termination)
    session.flush()
    file = {"name": CANARY, "media_type": "image/png", "size": 1, "sha256": "", "added_at": at}
    owner = {"termination_id": termination.id, "party": "employer"}
    proof = TerminationDocument(**owner, **about, **file)
    session.add(proof)
    session.flush()
    return {"agreement": agreement.key, "termination": termination.key, "proof": proof.key}


def _states(session: Session, kinds: Collection[TaskKind]) -> set[str]:
    return set(session.scalars(select(Task.state).where(Task.kind.in_(kinds))))


def review_of_many(campus: Campus, department_id: int | None) -> str:
    """Have a review of thousands looked through."""
    task = Task(
        school_id=campus.school.id,
        department_id=department_id,
        kind=TaskKind.REVIEW,
        asked={"decision": "pass", "reason": CANARY, "purpose": "register"},
        year=2026,
        state=TaskState.PLANNED,
        created_at=campus.at,
    )
    campus.session.add(task)
    campus.session.flush()
    return task.key


def saved_view(campus: Campus) -> str:
    """Save filters under a name, for oneself alone."""
    staff = campus.staff()
    wanted = NewView(CANARY, {"sex": "1"}, shared=False)
    return list_views.save(campus.session, staff, campus.scope, wanted, campus.at).key


def saved_audience(campus: Campus) -> str:
    """Save whom a reminder is for under a name, for oneself alone."""
    staff = campus.staff()
    wanted = NewView(CANARY, {"state": ""}, shared=False, page=ViewedPage.REMINDER)
    return list_views.save(campus.session, staff, campus.scope, wanted, campus.at).key


def task_for_all(campus: Campus, owner: int | None) -> str:
    """Have somebody of the campus ask for the numbers of all its people; return the task's key."""
    staff = campus.staff(Role.SCHOOL if owner is None else Role.DEPARTMENT, None)
    scope = Scope(campus.school.id, owner)
    wanted = NumberFilter(GraduateFilter(2026), Issue.TRANSFER, Kind.FILE)
    task = start.start(campus.session, Asker(staff.id, scope, campus.at), TaskKind.NUMBERS, wanted)
    return task.key


@pytest.fixture
def theirs(console: Console, other: Campus) -> list[Foreign]:
    """Make another school's things, and another department's of the same school."""
    return [foreign(other, None), foreign(console.campus, 1)]


def rules(console: Console) -> Iterator[tuple[Rule, str]]:
    found = [rule for rule in console.app.url_map.iter_rules() if rule.rule.startswith("/school")]
    assert len(found) > 20
    for rule in found:
        for method in sorted({"GET", "POST"} & (rule.methods or set())):
            yield rule, method


def address(rule: Rule, whose: Foreign) -> str:
    """Fill a route; KeyError for an argument nobody told this test about."""
    path = rule.rule
    for argument in rule.arguments:
        path = path.replace(f"<{argument}>", _value(rule, argument, whose))
    return path


def _value(rule: Rule, argument: str, whose: Foreign) -> str:
    if argument != "key":
        return FILLED[argument]
    (kind,) = [kind for start, kind in KEYED.items() if rule.rule.startswith(start)]
    return whose.keys[kind]


def ask(browser: Browser, token: str, path: str, method: str) -> int:
    if method == "GET":
        return browser.get(path).status
    return browser.post(path, {**BODY, "csrf_token": token}).status


def token_of(browser: Browser, page: str) -> str:
    return str(browser.get(page).find_all("input[name=csrf_token]")[0]["value"])


@pytest.mark.parametrize("role", ["school", "department"])
def test_what_is_anothers_does_not_exist(
    console: Console, theirs: list[Foreign], role: str
) -> None:
    browser = console.browser(role)
    token = token_of(browser, "/school/")
    wrong = []
    for whose in theirs if role == "department" else theirs[:1]:
        for rule, method in rules(console):
            if "key" not in rule.arguments:
                continue
            status = ask(browser, token, address(rule, whose), method)
            if status != 404 and not (role == "department" and status == 403):
                wrong.append((method, rule.rule, status))
    assert wrong == []


@pytest.mark.in_ci
@pytest.mark.slow  # some thirty routes, nine queries each, for each role
@pytest.mark.timeout(600)
@pytest.mark.parametrize("role", ["school", "department"])
def test_no_key_in_a_query_shows_what_is_anothers(
    console: Console, theirs: list[Foreign], role: str
) -> None:
    browser = console.browser(role)
    token = token_of(browser, "/school/")
    leaks = []
    for whose in theirs if role == "department" else theirs[:1]:
        asked = [
            f"departments={whose.keys['department']}&department={whose.keys['department']}",
            *(f"{name}={whose.keys[kind]}" for name in ("after", "before") for kind in PAGED),
        ]
        for rule, method in rules(console):
            if rule.arguments or rule.endpoint in BODILESS:
                continue
            for query in asked:
                status = ask(browser, token, f"{rule.rule}?{query}", method)
                page = browser.body.decode(errors="replace")
                broken = status >= 500 and status != AWAY
                if broken or whose.keys["graduate"] in page or whose.keys["import"] in page:
                    leaks.append((method, rule.rule, query, status))
    assert leaks == []


@pytest.mark.parametrize("role", ["province", "operator"])
def test_other_roles_are_not_let_in(console: Console, theirs: list[Foreign], role: str) -> None:
    browser = console.browser(role)
    token = token_of(browser, "/staff")
    statuses = {
        (method, rule.rule): ask(browser, token, address(rule, theirs[0]), method)
        for rule, method in rules(console)
    }
    assert {where: status for where, status in statuses.items() if status != 403} == {}


def test_nobody_is_led_to_the_sign_in(console: Console, theirs: list[Foreign]) -> None:
    browser = Browser(console.app.test_client())
    for rule, method in rules(console):
        if method == "GET":
            browser.get(address(rule, theirs[0]))
            assert browser.path.startswith("/login"), rule.rule


def test_nothing_of_anothers_was_moved(console: Console, theirs: list[Foreign]) -> None:
    for role in ("school", "department"):
        browser = console.browser(role)
        token = token_of(browser, "/school/")
        for whose in theirs if role == "department" else theirs[:1]:
            for rule, method in rules(console):
                if method == "POST" and "key" in rule.arguments:
                    ask(browser, token, address(rule, whose), method)
    with console.resources.readers() as session:
        assert set(session.scalars(select(Campaign.state))) == {"draft"}
        assert _states(session, IMPORTS | COURIER_LISTS) == {TaskState.PLANNED}
        assert set(session.scalars(select(Posting.state))) == {"posted"}
        assert set(session.scalars(select(Binding.ended_at))) == {None}
        assert set(session.scalars(select(Application.state))) == {"submitted"}
        assert _states(session, FILES) == {TaskState.WAITING}
        assert set(session.scalars(select(BreachReport.state))) == {"received"}
        assert session.scalars(select(IssuedNumber.id)).all() == []
