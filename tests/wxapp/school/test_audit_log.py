"""The page of the audit log: who did what to whom, found by person, staff, kind, time, address."""

from dataclasses import replace
from datetime import timedelta
from io import BytesIO

import pytest
import python_calamine
from pydantic import SecretStr

from registry.accounts import audit
from registry.accounts.audit import AuditOrigin, AuditRecord
from registry.record.tables import Graduate
from tests.clock import StandingClock
from tests.pages import Browser
from tests.wxapp.applications import make_app
from tests.wxapp.school.conftest import Console, NoWeChat
from tests.wxapp.school.records import IDENTITY, Campus
from tests.wxapp.school.test_campaigns import rows_of

CHANGES = [{"title": "班级", "before": "化学2201", "after": "化学2202"}]


@pytest.fixture
def graduate(console: Console) -> Graduate:
    found = console.campus.graduate()
    console.campus.save()
    return found


@pytest.fixture
def log(console: Console, graduate: Graduate, clock: StandingClock) -> None:
    """Fill the log: a correction of hers from the office, and another school's."""
    school = graduate.school_id
    head = console.staff["school"].actor
    said = {"reason": "转班", "changes": CHANGES}
    address = audit.address_index(console.resources.vault, "203.0.113.9")
    with console.resources.sessions.begin() as session:
        audit.comes_from(session, AuditOrigin(address, "Windows · Edge"))
        hers = AuditRecord(head, "graduate_corrected", f"graduate:{graduate.key}", school, said)
        audit.note(session, hers, clock() - timedelta(days=1))
    with console.resources.sessions.begin() as session:
        for action, whose in (("sign_in", school), ("season_set", school), ("menu_push", None)):
            audit.note(session, AuditRecord(head, action, head, whose), clock())


def table(browser: Browser) -> list[str]:
    return [" ".join(row.get_text(" ").split()) for row in browser.find_all("tbody tr")]


def test_a_row_says_who_did_what_to_whom_from_where_and_what_was_before(
    console: Console, graduate: Graduate, log: None
) -> None:
    browser = console.browser().get("/school/").follow("日志查询")
    *_, hers = table(browser)
    name, number = graduate.name, graduate.student_number
    code = audit.address_index(console.resources.vault, "203.0.113.9")[:8]
    assert hers == (
        f"6月9日 10:00 王老师 学校 更正了基本信息 {name}（{number}） Windows · Edge {code}"
        " 原因：转班 班级：化学2201 → 化学2202"
    )
    assert len(table(browser)) == 3, "what is nobody's school's stands in none"


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ("kind=people", 1),
        ("kind=accounts", 1),
        ("to=2026-06-09", 1),
        ("from=2026-06-10&kind=places", 1),
        ("place=203.0.113.9", 1),
        ("place=203.0.113.10", 0),
        ("actor=staff:nobody", 0),
    ],
)
def test_rows_are_found_by_kind_time_address_and_who(
    console: Console, log: None, query: str, number: int
) -> None:
    assert len(table(console.browser().get(f"/school/audit?{query}"))) == number


@pytest.mark.parametrize("words", ["name", "number", "identity"])
def test_rows_are_found_by_person_and_an_identity_number_comes_into_no_address(
    console: Console, graduate: Graduate, log: None, words: str
) -> None:
    typed = {"name": graduate.name, "number": graduate.student_number, "identity": IDENTITY}
    browser = console.browser().get("/school/audit")
    browser.submit("form.inline-search", words=typed[words])
    assert browser.path == f"/school/audit?person={graduate.key}"
    assert len(table(browser)) == 1


def test_of_several_people_one_is_chosen_and_of_none_it_is_said(
    console: Console, graduate: Graduate, log: None
) -> None:
    console.campus.graduate(graduate.name)
    console.campus.save()
    browser = console.browser().get("/school/audit?kind=people")
    browser.submit("form.inline-search", words=graduate.name)
    links = browser.find_all("main .waits a")
    assert len(links) == 2
    browser.get(str(links[0]["href"]))
    assert len(table(browser)) == 1
    browser.get("/school/audit").submit("form.inline-search", words="查无此人")
    assert (browser.status, "没有找到这位毕业生" in browser.text) == (400, True)


def test_pages_are_turned_by_row(
    console: Console, graduate: Graduate, clock: StandingClock
) -> None:
    record = AuditRecord(audit.SYSTEM, "sign_in", "staff:x", graduate.school_id)
    with console.resources.sessions.begin() as session:
        audit.note_all(session, [record] * 60, clock())
    browser = console.browser().get("/school/audit?kind=accounts")
    assert len(table(browser)) == 50
    assert len(table(browser.follow("下一页"))) == 10
    assert len(table(browser.follow("上一页"))) == 50


def test_what_was_typed_into_a_search_is_not_said(console: Console, graduate: Graduate) -> None:
    console.browser().get("/school/graduates?q=张三丰&state=unconfirmed")
    (row, *_) = table(console.browser().get("/school/audit?kind=seen"))
    assert "筛选：" in row
    assert "查找词 （已隐去）" in row
    assert "#" not in row


def test_the_rows_leave_as_a_workbook_and_that_is_a_row(console: Console, log: None) -> None:
    browser = console.browser().get("/school/audit?kind=people").submit("form[action*=export]")
    browser.submit("#live form")
    heading, line = rows_of(browser)
    assert heading[:4] == ["时间", "操作人", "身份", "操作"]
    assert line[:4] == ["2026-06-09 10:00:00", "王老师", "学校", "更正了基本信息"]
    assert line[-1] == "原因：转班；班级：化学2201 → 化学2202"
    book = python_calamine.CalamineWorkbook.from_filelike(BytesIO(browser.body))
    said = {str(row[0]): row[1] for row in book.get_sheet_by_name("导出信息").to_python()}
    assert (said["导出人"], said["所属"]) == ("王老师", console.campus.school.name)
    assert "导出了操作日志" in browser.get("/school/audit?kind=taken").text


@pytest.mark.parametrize("role", ["department", "province"])
def test_nobody_else_reads_a_school_s_log(console: Console, log: None, role: str) -> None:
    browser = console.browser(role).get("/school/audit")
    assert browser.status == 403
    assert browser.post("/school/audit/export", {}).status in {400, 403}


def test_a_province_reads_what_its_own_staff_did_and_an_operator_what_is_nobody_s(
    console: Console, graduate: Graduate, log: None
) -> None:
    province = console.browser("province").get("/province/")
    province.get("/province/audit")
    assert [row for row in table(province) if "更正" in row] == []
    operator = console.browser("operator").get("/ops/audit")
    assert any("推送了菜单" in row for row in table(operator))
    assert graduate.name not in operator.text


def test_another_school_s_person_is_not_found(console: Console, other: Campus, log: None) -> None:
    hers = other.graduate()
    other.save()
    assert console.browser().get(f"/school/audit?person={hers.key}").status == 404


def while_the_index_key_changes(console: Console) -> Browser:
    """Return a reader's browser of a process that writes another index key, and reads both."""
    settings = console.resources.settings
    keys = {"index_key": SecretStr("l" * 64), "index_key_other": settings.index_key}
    both = settings.model_copy(update=keys).vault()
    app = make_app(replace(console.resources, vault=both), NoWeChat(), NoWeChat())
    return replace(console, app=app).browser()


def test_rows_from_an_address_are_found_while_the_index_key_changes(
    console: Console, log: None
) -> None:
    browser = while_the_index_key_changes(console)
    assert len(table(browser.get("/school/audit?place=203.0.113.9"))) == 1
    assert len(table(browser.get("/school/audit?place=203.0.113.10"))) == 0


def test_a_person_is_found_by_identity_number_while_the_index_key_changes(
    console: Console, graduate: Graduate, log: None
) -> None:
    browser = while_the_index_key_changes(console).get("/school/audit")
    browser.submit("form.inline-search", words=IDENTITY)
    assert browser.path == f"/school/audit?person={graduate.key}"
