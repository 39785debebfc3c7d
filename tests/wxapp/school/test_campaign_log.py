"""The audit log says what a reminder was to say before it was changed, and how it stood."""

from sqlalchemy import select

from registry.accounts.tables import AuditEntry
from tests.audit_rows import DEEDS
from tests.pages import Browser
from tests.wxapp.school.conftest import Console

DEADLINE = {"deadline": "2026-06-30"}


def draft(console: Console, role: str, path: str, **written: str) -> Browser:
    browser = console.browser(role).get(path)
    return browser.submit("main form", "下一步：核对", **DEADLINE, **written)


def test_a_changed_draft_and_its_moves_are_said_before_and_after(
    reachable: Console, template: None
) -> None:
    page = draft(reachable, "school", "/school/campaigns/new", title="第一次", bound="yes")
    page.follow("修改").submit("main form", "下一步：核对", title="第二次", bound="")
    page.submit("form[action*='move/start']")
    page.submit("form[action*='move/cancel']")
    log = reachable.browser().get("/school/audit").text
    assert "名称：未填 → 第一次" in log
    assert "名称：第一次 → 第二次" in log
    assert "2026 届 · 未确认 · 已绑定微信 → 2026 届 · 未确认" in log
    assert "状态：草稿 → " in log
    assert "→ 已取消" in log


def test_a_list_of_student_numbers_is_counted_and_none_is_kept(reachable: Console) -> None:
    before, after = "S10000001\nS10000002", "S10000002\nS10000003\nS10000004"
    page = draft(reachable, "school", "/school/campaigns/new", student_numbers=before)
    page.follow("修改").submit("main form", "下一步：核对", student_numbers=after)
    log = reachable.browser().get("/school/audit").text
    assert "学号名单：2 个 → 3 个（新增 2 个，移除 1 个）" in log
    with reachable.resources.readers() as session:
        kept = session.scalars(select(AuditEntry.details).where(DEEDS)).all()
    assert "S1000000" not in str(kept)


def test_a_provinces_changed_draft_is_said_before_and_after(reachable: Console) -> None:
    page = draft(reachable, "province", "/province/reminders/new", title="第一次")
    page.follow("修改").submit("main form", "下一步：核对", title="第二次")
    log = reachable.browser("province").get("/province/audit").text
    assert f"学校：未填 → {reachable.campus.school.name}" in log
    assert "名称：第一次 → 第二次" in log
