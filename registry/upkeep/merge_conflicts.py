"""What stands against merging two schools, since it would lose something, and what is overruled."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from sqlalchemy import and_, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from registry.accounts.school_tables import School
from registry.accounts.tables import StaffCharge
from registry.record.scope import not_ended
from registry.record.tables import Graduate
from registry.review import seasons
from registry.review.states import WAITING
from registry.review.tables import Application, Season
from registry.tasks.states import OVER
from registry.tasks.tables import Task

_CHARGES = ((StaffCharge.class_name, "class_name"), (StaffCharge.major, "major"))
MOST_NAMED = 20
"""How many of a kind are named; all are counted."""


@dataclass(frozen=True)
class Conflict:
    """Something that has to be settled before, how often, and the first of them by name."""

    code: str
    sentence: str
    number: int = 1
    named: Sequence[str] = field(default_factory=list)


def conflicts(session: Session, source: School, target: School) -> list[Conflict]:
    """Return what stands against merging the first school into the other; none where it may be."""
    return [
        *_of_places(source, target),
        *_of_numbers(session, source.id, target.id, Graduate.student_number, "学号"),
        *_of_numbers(session, source.id, target.id, Graduate.candidate_number, "考生号"),
        *_of_people(session, source.id, target.id),
        *_of_tasks(session, source.id),
        *_of_reviews(session, source.id, target.id),
    ]


def overruled_years(session: Session, source: int, target: int) -> list[int]:
    """Return the years that the first school has rules for and the other's rules will hold for.

    Those are the years in which the other school has people, or rules of its own.
    """
    mine = select(Season.year).where(Season.school_id == source)
    return sorted(set(session.scalars(mine)) & _ruled_by(session, target))


def shared_charges(session: Session, source: int, target: int) -> list[str]:
    """Return the classes and majors of a counsellor's that both departments have under one name.

    Merged, the counsellor of one would see the people of both.
    """
    found = set[str]()
    for charged, held in _CHARGES:
        here, there = aliased(Graduate), aliased(Graduate)
        wanted = (
            select(charged)
            .join(here, and_(here.department_id == source, getattr(here, held) == charged))
            .join(there, and_(there.department_id == target, getattr(there, held) == charged))
            .where(StaffCharge.department_id.in_([source, target]), charged != "")
        )
        found |= set(session.scalars(wanted.distinct()))
    return sorted(found)


def charges_conflict(names: Sequence[str]) -> Conflict:
    """Return what stands against merging departments with classes or majors of one name."""
    words = "、".join(f"“{each}”" for each in names[:MOST_NAMED])
    sentence = (
        f"两个院系都有{words}，合并后辅导员会看到另一院系的毕业生。"
        "请先改班级或专业的名称，或调整辅导员的负责范围。"
    )
    return Conflict("charges_shared", sentence, len(names), names)


def _ruled_by(session: Session, target: int) -> set[int]:
    rules = select(Season.year).where(Season.school_id == target)
    people = select(Graduate.year).where(Graduate.school_id == target).distinct()
    return {*session.scalars(rules), *map(abs, session.scalars(people))}


def _of_places(source: School, target: School) -> Iterator[Conflict]:
    if source.id == target.id:
        yield Conflict("same_school", "不能并入自己，请选择另一所学校。")
    elif source.province != target.province:
        sentence = "两所学校不在同一省份：报省级备案的批次不能带到另一个省。"
        yield Conflict("other_province", sentence)


def _of_numbers(
    session: Session,
    source: int,
    target: int,
    column: InstrumentedAttribute[str] | InstrumentedAttribute[str | None],
    title: str,
) -> Iterator[Conflict]:
    """Find numbers that both schools gave in one cohort: of two such records one would be lost."""
    other = aliased(Graduate)
    theirs = getattr(other, column.key)
    same = and_(theirs == column, other.year == Graduate.year)
    both = (Graduate.school_id == source, other.school_id == target)
    wanted = select(Graduate.year, column).join(other, same).where(*both)
    first = session.execute(wanted.order_by(Graduate.year, column).limit(MOST_NAMED)).all()
    if first:
        number = session.scalars(select(func.count()).select_from(wanted.subquery())).one()
        sentence = (
            f"{number:,} 个{title}在同一届里两校都有。请先在其中一所学校更正{title}，"
            "或停用多余的记录。"
        )
        named = [
            f"{abs(year)} 届 {value}{'（已停用）' if year < 0 else ''}" for year, value in first
        ]
        yield Conflict(f"{column.key}_taken", sentence, number, named)


def _of_people(session: Session, source: int, target: int) -> Iterator[Conflict]:
    """Find people with a record of one cohort in both: a school has one record of her in each."""
    other = aliased(Graduate)
    same = and_(other.identity_index == Graduate.identity_index, other.year == Graduate.year)
    wanted = (
        select(Graduate.year, Graduate.student_number)
        .join(other, same)
        .where(Graduate.school_id == source, other.school_id == target)
        .where(not_ended(), Graduate.identity_index != "")
    )
    number = session.scalars(select(func.count()).select_from(wanted.subquery())).one()
    if number:
        first = session.execute(wanted.order_by(Graduate.id).limit(MOST_NAMED)).all()
        sentence = (
            f"{number:,} 人在同一届里两校都有记录（证件号码相同）。请先由其中一所学校停用一条。"
        )
        named = [f"{year} 届 {student_number}" for year, student_number in first]
        yield Conflict("person_twice", sentence, number, named)


def _of_tasks(session: Session, source: int) -> Iterator[Conflict]:
    open_ones = (Task.school_id == source, Task.state.not_in(sorted(OVER)))
    number = session.scalars(select(func.count()).select_from(Task).where(*open_ones)).one()
    if number:
        sentence = (
            f"{number:,} 个任务尚未办完（导入、名单、编号），请等待完成，或放弃待确认的导入。"
        )
        yield Conflict("tasks_open", sentence, number)


def _of_reviews(session: Session, source: int, target: int) -> Iterator[Conflict]:
    """Find applications that wait for a level of review which the other school does not have."""
    ruled = _ruled_by(session, target)
    waiting = select(Application.year, Application.state, func.count()).where(
        Application.school_id == source, Application.state.in_(sorted(WAITING))
    )
    rows = session.execute(waiting.group_by(Application.year, Application.state)).all()
    rules = seasons.seasons(session, target, {year for year, _, _ in rows})
    number = sum(
        count
        for year, state, count in rows
        if year in ruled and state in seasons.stranded_states(rules[year].levels)
    )
    if number:
        sentence = f"{number:,} 份申请在等待合并后没有的审核级次，请先审核完。"
        yield Conflict("reviews_open", sentence, number)
