"""The school that a graduate reports learns nothing of it, by whatever page."""

import re

import pytest
from sqlalchemy import select, update

from notifier.ledger.tables import Message
from registry.accounts.tables import AuditEntry, Role
from registry.breaches.tables import BreachReport
from tests.pages import Browser
from tests.wxapp.breaches.conftest import Reporter
from tests.wxapp.employer.conftest import signed_in

ANSWER = "form[action$='/answer']"


def pages_of_school(reporter: Reporter) -> list[str]:
    """Return what a school reads, page by page; what its own looking adds to the log left out."""
    hers = f"/school/graduates/{reporter.graduate.key}"
    tabs = ("info", "confirmation", "history", "authorization", "messages", "log")
    paths = [
        *("/school/", "/school/graduates", "/school/breaches", "/school/campaigns"),
        *("/school/tasks", "/school/confirmations", "/school/employers", "/school/reviews"),
        *("/school/imports", "/school/transfer", "/school/verification", "/school/objections"),
        *(f"{hers}?tab={each}" for each in tabs if each != "log"),
    ]
    return [read(reporter.school.get(path)) for path in paths]


def read(page: Browser) -> str:
    assert page.status == 200, page.path
    return re.sub(r'(name="csrf_token" value|nonce)="[^"]*"', "", page.body.decode())


def test_a_schools_pages_are_the_same_whether_she_reported_or_not(reporter: Reporter) -> None:
    before = pages_of_school(reporter)
    reporter.report(named="named")
    desk = reporter.opened(reporter.province, "province")
    desk.submit(ANSWER, words="已处理。")
    with reporter.site.resources.sessions.begin() as session:
        session.execute(update(Message).values(state="delivered"))
    assert pages_of_school(reporter) == before


def test_no_log_of_the_school_has_a_row_of_it(reporter: Reporter) -> None:
    reporter.report(named="named")
    desk = reporter.opened(reporter.province, "province")
    desk.submit(ANSWER, words="已处理。")
    reporter.phone.get(reporter.phone.path).submit("form[action$='/reopen']", words="不认可。")
    school = select(AuditEntry).where(AuditEntry.school_id.is_not(None))
    rows = reporter.site.read(lambda session: session.scalars(school).all())
    assert [each for each in rows if "breach" in each.action or "breach" in each.subject] == []
    hers = f"graduate:{reporter.graduate.key}"
    assert [each.action for each in rows if hers in (each.actor, each.subject)] == []


def test_who_handles_it_reads_her_name_only_where_she_gave_it(reporter: Reporter) -> None:
    reporter.report(named="unnamed")
    desk = reporter.opened(reporter.province, "province")
    assert "李娟" not in desk.text
    assert "匿名" in desk.text


def test_the_page_that_names_her_is_in_her_log(reporter: Reporter) -> None:
    reporter.report(named="named")
    assert "李娟" in reporter.opened(reporter.province, "province").text
    wanted = select(AuditEntry).where(AuditEntry.action == "seen_breach")
    row = reporter.site.read(lambda session: session.scalars(wanted).one())
    assert (row.people, row.school_id, row.province) == ([reporter.graduate.id], None, "370000")
    assert "查看了举报" in reporter.phone.get("/g/privacy/seen").text


def test_a_school_that_handles_a_report_reads_no_name_and_no_moment(reporter: Reporter) -> None:
    reporter.report(kind="fees", accused="employer", unit="某某公司", named="named")
    page = reporter.school.get("/school/breaches").follow("收取押金、培训费或扣押证件")
    body = page.find("main").get_text()
    assert "李娟" not in body
    assert reporter.graduate.student_number not in body
    assert not re.search(r"\d\d:\d\d", body)
    wanted = select(AuditEntry).where(AuditEntry.action == "seen_breach")
    row = reporter.site.read(lambda session: session.scalars(wanted).one())
    assert row.people is None


@pytest.mark.parametrize("deed", ["", "/files/x"])
def test_what_a_school_does_not_see_is_not_there(reporter: Reporter, deed: str) -> None:
    key = reporter.report().path.rpartition("/")[2]
    assert reporter.school.get(f"/school/breaches/{key}{deed}").status == 404


def test_a_school_answers_nothing_about_itself(reporter: Reporter) -> None:
    key = reporter.report().path.rpartition("/")[2]
    reporter.school.get("/school/breaches")
    token = reporter.school.find_all("input[name=csrf_token]")[0]["value"]
    for deed in ("begin", "answer", "explain"):
        sent = {"csrf_token": str(token), "words": "没有此事。"}
        assert reporter.school.post(f"/school/breaches/{key}/{deed}", sent).status == 404
    state = select(BreachReport.state)
    assert reporter.site.read(lambda session: session.scalars(state).one()) == "received"


def test_operators_see_that_there_is_one_but_not_what_it_says(reporter: Reporter) -> None:
    reporter.report(named="named")
    desk = reporter.opened(signed_in(reporter.site, Role.OPERATOR), "ops")
    assert "李娟" not in desk.text
    assert "班会" not in desk.text


def test_the_log_of_requests_does_not_say_who_reports(
    reporter: Reporter, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    reporter.report()
    reporter.phone.get("/g/")
    lines = [each for each in capsys.readouterr().out.splitlines() if "endpoint=" in each]
    about = [each for each in lines if "endpoint=breach." in each]
    assert len(about) == 3
    assert not [each for each in about if reporter.graduate.key in each]
    assert [each for each in lines if reporter.graduate.key in each]
