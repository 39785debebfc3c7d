"""A long export of the audit log is made in the background, for who asked for it alone."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from notifier.campaigns import recipient_lists
from registry.accounts import audit
from registry.accounts.audit import AuditRecord
from registry.accounts.tables import AuditEntry, Role, Staff
from registry.base import files
from registry.base.file_tables import StoredFile
from registry.record.tables import Graduate
from registry.tasks import claims, run
from registry.tasks.kinds import PROCEDURES
from registry.tasks.states import TaskKind
from registry.tasks.tables import Task
from tests.background import leave_to_workers
from tests.clock import StandingClock
from tests.pages import Browser
from tests.stamps import stamp_of
from tests.wxapp.school.conftest import Console
from tests.wxapp.school.test_campaigns import rows_of

EXPORT = "form[action*=export]"
ADDRESS = "203.0.113.9"


@pytest.fixture
def graduate(console: Console) -> Graduate:
    found = console.campus.graduate()
    console.campus.save()
    return found


@pytest.fixture
def long(console: Console, graduate: Graduate, monkeypatch: pytest.MonkeyPatch) -> Console:
    """Have every export count as long, and 1,200 rows about her in her school's log."""
    leave_to_workers(monkeypatch, {TaskKind.AUDIT_LOG})
    head = console.staff["school"]
    said = {"reason": "转班"}
    hers = AuditRecord(
        head.actor, "graduate_corrected", f"graduate:{graduate.key}", head.school_id, said
    )
    with console.resources.sessions.begin() as session:
        audit.note_all(session, [hers] * 1200, console.resources.clock())
    return console


def work(console: Console) -> None:
    resources = console.resources
    while run.run_next(resources, resources.settings.public_url, recipient_lists.PROCEDURES):
        pass


def exported(console: Console, role: str = "school", query: str = "") -> Browser:
    door = {"school": "school", "province": "province", "operator": "ops"}[role]
    return console.browser(role).get(f"/{door}/audit{query}").submit(EXPORT)


def actions(console: Console) -> list[tuple[str, object]]:
    taken = AuditEntry.action.in_(["export_audit", "audit_file"])
    with console.resources.readers() as session:
        wanted = select(AuditEntry).where(taken).order_by(AuditEntry.id)
        return [(each.action, each.details) for each in session.scalars(wanted)]


def test_it_waits_is_made_in_the_background_and_fetched(long: Console, graduate: Graduate) -> None:
    page = exported(long, query="?kind=people")
    assert "0 / 1,200 行。排队中" in page.text
    assert actions(long) == [], "nothing has left yet"
    work(long)
    page.get(page.path)
    assert "操作日志_20260610_1000.xlsx，保存到 6月11日 10:00" in page.text
    page.submit("#live form")
    heading, *lines = rows_of(page)
    assert heading[:4] == ["时间", "操作人", "身份", "操作"]
    name = f"{graduate.name}（{graduate.student_number}）"
    assert len(lines) == 1200
    assert lines[0][1:5] == ["王老师", "学校", "更正了基本信息", name]
    assert lines[0][-1] == "原因：转班"
    assert actions(long) == [("export_audit", {"lines": 1200}), ("audit_file", {"lines": 1200})]


def test_the_list_of_the_log_leads_to_ones_own_exports(long: Console) -> None:
    exported(long)
    page = long.browser().get("/school/audit").follow("导出操作日志")
    assert "排队中" in page.text


@pytest.mark.parametrize("role", ["province", "operator"])
def test_who_is_of_no_school_gets_theirs(long: Console, graduate: Graduate, role: str) -> None:
    long.browser(role).get("/ops/audit" if role == "operator" else "/province/audit")
    page = exported(long, role)
    work(long)
    page.get(page.path).submit("#live form")
    lines = rows_of(page)[1:]
    assert lines
    assert not [line for line in lines if graduate.name in "".join(line)]


def test_a_colleague_neither_sees_nor_fetches_it(long: Console) -> None:
    long.staff["colleague"] = long.campus.staff(Role.SCHOOL)
    long.campus.save()
    page = exported(long)
    work(long)
    colleague, key = long.browser("colleague"), page.path.rpartition("/")[2]
    assert colleague.get(page.path).status == 404
    colleague.get("/school/audit")
    assert "导出操作日志" not in colleague.text
    assert colleague.post(f"{page.path}/file", {}).status in {400, 404}
    for address in (f"/school/office/{key}", f"/school/imports/{key}"):
        assert colleague.get(address).status == 404
    assert "操作日志" not in colleague.get("/school/tasks").find("main").text


def test_its_file_is_no_school_s(long: Console) -> None:
    exported(long)
    work(long)
    school = long.campus.school.id
    with long.resources.readers() as session:
        stored = session.scalars(select(StoredFile)).one()
        assert stored.school_id is None
        assert files.find(session, school, stored.id) is None
        assert files.find_by_key(session, school, stored.key) is None


def test_after_a_day_there_is_no_file(long: Console, clock: StandingClock) -> None:
    page = exported(long)
    work(long)
    clock.move(timedelta(hours=24))
    page = long.browser().get(page.path)
    assert "文件已过保存期限" in page.text
    assert page.find_all("#live form") == []


def test_an_address_that_was_typed_is_kept_as_its_index(long: Console) -> None:
    address = audit.address_index(long.resources.vault, ADDRESS)
    with long.resources.sessions.begin() as session:
        audit.comes_from(session, audit.AuditOrigin(address, "Windows · Edge"))
        head = long.staff["school"]
        audit.note(
            session,
            AuditRecord(head.actor, "season_set", "year:2026", head.school_id),
            long.resources.clock(),
        )
    page = exported(long, query=f"?place={ADDRESS}")
    with long.resources.readers() as session:
        assert ADDRESS not in str(session.scalars(select(Task.asked)).one())
    work(long)
    page.get(page.path).submit("#live form")
    assert [line[3] for line in rows_of(page)[1:]] == ["修改了本届设置"]


def test_who_may_export_no_more_gets_none(long: Console) -> None:
    page = exported(long)
    with long.resources.sessions.begin() as session:
        session.get_one(Staff, long.staff["school"].id).may_export = False
    work(long)
    assert "您的账号已不能导出操作日志" in page.get(page.path).text
    assert actions(long) == []


def test_more_than_a_sheet_holds_is_refused(long: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    short = replace(PROCEDURES[TaskKind.AUDIT_LOG], most=1000)
    monkeypatch.setitem(PROCEDURES, TaskKind.AUDIT_LOG, short)
    page = exported(long)
    assert page.status == 400
    assert "一次最多导出 1,000 行，请缩小时间范围后再导出" in page.text


@pytest.mark.usefixtures("graduate")
def test_a_short_one_is_made_before_its_page_is_shown(console: Console) -> None:
    page = exported(console)
    assert "操作日志_20260610_1000.xlsx" in page.text
    page.submit("#live form")
    heading, *lines = rows_of(page)
    assert heading[0] == "时间"
    assert stamp_of(page.body)["导出人"] == "王老师"
    kept = {"lines": len(lines)}
    assert actions(console) == [("export_audit", kept), ("audit_file", kept)]


def test_a_lost_worker_s_export_is_made_by_another(long: Console, clock: StandingClock) -> None:
    page = exported(long)
    with long.resources.sessions.begin() as session:
        task = session.scalars(select(Task)).one()
        task_id = task.id
    with long.resources.sessions.begin() as session:
        assert claims.claim(session) is not None
        long_ago = clock() - timedelta(days=3650)
        session.get_one(Task, task_id).lease_until = long_ago
    work(long)
    page.get(page.path).submit("#live form")
    assert len(rows_of(page)) > 1200
