"""`quxiang status`: what the operator's page shows, for programs and on one page of a terminal."""

import pytest
from sqlalchemy.orm import Session, sessionmaker

import quxiang
from registry.base.clock import utc_now
from registry.tasks.states import TaskState
from registry.tasks.tables import Task
from tests.commands.conftest import Quxiang


@pytest.fixture(autouse=True)
def waiting_task(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        session.add(Task(kind="graduates", state=TaskState.WAITING, created_at=utc_now()))


def test_programs_read_each_figure_by_its_name(command: Quxiang) -> None:
    said = command("status")
    assert (said.status, said.facts["paused"]) == (0, False)
    assert said.facts["quxiang_open_tasks"]["waiting"] == 1
    assert said.facts["quxiang_audit_unchained_seconds"] == 0


def test_people_read_one_page(
    environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    del environment
    assert quxiang.main(["status"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["account", "sends"]
    assert ["open_tasks", "waiting", "1"] in [line.split() for line in lines]
    assert len(lines) <= 40
    assert max(map(len, lines)) <= 80
