"""Rosters of a large school: checked, brought in, and every row of them changed.

Counted in CPU seconds of this process and of the one that reads the file, since other work on the
machine changes them least. What PostgreSQL does meanwhile is not in them.
"""

import resource
from collections.abc import Callable, Sequence
from datetime import date, timedelta

from sqlalchemy import text

from bench.report import Report
from bench.world import World, database_urls, open_world
from notifier.campaigns.recipient_lists import PROCEDURES
from registry.accounts.school_tables import School
from registry.base.clock import utc_now
from registry.codes import identity
from registry.record.scope import Scope
from registry.tasks import claims, roster_import, roster_undo, run
from registry.tasks.procedure import Running
from registry.tasks.roster_import import ImportChoice, Upload
from registry.tasks.states import TaskKind, TaskState
from tests.registry.sheets import a_person, as_xlsx, national

NOWHERE = "http://127.0.0.1:9"
CODE = "10001"
CHECK_GOAL, APPLY_GOAL, CHANGE_GOAL, UNDO_GOAL = 6.5, 12.5, 9.0, 9.0


def rosters(report: Report, rows: int) -> None:
    """Measure what an import of so many rows takes."""
    with database_urls("postgresql") as urls, open_world(urls["postgresql"], NOWHERE) as world:
        school_id = _a_school(world)
        first = as_xlsx(_rows(rows))
        changed = as_xlsx(_rows(rows, 单位名称="远山建设有限公司"))
        dry, at_once = ImportChoice(dry_run=True), ImportChoice(dry_run=False)
        _measure(
            report, f"{rows:,} rows checked", CHECK_GOAL, _import(world, school_id, first, dry)
        )
        _measure(
            *(report, f"{rows:,} rows brought in, check and messages included", APPLY_GOAL),
            _import(world, school_id, first, at_once),
        )
        _analyse(world)
        _measure(
            *(report, f"{rows:,} rows changed, check and messages included", CHANGE_GOAL),
            _import(world, school_id, changed, at_once),
        )
        _measure(
            *(report, f"an import that changed {rows:,} undone", UNDO_GOAL),
            lambda: _undo(world, school_id),
        )


def _a_school(world: World) -> int:
    with world.resources.sessions.begin() as session:
        school = School(code=CODE, name="某某大学", created_at=utc_now())
        session.add(school)
        session.flush()
        return school.id


def _rows(number: int, **changes: str) -> Sequence[Sequence[str]]:
    return national(*(_person(each, **changes) for each in range(number)))


def _person(number: int, **changes: str) -> dict[str, str]:
    day = date(2002, 9, 1) + timedelta(days=number // 1000)
    resident = identity.with_check_character(f"370102{day:%Y%m%d}{number % 1000:03}")
    sex = identity.sex(resident)
    own = {"身份证号": resident, "性别代码": sex, "性别": "男" if sex == "1" else "女"}
    return a_person(1, 出生日期=resident[6:14], **own, **_numbers(number), **changes)


def _numbers(number: int) -> dict[str, str]:
    return {
        "学号": f"2022{number:06}",
        "考生号": f"22370102{number:06}",
        "手机号码": f"160{number:08}",
        "所在院系": f"第{number % 20}学院",
        "所在班级": f"{number % 400}班",
    }


def _import(
    world: World, school_id: int, content: bytes, choice: ImportChoice
) -> Callable[[], None]:
    def do() -> None:
        upload = Upload(school_id, None, "名单.xlsx", content)
        report = roster_import.import_now(world.resources, upload, choice)
        assert report.state in {TaskState.PLANNED, TaskState.FINISHED}, report.message
        assert not report.counts["refused"], report.problems[:3]

    return do


def _undo(world: World, school_id: int) -> None:
    resources, scope = world.resources, Scope(school_id)
    with resources.sessions.begin() as session:
        key = roster_import.recent(session, scope, limit=1)[0].key
        asked = roster_undo.ask(session, scope, key, ("command", "bench"), resources.clock())
        claimed = claims.claim(session, only=asked.id)
    assert claimed is not None
    run.run_claimed(Running(resources, "", PROCEDURES[TaskKind.ROSTER_IMPORT], claimed))
    with resources.readers.begin() as session:
        assert roster_import.find(session, scope, key).state == TaskState.UNDONE


def _analyse(world: World) -> None:
    with world.resources.engine.connect() as connection:
        autocommit = connection.execution_options(isolation_level="AUTOCOMMIT")
        autocommit.execute(text("VACUUM ANALYZE"))


def _measure(report: Report, what: str, goal: float, do: Callable[[], None]) -> None:
    begun = _cpu_seconds()
    do()
    took = _cpu_seconds() - begun
    report.add(what, f"{took:.1f} CPU s", f"< {goal:g} CPU s", reached=took < goal)


def _cpu_seconds() -> float:
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(each.ru_utime + each.ru_stime for each in used)
