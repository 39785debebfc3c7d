"""A long list of names is made in the background: the page shows how far, then gives the file."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from notifier.campaigns import recipient_lists
from registry.accounts.tables import AuditEntry
from registry.tasks import run
from registry.tasks.states import LISTS, TaskKind
from tests.audit_rows import DEEDS
from tests.background import leave_to_workers
from tests.pages import Browser
from tests.stamps import stamp_of
from tests.wxapp.school.conftest import Console
from tests.wxapp.school.test_campaigns import rows_of, sending

Press = Callable[[Console], Browser]


def export(console: Console) -> Browser:
    page = console.browser().get("/school/graduates?state=unconfirmed")
    return page.submit("main form[action*=export]")


def left_out(console: Console) -> Browser:
    return console.browser().get("/school/reporting").submit("form[action$=left-out]")


def failed(console: Console) -> Browser:
    return sending(console).submit("form[action$=results]:has(button[value=failed])")


def unreachable(console: Console) -> Browser:
    return sending(console).submit("form[action$=unreachable]")


LONG: dict[TaskKind, tuple[Press, str, list[str], str]] = {
    TaskKind.GRADUATES: (export, "毕业生登记确认情况", ["李娟", "王建国", "赵敏"], "毕业生列表"),
    TaskKind.LEFT_OUT: (
        *(left_out, "未列入上报名单"),
        ["李娟", "王建国", "赵敏", "钱一"],
        "报省级备案",
    ),
    TaskKind.RESULTS: (failed, "发送结果名单", ["赵敏"], "这次提醒"),
    TaskKind.UNREACHABLE: (unreachable, "无法送达名单", ["王建国", "赵敏"], "这次提醒"),
}
"""Which button, the title, the names in the file, where one came from."""


@pytest.fixture
def patient(reachable: Console, monkeypatch: pytest.MonkeyPatch) -> Console:
    """Have every list count as long, and somebody to be left out of what is reported."""
    leave_to_workers(monkeypatch, LISTS)
    reachable.campus.graduate("钱一")
    reachable.campus.save()
    return reachable


def work(console: Console) -> None:
    resources = console.resources
    while run.run_next(resources, resources.settings.public_url, recipient_lists.PROCEDURES):
        pass


@pytest.mark.parametrize("kind", LONG)
def test_it_waits_in_the_background_and_gives_the_same_file(
    patient: Console, kind: TaskKind
) -> None:
    press, title, names, _ = LONG[kind]
    browser = press(patient)
    assert f"0 / {len(names)} 人。排队中" in browser.text
    assert "编号" not in browser.find("#live").text
    work(patient)
    browser.get(browser.path)
    assert f"{title}_2026届_20260610_1000.xlsx，保存到 6月11日 10:00" in browser.text
    assert "编号" not in browser.find("#live").text
    task = browser.path
    browser.submit("#live form")
    assert stamp_of(browser.body)["行数"] == str(len(names))
    assert [row[1] for row in rows_of(browser)[1:]] == names
    with patient.resources.readers() as session:
        entry = session.scalars(
            select(AuditEntry).where(DEEDS).order_by(AuditEntry.id.desc())
        ).first()
    assert entry is not None
    assert (entry.action, entry.details) == ("office_file", {"people": len(names)})
    assert entry.subject.removeprefix("office_task:") == task.removeprefix("/school/office/")


@pytest.mark.parametrize("kind", LONG)
def test_its_page_leads_back_to_where_it_was_asked_for(patient: Console, kind: TaskKind) -> None:
    press, title, _, back = LONG[kind]
    browser = press(patient)
    assert f"名单 {title} 排队中" in patient.browser().get("/school/tasks").text
    assert browser.follow(f"回到{back}").status == 200


def test_no_list_is_asked_for_among_the_transfers(patient: Console) -> None:
    browser = patient.browser().get("/school/transfer")
    token = str(browser.find_all("input[name=csrf_token]")[0]["value"])
    for each in LISTS:
        asked = {"csrf_token": token, "work": each.value}
        assert browser.post("/school/transfer/file/office", asked).status == 400
