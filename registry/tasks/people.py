"""The people of a task with all that lists, slips and reports say of them, one at a time."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, select
from sqlalchemy.orm import Session

from registry.accounts.school_tables import Department
from registry.base.crypto import Vault
from registry.base.database import one_of
from registry.base.stamp import Stamp
from registry.numbers import sealed_number, service
from registry.numbers.reports import VerificationSite
from registry.numbers.shape import Issue, Kind
from registry.numbers.states import NumberState
from registry.numbers.tables import IssuedNumber
from registry.numbers.transfer import states as transfer
from registry.numbers.transfer.states import TransferState
from registry.record.scope import Scope, within
from registry.record.tables import Graduate, Registration
from registry.tasks.claims import Claim
from registry.tasks.tables import TaskPerson

STREAMED = 1000
"""Rows a round trip."""

Found = Row[*tuple[Any, ...]]


@dataclass(frozen=True)
class GraduateWithNumber:
    """Somebody a task is for."""

    about: Found
    """Graduate, department and registration: the columns of `_about`."""
    number: Found | None
    """The newest transfer number: the columns of `_newest`."""
    state: TransferState


@dataclass(frozen=True)
class LeftOut:
    """Somebody the file has nothing of, and why."""

    student_number: str
    name: str
    reason: str


@dataclass
class Building:
    """A file in the making: for which task, from what, and who could not be put in."""

    session: Session
    """Only reads."""
    place: VerificationSite
    task: Claim
    at: datetime
    advance: Callable[[int], None]
    """Told how many people are done; raises Overtaken where the task is another's by now."""
    left_out: list[LeftOut] = field(default_factory=list)

    @property
    def kind(self) -> Kind:
        """Return the kind of the numbers; a list of names has none and asks for none."""
        assert self.task.number_kind is not None, self.task.kind
        return self.task.number_kind

    @property
    def year(self) -> int:
        """Return the year of graduation; only an import does not know it from the beginning."""
        assert self.task.year is not None, self.task.kind
        return self.task.year

    @property
    def vault(self) -> Vault:
        """Return the keys."""
        return self.place.vault

    @property
    def stamp(self) -> Stamp:
        """Return who takes a file of people along, and when."""
        return self.task.stamp(self.at)

    def leave_out(self, person: GraduateWithNumber, reason: str) -> None:
        """Note who is not in the file."""
        self.left_out.append(LeftOut(person.about.student_number, person.about.name, reason))

    def told(self) -> str:
        """Return who is not in the file and why, a line each."""
        lines = (f"{each.student_number} {each.name}：{each.reason}" for each in self.left_out)
        return "\r\n".join(lines)

    def everyone(self, every: int) -> Iterator[GraduateWithNumber]:
        """Yield the people by department, class and student number; tell how far, now and then."""
        number = 0
        for number, person in enumerate(people(self), 1):
            yield person
            if number % every == 0:
                self.advance(number)
        self.advance(number)


def members(task_id: int, scope: Scope) -> ColumnElement[bool]:
    """Return the condition that a graduate of the scope is one the task is for."""
    settled = select(TaskPerson.graduate_id).where(TaskPerson.task_id == task_id)
    return within(scope) & Graduate.id.in_(settled)


def next_people(session: Session, task: Claim, after: int, limit: int) -> Sequence[int]:
    """Return the next graduates (ids) a task is for."""
    return session.scalars(
        select(TaskPerson.graduate_id)
        .where(TaskPerson.task_id == task.id, TaskPerson.graduate_id > after)
        .order_by(TaskPerson.graduate_id)
        .limit(limit)
    ).all()


def people(building: Building) -> Iterator[GraduateWithNumber]:
    """Yield the people of a task as they stand now, a thousand in memory at a time.

    Only their ids are sorted as a whole. The rest is asked for by id, some at a time: a join of
    everything is at the mercy of statistics, and those of a table just filled are wrong.
    """
    task, session, today = building.task, building.session, service.today(building.at)
    ids = session.scalars(
        select(Graduate.id)
        .where(members(task.id, task.scope))
        .order_by(Graduate.department_id, Graduate.class_name, Graduate.student_number)
    ).all()
    for start in range(0, len(ids), STREAMED):
        some = ids[start : start + STREAMED]
        known = {row.id: row for row in session.execute(_about(session, some))}
        numbers = {row.graduate_id: row for row in session.execute(_newest(building, some))}
        for ident in some:
            if about := known.get(ident):
                yield _person(about, numbers.get(ident), today)


def _about(session: Session, ids: Sequence[int]) -> Select[*tuple[Any, ...]]:
    return (
        select(
            *(Graduate.id, Graduate.student_number, Graduate.name, Graduate.sex, Graduate.level),
            *(Graduate.major, Graduate.class_name, Graduate.programme_length, Graduate.year),
            *(Graduate.graduation_month, Graduate.origin),
            *(Graduate.identity_sealed, Graduate.phone_sealed),
            Department.name.label("department"),
            *(Registration.category, Registration.unit_name, Registration.unit_location),
            *(Registration.unit_address, Registration.file_type, Registration.file_unit),
            *(Registration.file_location, Registration.file_address, Registration.file_postcode),
            *(Registration.file_contact, Registration.file_phone),
            *(Registration.household_type, Registration.household_location),
        )
        .join(Department, Department.id == Graduate.department_id)
        .join(Registration, Registration.id == Graduate.registration_id)
        .where(one_of(session, Graduate.id, ids))
    )


def _newest(building: Building, ids: Sequence[int]) -> Select[*tuple[Any, ...]]:
    return select(
        *sealed_number.COLUMNS,
        *(IssuedNumber.standing, IssuedNumber.ends_on, IssuedNumber.snapshot),
        *(IssuedNumber.issued_at, IssuedNumber.issued_by),
    ).where(
        one_of(building.session, IssuedNumber.graduate_id, ids),
        IssuedNumber.issue == Issue.TRANSFER,
        IssuedNumber.kind == building.kind,
        IssuedNumber.newest,
    )


def _person(about: Found, number: Found | None, today: date) -> GraduateWithNumber:
    standing = NumberState(number.standing) if number else None
    state = transfer.state_of(standing, number.ends_on if number else None, today)
    return GraduateWithNumber(about, number, state)


def number_of(vault: Vault, person: GraduateWithNumber) -> str:
    """Return the transfer number where it is good, else nothing."""
    if person.number is None or person.state is not TransferState.VALID:
        return ""
    return sealed_number.sealed_number(person.number).number(vault)


def made_here(task: Claim, person: GraduateWithNumber) -> str:
    """Return whether the task itself made the number, as the lists say it."""
    number = person.number
    if number is None or number.issued_by != task.by or number.issued_at < task.asked_at:
        return ""
    return "本次新生成" if number.sequence == 1 else "本次更新"
