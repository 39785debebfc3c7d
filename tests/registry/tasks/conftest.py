"""An office under test: a school on a real database, its staff, and workers for what they ask."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session, sessionmaker

from registry.accounts.tables import Role, Staff
from registry.base import large_files
from registry.base.database import open_readers
from registry.base.file_tables import StoredFile
from registry.numbers.listing import NumberFilter
from registry.numbers.shape import Issue, Kind
from registry.record.graduate_filter import GraduateFilter
from registry.record.scope import Scope
from registry.record.tables import Graduate, Source
from registry.tasks import run, start
from registry.tasks.start import Asker
from registry.tasks.states import TaskKind
from registry.tasks.tables import Task
from tests.clock import StandingClock
from tests.registry.staff_context import WorkDesk
from tests.wxapp.school.records import VAULT, Campus, open_campus

BASE = "https://quxiang.example.edu.cn"


@dataclass
class Bureau:
    """The office, and what came of its tasks."""

    desk: WorkDesk
    campus: Campus
    staff: Staff
    clock: StandingClock

    def add(self, work: Callable[[Campus], object]) -> None:
        """Do something to the records."""
        with self.desk.sessions.begin() as session:
            self.campus.session = session
            work(self.campus)

    def ask(
        self,
        task_kind: TaskKind,
        kind: Kind = Kind.FILE,
        scope: Scope | None = None,
        state: str = "",
    ) -> Task:
        """Ask for a task; nobody does it yet."""
        wanted = NumberFilter(GraduateFilter(2026), Issue.TRANSFER, kind, state=state)
        asker = Asker(self.staff.id, scope or self.campus.scope, self.desk.clock())
        with self.desk.sessions.begin() as session:
            return start.start(session, asker, task_kind, wanted)

    def work(self) -> None:
        """Do all there is to do."""
        while run.run_next(self.desk, BASE):
            pass

    def done(self, task_kind: TaskKind, kind: Kind = Kind.FILE, state: str = "") -> Task:
        """Ask for a task, do it, return how it stands."""
        task = self.ask(task_kind, kind, state=state)
        self.work()
        return self.now(task)

    def now(self, task: Task) -> Task:
        """Return a task as it stands now."""
        with self.desk.readers.begin() as session:
            return session.get_one(Task, task.id)

    def file(self, task: Task) -> tuple[str, bytes]:
        """Return name and content of what a task made."""
        with self.desk.readers.begin() as session:
            stored = session.scalars(select(StoredFile).where(StoredFile.id == task.file_id)).one()
        pieces = large_files.pieces(self.desk.readers, self.desk.vault, stored)
        return stored.name, b"".join(pieces)


@pytest.fixture
def bureau(engine: Engine, sessions: sessionmaker[Session], clock: StandingClock) -> Bureau:
    desk = WorkDesk(sessions, open_readers(engine), VAULT, clock)
    with sessions.begin() as session:
        campus = open_campus(session, clock())
        staff = campus.staff(Role.SCHOOL)
    return Bureau(desk, campus, staff, clock)


def reported(campus: Campus, name: str = "李娟", department: int = 0, **changed: str) -> Graduate:
    """Add a graduate with a destination."""
    return campus.report(campus.graduate(name, department), Source.IMPORT, **changed)
