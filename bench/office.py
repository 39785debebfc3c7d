"""The office of a large school: its transfer numbers, its downloads, its reports."""

import resource
import time
from dataclasses import dataclass
from statistics import median

from sqlalchemy import select, text, update

from bench.report import Report
from bench.world import YEAR, World, database_urls, open_world
from registry.accounts.school_tables import Department, School
from registry.accounts.tables import Role, Staff
from registry.base.clock import utc_now
from registry.base.file_tables import StoredFile
from registry.numbers import reports
from registry.numbers.listing import NumberFilter
from registry.numbers.reports import VerificationSite
from registry.numbers.shape import Issue, Kind
from registry.numbers.states import NumberState
from registry.numbers.tables import IssuedNumber
from registry.population import create
from registry.population.create import NewSchool, PopulationSize
from registry.record.graduate_filter import GraduateFilter
from registry.record.scope import Scope
from registry.record.tables import Graduate
from registry.tasks import run, start
from registry.tasks.start import Asker
from registry.tasks.states import TaskKind, TaskState
from registry.tasks.tables import Task

NOWHERE = "http://127.0.0.1:9"
CODE = "20001"
NUMBERS_GOAL, DOWNLOAD_GOAL, REPORT_GOAL, ARCHIVE_GOAL = 3.0, 6.0, 0.03, 25.0
MEMORY_GOAL = 40
"""MB more for twenty thousand rows than for one department's."""
ARCHIVE = 1000
REPORTS = 100


@dataclass(frozen=True)
class Bureau:
    """A school's office, and who works there."""

    world: World
    scope: Scope
    staff_id: int

    def seconds(self, task_kind: TaskKind, scope: Scope | None = None) -> float:
        """Ask for a task about files and do it; return how long both took."""
        wanted = NumberFilter(GraduateFilter(YEAR), Issue.TRANSFER, Kind.FILE)
        asker = Asker(self.staff_id, scope or self.scope, utc_now())
        resources = self.world.resources
        begun = time.perf_counter()
        with resources.sessions.begin() as session:
            ident = start.start(session, asker, task_kind, wanted).id
        run.run_now(resources, resources.settings.public_url, ident)
        took = time.perf_counter() - begun
        with resources.readers() as session:
            task = session.get_one(Task, ident)
            assert task.state == TaskState.FINISHED, task.message
        return took


def office(report: Report, graduates: int) -> None:
    """Measure what the office of a school of this size waits for."""
    with database_urls("postgresql") as urls, open_world(urls["postgresql"], NOWHERE) as world:
        bureau = _open(world, graduates)
        _numbers(report, bureau, graduates)
        _downloads(report, bureau, graduates)
        _reports(report, bureau)


def _open(world: World, graduates: int) -> Bureau:
    resources, at = world.resources, utc_now()
    people = PopulationSize(YEAR, graduates, reported=1.0)
    school = NewSchool(CODE, "某某大学")
    create.create(resources.sessions, resources.vault, school, people, at)
    with resources.engine.connect() as connection:
        autocommit = connection.execution_options(isolation_level="AUTOCOMMIT")
        autocommit.execute(text("VACUUM ANALYZE"))
    with resources.sessions.begin() as session:
        ident = session.scalars(select(School.id).where(School.code == CODE)).one()
        about = {"name": "王老师", "role": Role.SCHOOL, "password_hash": "", "created_at": at}
        staff = Staff(login="bench", school_id=ident, **about)
        session.add(staff)
        session.flush()
        return Bureau(world, Scope(ident), staff.id)


def _numbers(report: Report, bureau: Bureau, graduates: int) -> None:
    took = bureau.seconds(TaskKind.NUMBERS)
    _add_seconds(report, f"{graduates:,} transfer numbers generated", took, NUMBERS_GOAL)
    with bureau.world.resources.sessions.begin() as session:
        session.execute(update(IssuedNumber).values(standing=NumberState.LAPSED))
    took = bureau.seconds(TaskKind.NUMBERS)
    _add_seconds(report, f"{graduates:,} transfer numbers renewed", took, NUMBERS_GOAL)


def _downloads(report: Report, bureau: Bureau, graduates: int) -> None:
    bureau.seconds(TaskKind.TABLE, _department(bureau))
    before = _peak_megabytes()
    for work, name in ((TaskKind.TABLE, "transfer table"), (TaskKind.POSTING_LIST, "posting list")):
        took = bureau.seconds(work)
        _add_seconds(report, f"{name} of {graduates:,} rows, stored sealed", took, DOWNLOAD_GOAL)
    grown = _peak_megabytes() - before
    what = f"memory more for {graduates:,} rows than for one department's"
    report.add(what, f"{grown:.0f} MB", f"< {MEMORY_GOAL} MB", reached=grown < MEMORY_GOAL)


def _department(bureau: Bureau) -> Scope:
    with bureau.world.resources.readers() as session:
        theirs = select(Department.id).where(Department.school_id == bureau.scope.school_id)
        return Scope(bureau.scope.school_id, session.scalars(theirs.limit(1)).one())


def _peak_megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _reports(report: Report, bureau: Bureau) -> None:
    resources = bureau.world.resources
    place = VerificationSite(resources.vault, resources.settings.public_url)
    times = []
    with resources.readers() as session:
        keys = session.scalars(select(Graduate.key).limit(REPORTS)).all()
        for key in keys:
            begun = time.perf_counter()
            reports.transfer_pdf(session, place, bureau.scope, key, Kind.FILE, utc_now())
            times.append(time.perf_counter() - begun)
    took = median(times[1:])
    what = "one report as PDF, warm, its query included"
    report.add(
        what, f"{took * 1000:.1f} ms", f"< {REPORT_GOAL * 1000:.0f} ms", reached=took < REPORT_GOAL
    )
    _archive(report, bureau)


def _archive(report: Report, bureau: Bureau) -> None:
    """Have the reports of a thousand people packed: the others are given another year."""
    resources = bureau.world.resources
    with resources.sessions.begin() as session:
        kept = select(Graduate.id).order_by(Graduate.id).limit(ARCHIVE)
        others = update(Graduate).where(Graduate.id.not_in(kept.scalar_subquery()))
        session.execute(others.values(year=YEAR - 1).execution_options(synchronize_session=False))
    took = bureau.seconds(TaskKind.REPORTS)
    with resources.readers() as session:
        size = session.scalars(select(StoredFile.size).order_by(StoredFile.id.desc())).all()[0]
    what = f"{ARCHIVE:,} reports in an archive of {size / 1024**2:.0f} MB, stored sealed"
    _add_seconds(report, what, took, ARCHIVE_GOAL)


def _add_seconds(report: Report, what: str, took: float, goal: float) -> None:
    report.add(what, f"{took:.2f} s", f"< {goal:g} s", reached=took < goal)
