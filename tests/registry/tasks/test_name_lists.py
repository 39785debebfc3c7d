"""Lists of names are made like other files of the office, without a number being made."""

import io
from datetime import timedelta

import pytest
import python_calamine
from sqlalchemy import func, select

from registry.numbers.tables import IssuedNumber
from registry.record import graduates
from registry.record.confirmation.states import ConfirmationState
from registry.record.graduate_filter import GraduateFilter
from registry.tasks import lookup, name_lists, run, start
from registry.tasks.lookup import LISTED_FOR
from registry.tasks.start import Asker, NameList
from registry.tasks.states import TaskKind, TaskState
from registry.tasks.tables import Task, TaskPerson
from tests.registry.tasks.conftest import BASE, Bureau, reported

YEAR = 2026


def ask(bureau: Bureau, kind: TaskKind, wanted: GraduateFilter | None = None) -> Task:
    scope = bureau.campus.scope
    people = graduates.ids(scope, wanted) if wanted else None
    with bureau.desk.sessions.begin() as session:
        total = graduates.total(session, scope, wanted or GraduateFilter(YEAR))
        asker = Asker(bureau.staff.id, scope, bureau.clock())
        return start.start_list(session, asker, NameList(kind, YEAR, total, people))


def rows(bureau: Bureau, task: Task) -> list[list[object]]:
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(bureau.file(task)[1]))
    return [list(row) for row in book.get_sheet_by_index(0).to_python()]


def test_the_list_holds_whom_it_was_asked_for_and_makes_no_number(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(name_lists, "STEP", 1)
    bureau.add(lambda campus: [reported(campus, name) for name in ("甲", "乙")])
    bureau.add(lambda campus: campus.graduate("丙"))
    task = ask(
        bureau, TaskKind.GRADUATES, GraduateFilter(YEAR, state=ConfirmationState.UNCONFIRMED)
    )
    bureau.add(lambda campus: reported(campus, "丁"))
    bureau.work()
    task = bureau.now(task)
    assert (task.state, task.done, task.total, task.message) == (TaskState.FINISHED, 2, 2, "")
    assert [row[1] for row in rows(bureau, task)] == ["姓名", "甲", "乙"]
    assert [row[2] for row in rows(bureau, task)][1] == "110101********123X"
    assert bureau.file(task)[0].startswith("毕业生登记确认情况_2026届_")
    with bureau.desk.readers.begin() as session:
        assert session.scalars(select(func.count()).select_from(IssuedNumber)).one() == 0


def test_a_department_gets_its_own_only(bureau: Bureau) -> None:
    bureau.add(lambda campus: [reported(campus, "甲", 0), reported(campus, "乙", 1)])
    scope = bureau.campus.department_scope(1)
    people = graduates.ids(bureau.campus.scope, GraduateFilter(YEAR))
    with bureau.desk.sessions.begin() as session:
        asker = Asker(bureau.staff.id, scope, bureau.clock())
        listed = NameList(TaskKind.GRADUATES, YEAR, 2, people)
        task = start.start_list(session, asker, listed)
    bureau.work()
    assert [row[1] for row in rows(bureau, bureau.now(task))] == ["姓名", "乙"]


def test_who_is_left_out_is_listed_with_the_reason(bureau: Bureau) -> None:
    bureau.add(lambda campus: campus.graduate("丙"))
    task = ask(bureau, TaskKind.LEFT_OUT)
    bureau.work()
    (heading, line) = rows(bureau, bureau.now(task))
    assert heading[-2:] == ["未列入的原因", "缺少内容"]
    assert (line[1], bool(line[3])) == ("丙", True)


def test_a_list_is_never_finished_without_its_file(bureau: Bureau) -> None:
    ask(bureau, TaskKind.RESULTS)
    with pytest.raises(KeyError):
        run.run_next(bureau.desk, BASE)


def test_what_ended_long_ago_is_forgotten_and_what_waits_is_not(bureau: Bureau) -> None:
    bureau.add(reported)
    old = bureau.done(TaskKind.TABLE)
    waits = bureau.ask(TaskKind.TABLE)
    bureau.clock.move(LISTED_FOR)
    with bureau.desk.sessions.begin() as session:
        assert lookup.forget_old(session, bureau.clock()) == 1
        assert session.scalars(select(Task.id)).all() == [waits.id]
        assert session.scalars(select(TaskPerson.task_id)).all() == [waits.id]
        assert session.get(Task, old.id) is None


def test_what_ended_lately_is_kept(bureau: Bureau) -> None:
    bureau.add(reported)
    bureau.done(TaskKind.TABLE)
    bureau.clock.move(LISTED_FOR - timedelta(seconds=1))
    with bureau.desk.sessions.begin() as session:
        assert lookup.forget_old(session, bureau.clock()) == 0
