"""A review of more than one press decides on: looked through first, approved, told once each."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, func, select, update

from notifier.campaigns import recipient_lists
from notifier.ledger.tables import Message
from registry.base.database import database_now
from registry.review.states import ApplicationState
from registry.review.tables import Application, Evidence
from registry.tasks import review_steps, run
from registry.tasks.tables import Task, TaskApplication
from tests.pages import Browser
from tests.wxapp.school.conftest import Console
from tests.wxapp.school.review_records import Submissions, submissions
from wxapp.reviews import many

__all__ = ["submissions"]

NAMES = ("李娟", "王建国", "赵敏")
SENT, PASSED = ApplicationState.SUBMITTED, ApplicationState.DEPARTMENT_PASSED


@pytest.fixture
def waiting(submissions: Submissions, monkeypatch: pytest.MonkeyPatch) -> list[Application]:
    """Let three wait, the first without documents; a press decides on two, a transaction on one."""
    monkeypatch.setattr(many, "MOST", 2)
    monkeypatch.setattr(review_steps, "STEP", 1)
    found = [submissions.add(name) for name in NAMES]
    with submissions.console.resources.sessions.begin() as session:
        session.execute(delete(Evidence).where(Evidence.application_id == found[0].id))
    return found


def work(console: Console) -> None:
    resources = console.resources
    while run.run_next(resources, resources.settings.public_url, recipient_lists.PROCEDURES):
        pass


def let_ten_seconds_pass(console: Console) -> None:
    with console.resources.sessions.begin() as session:
        past = database_now(session) - timedelta(seconds=1)
        session.execute(update(Task).values(lease_until=past))


def asked(console: Console, decision: str = "pass", **more: str) -> Browser:
    """Decide on all that the list counts, have them looked through, and show the page."""
    browser = console.browser("department").get("/school/reviews")
    form = browser.fill(".review-form", f"decision={decision}")
    form["whom"] = "all"
    for name, value in more.items():
        form[name] = value
    browser.post("/school/reviews", form)
    work(console)
    return browser.get(browser.path)


def states(submissions: Submissions, waiting: list[Application]) -> list[str]:
    return [submissions.again(each).state for each in waiting]


def test_a_review_is_summed_up_before_anything_is_decided(
    console: Console, submissions: Submissions, waiting: list[Application]
) -> None:
    browser = asked(console)
    assert "检查完成，待确认审核" in browser.text
    assert "其中 1 人建议先逐个查看" in browser.text
    assert "没有上传佐证材料 1 人" in browser.text
    assert states(submissions, waiting) == [SENT, SENT, SENT]
    assert "批量审核" in browser.get("/school/tasks").text


def test_an_approved_one_waits_ten_seconds_and_then_passes_all_and_tells_each_once(
    console: Console, submissions: Submissions, waiting: list[Application]
) -> None:
    browser = asked(console).submit("#live form", "act=all")
    work(console)
    assert states(submissions, waiting) == [SENT, SENT, SENT]
    let_ten_seconds_pass(console)
    work(console)
    assert states(submissions, waiting) == [PASSED, PASSED, PASSED]
    assert "已通过 3 人，共 3 人" in browser.get(browser.path).text
    with console.resources.readers() as session:
        told = select(func.count(Message.id)).group_by(Message.graduate_id)
        assert set(session.scalars(told)) <= {1}
        outcomes = session.scalars(select(TaskApplication.outcome)).all()
    assert outcomes == ["passed"] * 3


def test_an_approved_one_can_be_taken_back_before_it_begins(
    console: Console, submissions: Submissions, waiting: list[Application]
) -> None:
    browser = asked(console).submit("#live form", "act=all")
    browser.submit("#live form", "act=give_up")
    assert "已取消，没有审核任何申请" in browser.text
    let_ten_seconds_pass(console)
    work(console)
    assert states(submissions, waiting) == [SENT, SENT, SENT]


def test_the_rest_is_passed_and_what_is_worth_a_look_is_left(
    console: Console, submissions: Submissions, waiting: list[Application]
) -> None:
    browser = asked(console)
    browser.submit("#live form", "act=rest")
    let_ten_seconds_pass(console)
    work(console)
    assert states(submissions, waiting) == [SENT, PASSED, PASSED]
    page = browser.get(browser.path)
    assert "已通过 2 人，共 3 人" in page.text
    assert "留待逐个查看 1 人" in page.text


def test_what_was_changed_meanwhile_is_counted_and_named(
    console: Console, submissions: Submissions, waiting: list[Application]
) -> None:
    browser = asked(console, "return", reason="请补充材料").submit("#live form", "act=all")
    other = console.browser("department").get(f"/school/reviews/{waiting[1].key}")
    other.submit("form:has(textarea)", "decision=pass")
    let_ten_seconds_pass(console)
    work(console)
    page = browser.get(browser.path)
    assert "已退回 2 人，共 3 人" in page.text
    assert "王建国" in page.text


def test_who_may_not_review_any_more_decides_on_nobody(
    console: Console, submissions: Submissions, waiting: list[Application]
) -> None:
    browser = asked(console).submit("#live form", "act=all")
    staff = console.staff["department"]
    with console.resources.sessions.begin() as session:
        session.get_one(type(staff), staff.id).read_only = True
    let_ten_seconds_pass(console)
    work(console)
    assert states(submissions, waiting) == [SENT, SENT, SENT]
    assert "您的账号已不能审核" in browser.get(browser.path).text
