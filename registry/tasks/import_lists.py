"""What is taken along of an import: whom its check found, and who keeps it from being undone."""

from collections.abc import Iterator, Sequence
from typing import IO

from registry.base.errors import NotFound
from registry.roster.plan import FATE_TITLES, PersonForeseen, Plan
from registry.roster.reading import row_of
from registry.tasks import lookup, roster_steps, undo_obstacles
from registry.tasks.name_lists import write_lines
from registry.tasks.people import Building
from registry.tasks.states import IMPORTS
from registry.tasks.tables import Task
from registry.tasks.undo_obstacles import Blocking, Finder

PEOPLE = ("情况", "学号", "姓名", "院系", "文件中的行", "变更内容")
OBSTACLES = ("学号", "姓名", "院系", "不能撤销的原因")
GONE = "核对结果（保存 7 天）"


def _import(building: Building) -> Task:
    task = building.task
    return lookup.find(building.session, task.scope, task.asked["import"], IMPORTS, "导入记录")


def write_people(building: Building, file: IO[bytes]) -> None:
    """Write whom the check of an import found; raise NotFound once that is kept no more."""
    plan = roster_steps.plan_of(building.session, building.vault, _import(building))
    if plan is None:
        raise NotFound(GONE)
    write_lines(building, file, _people(plan))


def _people(plan: Plan) -> Iterator[Sequence[str]]:
    yield PEOPLE
    for fate, title in FATE_TITLES.items():
        yield from (_person(title, each) for each in plan.of(fate))


def _person(title: str, person: PersonForeseen) -> Sequence[str]:
    changes = "；".join(
        f"{name}：{before or '空'} → {after}" for name, before, after in person.changes
    )
    row = str(row_of(person.row)) if person.row else ""
    return (title, person.student_number, person.name, person.department, row, changes)


def write_obstacles(building: Building, file: IO[bytes], *, others: Finder) -> None:
    """Write who keeps an import from being undone, and why; `others` finds what is above."""
    obstacles = undo_obstacles.obstacles(building.session, _import(building), others)
    people = undo_obstacles.named(building.session, obstacles, 0, None)
    write_lines(building, file, _obstacles(people))


def _obstacles(people: Sequence[Blocking]) -> Iterator[Sequence[str]]:
    yield OBSTACLES
    for each in people:
        yield each.student_number, each.name, each.department, each.reasons
