"""Seeing is a deed: what staff look at is in the audit log, and whole numbers are few an hour."""

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select

from registry.accounts import audit
from registry.accounts.audit_log import reading
from registry.accounts.tables import AuditEntry
from registry.record.tables import Graduate
from tests.clock import StandingClock
from tests.pages import Browser
from tests.wxapp.school.conftest import Console
from tests.wxapp.school.records import IDENTITY, Campus
from tests.wxapp.school.review_records import Submissions, submissions

__all__ = ["submissions"]

BUDGET = 30


@pytest.fixture
def graduate(console: Console) -> Graduate:
    found = console.campus.report(console.campus.graduate())
    console.campus.save()
    return found


def rows(console: Console) -> list[AuditEntry]:
    with console.resources.readers() as session:
        return list(session.scalars(select(AuditEntry).order_by(AuditEntry.id)))


def test_a_person_s_page_is_a_row_with_who_and_from_where(
    console: Console, graduate: Graduate
) -> None:
    console.browser().get(f"/school/graduates/{graduate.key}")
    (row,) = rows(console)
    assert (row.actor, row.action) == (console.staff["school"].actor, "seen_graduate")
    assert row.subject == f"graduate:{graduate.key}"
    assert row.school_id == graduate.school_id
    assert row.address == audit.address_index(console.resources.vault, "127.0.0.1")


def test_a_list_is_one_row_with_its_filter_and_whom_it_showed(
    console: Console, graduate: Graduate
) -> None:
    browser = console.browser().get("/school/graduates?state=unconfirmed")
    assert graduate.name in browser.text
    (row,) = rows(console)
    assert (row.action, row.subject) == ("seen_list", "page:school.graduates")
    assert row.people == [graduate.id]
    assert row.details == {"rows": 1, "filter": {"state": "unconfirmed"}}


@pytest.mark.parametrize(
    "page", ["graduates?sort=-name", "transfer", "transfer/household", "verification"]
)
def test_every_list_says_whom_it_showed_of_whichever_department(
    console: Console, graduate: Graduate, page: str
) -> None:
    another = console.campus.report(console.campus.graduate("王建国", department=1))
    console.campus.save()
    seen = {}
    for role in ("school", "department"):
        console.browser(role).get(f"/school/{page}")
        seen[role] = rows(console)[-1].people
    assert seen == {"school": [graduate.id, another.id], "department": [graduate.id]}


@pytest.mark.parametrize(
    "page", ["graduates", "transfer", "verification", "reviews?stage=department"]
)
def test_a_list_without_anybody_showed_nobody(console: Console, page: str) -> None:
    console.browser().get(f"/school/{page}")
    (row,) = rows(console)
    assert (row.action, row.people) == ("seen_list", [])
    assert row.details["rows"] == 0


def test_a_list_of_applications_says_whose_they_are(
    console: Console, graduate: Graduate, submissions: Submissions, clock: StandingClock
) -> None:
    late = console.campus.graduate("赵敏")
    console.campus.save()
    first = submissions.add("王建国", department=1)
    clock.move(timedelta(minutes=1))
    second = submissions.of(late)
    console.browser().get("/school/reviews?stage=department")
    assert first.id < second.id
    assert rows(console)[-1].people == sorted([first.graduate_id, late.id])
    console.browser("department").get("/school/reviews")
    assert rows(console)[-1].people == [late.id]


def test_of_what_was_typed_the_log_keeps_an_index_that_equal_words_share(
    console: Console, graduate: Graduate
) -> None:
    browser = console.browser()
    for words in (graduate.name, graduate.name, "另一人"):
        browser.get(f"/school/graduates?q={words}")
    first, again, other = (row.details["filter"]["q"] for row in rows(console))
    assert first == again != other
    assert graduate.name not in first


def test_a_search_by_identity_number_is_a_row_without_the_number(
    console: Console, graduate: Graduate
) -> None:
    browser = console.browser().get("/school/")
    browser.submit("form.top-search", words=IDENTITY)
    found, seen = rows(console)
    assert (found.action, found.people) == ("searched_identity", [graduate.id])
    assert seen.action == "seen_graduate"
    assert IDENTITY not in str([each.details for each in rows(console)])


def test_who_knocks_at_another_school_s_record_is_kept(
    console: Console, other: Campus, graduate: Graduate
) -> None:
    hers = other.graduate()
    other.save()
    assert console.browser().get(f"/school/graduates/{hers.key}").status == 404
    (row,) = rows(console)
    assert (row.action, row.subject) == ("refused", "page:school.graduate")
    assert row.details == {"status": 404, "method": "GET", "asked": [hers.key]}


def test_sixty_whole_numbers_at_once_end_at_the_budget_and_the_school_is_told(
    console: Console, graduate: Graduate, clock: StandingClock
) -> None:
    thief = console.browser("department").get(f"/school/graduates/{graduate.key}")
    token = BeautifulSoup(thief.body, "html.parser").select_one("input[name=csrf_token]")
    assert token is not None
    asked = {"csrf_token": str(token["value"]), "what": "identity"}
    shown = []
    for _ in range(60):
        thief.post(f"/school/graduates/{graduate.key}/reveal", asked)
        shown.append((thief.status, IDENTITY in thief.text))
    assert shown == [(200, True)] * BUDGET + [(429, False)] * BUDGET
    assert "一小时内查看完整号码已达上限（30 次），请 11:00 后再查看" in thief.text
    _told_and_acknowledged(console, console.browser())
    clock.move(timedelta(hours=1, seconds=1))
    later = console.browser("department").get(f"/school/graduates/{graduate.key}")
    assert IDENTITY in later.submit("form:has(button[value=identity])").text


def _told_and_acknowledged(console: Console, head: Browser) -> None:
    name = console.staff["department"].name
    assert f"{name}：超过每小时 30 次的上限后又查看 30 次" in head.get("/school/").text
    notices = head.get("/account").find("form.notice").find_all("p")
    assert [each.text for each in notices] == [
        (
            f"今天 10:00 {name}查看完整证件号、手机号超过每小时 30 次的上限，"
            "之后的查看已被拒绝。请在“日志查询”中核实。"
        )
    ]
    assert not console.browser("department").get("/account").find_all("form.notice")
    assert "频繁查看" not in console.browser("department").get("/school/").text
    head.get("/school/").follow("查看其操作日志")
    assert "查看完整号码超过每小时上限，已拒绝" in head.text
    head.get("/school/").submit("form[action$='/alarms']")
    assert "频繁查看" not in head.get("/school/").text


def test_who_saw_her_is_found_in_her_pages_and_in_lists(
    console: Console, graduate: Graduate
) -> None:
    another = console.campus.graduate()
    console.campus.save()
    browser = console.browser("department")
    browser.get("/school/graduates")
    browser.get(f"/school/graduates/{another.key}")
    with console.resources.readers() as session:
        hers = reading.sights(session, graduate.id, graduate.key)
        others = reading.sights(session, another.id, another.key)
    assert [each.action for each in hers] == ["seen_list"]
    assert [each.action for each in others] == ["seen_graduate", "seen_list"]
    assert {each.role for each in others} == {"department"}
