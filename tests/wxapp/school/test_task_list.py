"""The list of tasks: who asked, how far it is, the file fetched there, a badge while one runs."""

import pytest

from registry.tasks.states import TaskKind
from tests.background import leave_to_workers
from tests.wxapp.school.conftest import Console
from tests.wxapp.school.test_name_lists import work

BADGE = ".menu .badge"


@pytest.fixture
def asked(console: Console, monkeypatch: pytest.MonkeyPatch) -> Console:
    """Have a list of one waited for."""
    leave_to_workers(monkeypatch, {TaskKind.GRADUATES})
    console.campus.graduate("李娟")
    console.campus.save()
    console.browser().get("/school/graduates").submit("main form[action*=export]")
    return console


def test_a_badge_stands_in_the_menu_while_a_task_runs(asked: Console) -> None:
    assert asked.browser().get("/school/").find(BADGE).get_text() == "进行中"
    assert not asked.browser("department").get("/school/").find_all(BADGE)
    work(asked)
    assert not asked.browser().get("/school/").find_all(BADGE)


def test_the_list_says_who_asked_and_gives_the_file(asked: Console) -> None:
    browser = asked.browser().get("/school/tasks")
    assert "王老师" in browser.find("tbody").get_text()
    assert not browser.find_all("tbody form")
    work(asked)
    browser.get("/school/tasks").submit("tbody form")
    assert browser.body.startswith(b"PK")
