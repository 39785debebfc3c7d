"""The agreement on paper: who takes it along by which door, and what a stranger learns of it."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from registry.accounts.tables import AuditEntry, Role
from registry.numbers import shape
from registry.numbers.tables import Lookup
from registry.record.tables import Graduate
from registry.review.application_moves import Writer
from registry.review.tables import Application
from registry.signing import answering
from registry.signing.paper_tables import AgreementPaper
from registry.signing.tables import Invitation
from tests import pdf_reading
from tests.pages import Browser
from tests.wxapp.employer.conftest import Signing, signed_in
from tests.wxapp.school.records import UNIT
from tests.wxapp.site import find_campus

HOURS = timedelta(hours=2)
TYPED = re.compile(r'name="csrf_token" value="[^"]*"|name="(?:name|number)"\s+value="[^"]*"')


@pytest.fixture
def accepted(signing: Signing) -> Signing:
    """Give an invitation that she has accepted."""
    signing.invite()
    with signing.site.resources.sessions.begin() as session:
        vault = find_campus(session, signing.site).vault
        writer = Writer(session.get_one(Graduate, signing.graduate.id), signing.site.clock())
        answering.accept(session, vault, writer, invitation_key(signing), HOURS)
    return signing


def invitation_key(signing: Signing) -> str:
    return signing.site.read(lambda session: session.scalars(select(Invitation.key)).one())


def paper_of(signing: Signing) -> AgreementPaper:
    return signing.site.read(lambda session: session.scalars(select(AgreementPaper)).one())


def pass_all(signing: Signing) -> None:
    """Have both levels pass what waits for them, after her time to take it back."""
    signing.later(HOURS)
    for role in (Role.DEPARTMENT, Role.SCHOOL):
        desk = signing.staff(role).get("/school/reviews?purpose=agreement").follow("李娟")
        desk.submit("form:has(button[value=pass])", "decision=pass")


def look_up(signing: Signing, number: str, name: str, module: str = "agreement") -> Browser:
    page = signing.site.browser().get(f"/verify/{module}")
    return page.submit("main form", name=name, number=number)


def number_of(page: Browser) -> str:
    assert page.status == 200, page.text
    found = re.search(r"协议书编号(\d{9}[0-9A-Z]{7})", pdf_reading.words_of(page.body))
    assert found is not None
    return found[1]


def test_all_three_take_the_same_paper_along(accepted: Signing) -> None:
    number = paper_of(accepted).number
    phone = accepted.phone.get("/g/signing").follow("青岛海纳").follow("下载协议书")
    assert number_of(phone) == number
    shown = accepted.employer.get("/employer/").follow("李娟")
    assert shape.grouped(number) in shown.text
    assert number_of(shown.submit("form[action$='/paper']")) == number
    desk = accepted.staff(Role.SCHOOL).get("/school/reviews?purpose=agreement&stage=department")
    assert number_of(desk.follow("李娟").submit("form[action$='/paper']")) == number
    rows = select(AuditEntry.actor, AuditEntry.subject).where(
        AuditEntry.action == "agreement_paper"
    )
    taken = accepted.site.read(lambda session: session.execute(rows).all())
    assert [row.actor.partition(":")[0] for row in taken] == ["graduate", "staff", "staff"]
    assert {row.subject for row in taken} == {f"graduate:{accepted.graduate.key}"}


def test_nobody_else_takes_it_along(accepted: Signing) -> None:
    key = invitation_key(accepted)
    other = accepted.site.graduate()
    phone = accepted.site.enter(accepted.site.bind(other, "王一"))
    assert phone.get(f"/g/signing/{key}/paper").status == 404
    stranger = signed_in(accepted.site, Role.EMPLOYER, "91370200MA3C0TUX7C")
    assert send(stranger.get("/employer/"), f"/employer/invitations/{key}/paper").status == 404
    desk = accepted.staff(Role.SCHOOL).get("/school/reviews")
    assert send(desk, "/school/reviews/unknown/paper").status == 404


def send(page: Browser, path: str) -> Browser:
    """Send what no form of the page offers."""
    return page.post(path, {"csrf_token": str(page.find_all("input[name=csrf_token]")[0]["value"])})


def test_an_invitation_without_answer_has_no_paper(signing: Signing) -> None:
    signing.invite()
    assert "下载协议书" not in signing.phone.get("/g/signing").text
    assert signing.phone.get(f"/g/signing/{invitation_key(signing)}/paper").status == 404


def test_a_stranger_learns_whether_it_is_in_force_and_no_term(accepted: Signing) -> None:
    number = paper_of(accepted).number
    before = look_up(accepted, number, "李娟")
    assert "未鉴证" in before.text
    assert "没有生效" in before.text
    pass_all(accepted)
    page = look_up(accepted, shape.grouped(number).lower(), " 李 娟 ")
    for words in ("正在生效", "李*", UNIT["unit_name"], "91350100M000100Y43"):
        assert words in page.text
    for words in ("李娟", "软件工程师", "9,000", "3,000", accepted.graduate.student_number):
        assert words not in page.text


def test_the_qr_code_says_the_same(accepted: Signing) -> None:
    link = f"/v/{paper_of(accepted).link}"
    page = accepted.site.browser().get(link)
    assert "未鉴证" in page.text
    assert "李*" in page.text
    assert page.headers["Referrer-Policy"] == "no-referrer"
    unknown = accepted.site.browser().get(f"/v/x{'0' * 32}")
    assert "二维码没有对应的有效信息" in unknown.text


def test_an_acceptance_taken_back_was_never_signed(accepted: Signing) -> None:
    number = paper_of(accepted).number
    accepted.phone.get("/g/signing").follow("青岛海纳").submit("form[action$='/retract']")
    assert "未签成" in look_up(accepted, number, "李娟").text


def test_whatever_is_not_found_is_answered_alike(accepted: Signing) -> None:
    number = paper_of(accepted).number
    never = shape.make_agreement(2026, "10001", "31")
    report = shape.make(shape.Issue.TRANSFER, 2026, "10001")
    tried = [(never, "李娟"), (number, "李妍"), (number[:-1] + "?", "李娟"), (report, "李娟")]
    pages = set()
    for place, (typed, name) in enumerate(tried):
        stranger = accepted.site.browser()
        stranger.client.environ_base["REMOTE_ADDR"] = f"192.0.{place}.1"
        page = stranger.get("/verify/agreement").submit("main form", name=name, number=typed)
        assert page.status == 200
        pages.add(TYPED.sub("", page.body.decode()))
    assert len(pages) == 1
    assert "没有查到" in look_up(accepted, number, "李娟", "file").text
    rows = select(Lookup.kind, Lookup.result).order_by(Lookup.id)
    log = accepted.site.read(lambda session: session.execute(rows).all())
    assert [tuple(each) for each in log] == [
        ("agreement", "unknown"),
        ("agreement", "wrong_name"),
        ("agreement", "malformed"),
        ("agreement", "malformed"),
        ("file", "malformed"),
    ]


def test_a_slip_in_its_number_is_told_before_anything_is_looked_up(accepted: Signing) -> None:
    number = paper_of(accepted).number
    slip = number[:-1] + ("2" if number[-1] != "2" else "3")
    assert "编号可能抄错了一位" in look_up(accepted, slip, "李娟").text
    assert accepted.site.read(lambda session: session.scalars(select(Lookup)).all()) == []


def test_guessing_costs_a_puzzle(accepted: Signing) -> None:
    stranger = accepted.site.browser()
    number = paper_of(accepted).number
    for _ in range(3):
        stranger.get("/verify/agreement").submit("main form", name="李妍", number=number)
    assert "图中的数字" in stranger.text
    stranger.submit("main form", name="李娟", number=number, puzzle_answer="")
    assert "未鉴证" not in stranger.text


def test_she_sees_who_looked_her_agreement_up(accepted: Signing) -> None:
    look_up(accepted, paper_of(accepted).number, "李娟")
    accepted.site.browser().get(f"/v/{paper_of(accepted).link}")
    page = accepted.phone.get("/g/privacy/seen").text
    assert "就业协议编号（输入姓名和编号）" in page
    assert "就业协议编号（扫描二维码）" in page


def test_a_review_shows_the_number(accepted: Signing) -> None:
    key = accepted.site.read(lambda session: session.scalars(select(Application.key)).one())
    page = accepted.staff(Role.SCHOOL).get(f"/school/reviews/{key}")
    assert shape.grouped(paper_of(accepted).number) in page.text
