"""What keeps an import from being undone: everything that was built on it, person by person."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    SQLColumnExpression,
    String,
    Text,
    and_,
    cast,
    exists,
    or_,
    select,
)
from sqlalchemy.orm import Session, aliased

from registry.accounts.school_tables import Department
from registry.base.database import one_of
from registry.base.value_tables import rows_of
from registry.interface.tables import FeedChange, SourceRecord
from registry.numbers.posting.tables import Posting
from registry.numbers.tables import Authentication, IssuedNumber
from registry.record.province_tables import ProvinceBatch, ProvinceEntry
from registry.record.tables import Confirmation, Graduate
from registry.review.tables import Application
from registry.roster.tables import ImportChange
from registry.signing.tables import Invitation, OfflineRequest
from registry.tasks.tables import Task


class Obstacle(StrEnum):
    """Why the import of one person cannot be undone; in the order they are said."""

    FILED = "filed"
    SENT = "sent"
    NUMBERED = "numbered"
    POSTED = "posted"
    ANSWERED = "answered"
    APPLIED = "applied"
    INVITED = "invited"
    SYNCED = "synced"
    BOUND = "bound"
    REMINDED = "reminded"
    BEING_SENT = "being_sent"
    IMPORTED = "imported"
    CORRECTED = "corrected"
    NUMBER_TAKEN = "number_taken"


SENTENCES = {
    Obstacle.FILED: "去向已由省级备案",
    Obstacle.SENT: "去向已报省级备案",
    Obstacle.NUMBERED: "之后办理了核验授权、实人认证或转递编号",
    Obstacle.POSTED: "之后登记了档案寄送",
    Obstacle.ANSWERED: "之后本人已答复登记确认",
    Obstacle.APPLIED: "之后本人填写过登记或作废申请",
    Obstacle.INVITED: "之后收到签约邀请或申请线下签约",
    Obstacle.SYNCED: "之后省级系统已同步其去向",
    Obstacle.BOUND: "本人已用微信绑定这条记录",
    Obstacle.REMINDED: "已收到提醒任务的微信消息",
    Obstacle.BEING_SENT: "正有一条微信消息在发送，请一分钟后再试",
    Obstacle.IMPORTED: "之后又被另一次导入更改",
    Obstacle.CORRECTED: "之后又被更正、审核或停用",
    Obstacle.NUMBER_TAKEN: "原来的学号或考生号已被本届另一位毕业生使用",
}


@dataclass(frozen=True)
class Obstacles:
    """Who is in the way of undoing an import, and why."""

    found: Mapping[int, Sequence[Obstacle]]
    """Reasons by graduate, in the order of their ids."""

    @property
    def people(self) -> int:
        """Return how many there are."""
        return len(self.found)


@dataclass(frozen=True)
class Blocking:
    """One person who is in the way, as the list names her."""

    key: str
    student_number: str
    name: str
    department: str
    reasons: str


Finder = Callable[[Task], Mapping[Obstacle, Select[Any]]]
"""Finds what else is in the way, above the record: queries of graduates (ids)."""


def obstacles(session: Session, task: Task, others: Finder) -> Obstacles:
    """Return who is in the way now."""
    found: dict[int, list[Obstacle]] = {}
    queries = {**_of_the_record(task), **others(task)}
    for obstacle in Obstacle:
        if obstacle is Obstacle.NUMBER_TAKEN:
            ids: Sequence[int] = _numbers_taken(session, task)
        else:
            ids = session.scalars(queries[obstacle]).all()
        for ident in ids:
            found.setdefault(ident, []).append(obstacle)
    for reasons in found.values():
        if Obstacle.IMPORTED in reasons and Obstacle.CORRECTED in reasons:
            reasons.remove(Obstacle.CORRECTED)
    return Obstacles(dict(sorted(found.items())))


def named(session: Session, found: Obstacles, start: int, end: int | None) -> list[Blocking]:
    """Return those from one place of the list to another."""
    ids = list(found.found)[start:end]
    rows = session.execute(
        select(
            *(Graduate.id, Graduate.key, Graduate.student_number, Graduate.name),
            Department.name.label("department"),
        )
        .join(Department, Department.id == Graduate.department_id)
        .where(one_of(session, Graduate.id, ids))
        .order_by(Graduate.id)
    )
    return [
        Blocking(
            *(row.key, row.student_number, row.name, row.department),
            "；".join(SENTENCES[each] for each in found.found[row.id]),
        )
        for row in rows
    ]


def changed_by(task: Task) -> ColumnElement[bool]:
    """Return the condition that a row says what this import changed."""
    return ImportChange.task_id == task.id


def _of_the_record(task: Task) -> dict[Obstacle, Select[Any]]:
    """Return the queries of the people about whom the record holds something later."""
    later = aliased(ImportChange)
    since: datetime | None = task.applied_at
    who = ImportChange.graduate_id
    return {
        Obstacle.FILED: _those(
            task, _has(ProvinceEntry, ProvinceEntry.standing, ProvinceEntry.locked)
        ),
        Obstacle.SENT: _those(task, _sent(since)),
        Obstacle.NUMBERED: _those(task, _numbered(since)),
        Obstacle.POSTED: _those(task, _posted(since)),
        Obstacle.ANSWERED: _those(
            task,
            or_(
                Graduate.answered_at.is_distinct_from(ImportChange.answered_at),
                and_(ImportChange.added, _has(Confirmation)),
            ),
        ),
        Obstacle.APPLIED: _those(
            task, _has(Application, or_(ImportChange.added, Application.updated_at > since))
        ),
        Obstacle.INVITED: _those(
            task,
            or_(_has(Invitation, ImportChange.added), _has(OfflineRequest, ImportChange.added)),
        ),
        Obstacle.SYNCED: _those(
            task,
            or_(_has(SourceRecord, ImportChange.added), _has(FeedChange, ImportChange.added)),
        ),
        Obstacle.IMPORTED: _those(
            task, exists().where(later.graduate_id == who, later.id > ImportChange.id)
        ),
        Obstacle.CORRECTED: _those(task, Graduate.updated_at != ImportChange.left_at),
    }


def _those(task: Task, condition: ColumnElement[bool]) -> Select[int]:
    """Return the query of those of the import's people for whom a condition holds."""
    return (
        select(ImportChange.graduate_id)
        .join(Graduate, Graduate.id == ImportChange.graduate_id)
        .where(changed_by(task), condition)
    )


def _has(table: Any, *conditions: SQLColumnExpression[bool]) -> ColumnElement[bool]:  # noqa: ANN401 - a table with a graduate
    return exists().where(table.graduate_id == ImportChange.graduate_id, *conditions)


def _numbered(since: datetime | None) -> ColumnElement[bool]:
    """Return the condition that a number or an authentication of hers came after the import."""
    return or_(
        _has(IssuedNumber, or_(ImportChange.added, IssuedNumber.issued_at > since)),
        _has(Authentication, or_(ImportChange.added, Authentication.begun_at > since)),
    )


def _posted(since: datetime | None) -> ColumnElement[bool]:
    """Return the condition that her file was posted after the import."""
    return _has(Posting, or_(ImportChange.added, Posting.noted_at > since))


def _sent(since: datetime | None) -> ColumnElement[bool]:
    """Return the condition that she was reported to the province after the import."""
    batch = ProvinceBatch.id == ProvinceEntry.batch_id
    later = or_(ImportChange.added, and_(ProvinceEntry.standing, ProvinceBatch.sent_at > since))
    return exists().where(ProvinceEntry.graduate_id == ImportChange.graduate_id, batch, later)


def _numbers_taken(session: Session, task: Task) -> Sequence[int]:
    """Return whose earlier number in the cohort is by now that of somebody else of the school."""
    said = cast(ImportChange.before, Text)
    named = [said.contains(f'"{each}"') for each in ("year", "student_number", "candidate_number")]
    rows = session.execute(
        select(ImportChange.graduate_id, ImportChange.before, Graduate)
        .join(Graduate, Graduate.id == ImportChange.graduate_id)
        .where(changed_by(task), ImportChange.added.is_(False), or_(*named))
    ).all()
    if not rows:
        return []
    stood = [(ident, _numbers(graduate, before)) for ident, before, graduate in rows]
    given = rows_of(
        session,
        "given",
        {
            "id": (BigInteger(), [ident for ident, _ in stood]),
            "year": (Integer(), [year for _, (year, _, _) in stood]),
            "student": (String(), [student for _, (_, student, _) in stood]),
            "candidate": (String(), [candidate for _, (_, _, candidate) in stood]),
        },
    ).c
    mine = select(ImportChange.graduate_id).where(changed_by(task))
    return session.scalars(
        select(given.id)
        .join(Graduate, Graduate.year == given.year)
        .where(
            Graduate.school_id == task.school_id,
            or_(
                Graduate.student_number == given.student,
                Graduate.candidate_number == given.candidate,
            ),
            Graduate.id.not_in(mine),
        )
        .distinct()
    ).all()


def _numbers(graduate: Graduate, before: Mapping[str, Any]) -> tuple[int, str, str | None]:
    """Return cohort, student and candidate number as they would be again."""
    return (
        before.get("year", graduate.year),
        before.get("student_number", graduate.student_number),
        before.get("candidate_number", graduate.candidate_number),
    )
