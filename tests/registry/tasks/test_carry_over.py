"""Work of the version before goes on: by the migration, and as its processes still add to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, insert, inspect, select
from sqlalchemy.orm import Session

from registry.accounts.tables import Role
from registry.base import files
from registry.base.database import Base, database_now, open_readers, open_sessions
from registry.tasks import carry_over, claims, run
from registry.tasks.earlier_tables import OfficeTask, OfficeTaskPerson, RosterImport
from registry.tasks.states import TaskKind, TaskState
from registry.tasks.tables import Task, TaskPerson
from runtime import schema
from tests.clock import StandingClock
from tests.registry.staff_context import WorkDesk
from tests.registry.tasks.conftest import BASE, reported
from tests.wxapp.school.records import VAULT, open_campus

AT = datetime(2026, 6, 10, 2, tzinfo=UTC)
Row = dict[str, Any]


def an_import(state: str, **changed: object) -> Row:
    """Return a row as the version before wrote it."""
    numbers = {"done": 3, "total": 9, "attempts": 2, "year": 2026}
    said = {"file_name": "名单.xlsx", "policy": "valid_rows", "problems": [{"row": 2}]}
    same = dict.fromkeys(("file_id", "refused_file_id", "lease_until", "finished_at"))
    about = {"key": f"import-{state}", "state": state, "counts": {"rows": 9}, "message": ""}
    return {**about, **numbers, **said, **same, "created_at": AT, **changed}


def an_office_task(state: str, **changed: object) -> Row:
    numbers = {"done": 1, "total": 2, "attempts": 1, "year": 2026, "renewed_up_to": 7}
    said = {"kind": "file", "work": "table", "about": {}, "counts": {"created": 1, "renewed": 0}}
    same = dict.fromkeys(("file_id", "department_id", "lease_until", "finished_at"))
    about = {"key": f"office-{state}", "state": state, "message": ""}
    return {**about, **numbers, **said, **same, "created_at": AT, **changed}


IMPORTS = (
    *(an_import("waiting"), an_import("checking", lease_until=AT), an_import("planned")),
    *(an_import("approved"), an_import("applying", lease_until=AT, attempts=3)),
    an_import("refused", finished_at=AT, message="没有数据行"),
    an_import("abandoned", policy="all_or_nothing"),
)
OFFICE = (
    an_office_task("waiting", created_at=AT - timedelta(hours=1)),
    an_office_task("running", lease_until=AT),
    an_office_task(
        "refused",
        kind="",
        work="results",
        about={"campaign": "c", "state": "failed"},
        finished_at=AT,
    ),
)


@dataclass(frozen=True)
class World:
    """A database, and the numbers of what tasks are about."""

    engine: Engine
    school_id: int
    staff_id: int
    graduate_id: int
    uploaded: int
    made: int

    def add(self, session: Session, imports: Sequence[Row], office: Sequence[Row]) -> None:
        """Add rows as the version before did, and a graduate to each task that is not done."""
        mine = {"school_id": self.school_id, "staff_id": self.staff_id}
        if imports:
            session.execute(insert(RosterImport), [{**row, **mine} for row in imports])
        if not office:
            return
        session.execute(insert(OfficeTask), [{**row, **mine} for row in office])
        unfinished = select(OfficeTask.id).where(OfficeTask.finished_at.is_(None))
        people = [
            {"task_id": ident, "graduate_id": self.graduate_id}
            for ident in session.scalars(unfinished)
        ]
        session.execute(insert(OfficeTaskPerson), people)


def open_world(engine: Engine) -> World:
    """Make a school with a graduate, a member of staff and two files."""
    with open_sessions(engine).begin() as session:
        campus = open_campus(session, AT)
        graduate, staff = reported(campus), campus.staff(Role.SCHOOL)
        sent = files.Incoming(campus.school.id, "名单.xlsx", "", b"-")
        stored = [files.store(session, VAULT, sent, AT, AT).id for _ in range(2)]
        return World(engine, campus.school.id, staff.id, graduate.id, *stored)


@pytest.fixture
def before(engine: Engine) -> World:
    """Give a database as the version before left it, with work of all states."""
    world = open_world(engine)
    schema.downgrade(engine, "0015")
    finished = an_import(
        "finished", file_id=world.uploaded, refused_file_id=world.made, finished_at=AT
    )
    done = an_office_task("finished", file_id=world.made, finished_at=AT)
    with open_sessions(engine).begin() as session:
        world.add(session, [*IMPORTS, finished], [*OFFICE, done])
    return world


def rows_of(engine: Engine, table: type[Base]) -> list[Row]:
    """Return all that stands in a table but its own numbers."""
    wanted = [column for column in inspect(table).columns if column.name != "id"]
    with engine.connect() as connection:
        return [dict(row) for row in connection.execute(select(*wanted).order_by("key")).mappings()]


EARLIER = (RosterImport, OfficeTask)


def people_of(
    engine: Engine, tasks: type[OfficeTask | Task], people: type[OfficeTaskPerson | TaskPerson]
) -> list[str]:
    wanted = select(tasks.key).join(people, people.task_id == tasks.id).order_by(tasks.key)
    with engine.connect() as connection:
        return list(connection.scalars(wanted))


def test_the_migration_moves_all_work_and_takes_it_back(before: World) -> None:
    were = [rows_of(before.engine, table) for table in EARLIER]
    schema.upgrade(before.engine)
    assert [rows_of(before.engine, table) for table in EARLIER] == [[], []]
    assert len(rows_of(before.engine, Task)) == sum(map(len, were))
    schema.downgrade(before.engine, "0015")
    assert [rows_of(before.engine, table) for table in EARLIER] == were
    unfinished = ["office-running", "office-waiting"]
    assert people_of(before.engine, OfficeTask, OfficeTaskPerson) == unfinished


def test_the_migration_keeps_state_files_lease_and_people(before: World) -> None:
    schema.upgrade(before.engine)
    with open_sessions(before.engine)() as session:
        found = {task.key: task for task in session.scalars(select(Task).order_by(Task.id))}
    assert next(iter(found)) == "office-waiting", "the oldest first"
    checking, finished = found["import-checking"], found["import-finished"]
    assert (checking.state, checking.lease_until) == (TaskState.RUNNING, AT)
    assert checking.asked == {"file_name": "名单.xlsx", "policy": "valid_rows"}
    assert (finished.source_file_id, finished.file_id) == (before.uploaded, before.made)
    running, results = found["office-running"], found["office-refused"]
    assert (running.attempts, running.resume_after, running.lease_until) == (1, 7, AT)
    assert running.asked == {"number_kind": "file"}
    assert results.kind == TaskKind.RESULTS
    assert results.asked == {"campaign": "c", "state": "failed"}
    assert people_of(before.engine, Task, TaskPerson) == ["office-running", "office-waiting"]


def test_what_the_migration_moved_goes_on_where_its_worker_stopped(before: World) -> None:
    schema.upgrade(before.engine)
    with open_sessions(before.engine).begin() as session:
        running = select(Task.id).where(Task.key == "office-running")
        mine = claims.claim(session, only=session.scalars(running).one())
    assert mine is not None
    assert (mine.attempts, mine.resume_after, mine.counts["created"]) == (2, 7, 1)


def test_what_a_page_of_the_version_before_adds_is_done(
    engine: Engine, clock: StandingClock
) -> None:
    world, sessions = open_world(engine), open_sessions(engine)
    waits = an_office_task("waiting", attempts=0, renewed_up_to=0, counts={})
    with sessions.begin() as session:
        world.add(session, [an_import("waiting", attempts=0)], [waits])
    with sessions.begin() as session:
        assert carry_over.carry_over(session) == 2
    assert [rows_of(engine, table) for table in EARLIER] == [[], []]
    resources = WorkDesk(sessions, open_readers(engine), VAULT, clock)
    while run.run_next(resources, BASE):
        pass
    with sessions() as session:
        found = {task.key: task for task in session.scalars(select(Task))}
    assert found["office-waiting"].counts == {"created": 1, "renewed": 0, "left_out": 0}
    assert "请重新上传" in found["import-waiting"].message, "it was read, and its file is gone"


@pytest.mark.parametrize(("minutes", "moved"), [(3, 0), (-3, 2)])
def test_what_a_worker_of_the_version_before_has_stays_with_it(
    engine: Engine, minutes: int, moved: int
) -> None:
    world, sessions = open_world(engine), open_sessions(engine)
    with sessions.begin() as session:
        held = {"lease_until": database_now(session) + timedelta(minutes=minutes)}
        world.add(session, [an_import("applying", **held)], [an_office_task("running", **held)])
    with sessions.begin() as session:
        assert carry_over.carry_over(session) == moved
