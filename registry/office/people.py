"""The people of a task with all that lists, slips and reports say of them, one at a time."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from registry.crypto import Vault
from registry.numbers import issuing, listing, service, transferring
from registry.numbers.reports import Place
from registry.numbers.shape import Issue
from registry.numbers.tables import IssuedNumber
from registry.numbers.transfer import State
from registry.office.asking import members
from registry.office.claims import Claim
from registry.tables import Department, Graduate, Registration

STREAMED = 1000
"""Rows a round trip."""

Person = Row[*tuple[Any, ...]]
"""A row of `people`."""


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
    place: Place
    task: Claim
    at: datetime
    advance: Callable[[int], None]
    """Told how many people are done; raises Overtaken where the task is another's by now."""
    left_out: list[LeftOut] = field(default_factory=list)

    @property
    def vault(self) -> Vault:
        """Return the keys."""
        return self.place.vault

    def leave_out(self, person: Person, reason: str) -> None:
        """Note who is not in the file."""
        self.left_out.append(LeftOut(person.student_number, person.name, reason))

    def told(self) -> str:
        """Return who is not in the file and why, a line each."""
        lines = (f"{each.student_number} {each.name}：{each.reason}" for each in self.left_out)
        return "\r\n".join(lines)

    def everyone(self, every: int) -> Iterator[Person]:
        """Yield the people by department, class and student number; tell how far, now and then."""
        number = 0
        for number, person in enumerate(people(self), 1):
            yield person
            if number % every == 0:
                self.advance(number)
        self.advance(number)


def people(building: Building) -> Iterator[Person]:
    """Yield the people of a task as they stand now, a thousand in memory at a time."""
    task, today = building.task, service.today(building.at)
    statement = (
        select(
            *(Graduate.student_number, Graduate.name, Graduate.sex, Graduate.level),
            *(Graduate.major, Graduate.class_name, Graduate.programme_length, Graduate.year),
            *(Graduate.graduation_month, Graduate.origin),
            *(Graduate.identity_sealed, Graduate.phone_sealed),
            Department.name.label("department"),
            *(Registration.category, Registration.unit_name, Registration.unit_location),
            *(Registration.unit_address, Registration.file_type, Registration.file_unit),
            *(Registration.file_location, Registration.file_address, Registration.file_postcode),
            *(Registration.file_contact, Registration.file_phone),
            *(Registration.household_type, Registration.household_location),
            listing.state_of(Issue.TRANSFER, today).label("state"),
            *(IssuedNumber.number_sealed, IssuedNumber.sequence, IssuedNumber.ends_on),
            *(IssuedNumber.issued_at, IssuedNumber.issued_by, IssuedNumber.snapshot),
        )
        .join(Department, Department.id == Graduate.department_id)
        .join(Registration, Registration.id == Graduate.registration_id)
        .outerjoin(IssuedNumber, transferring.newest(task.kind))
        .where(members(task.id, task.scope))
        .order_by(Graduate.department_id, Graduate.class_name, Graduate.student_number)
    )
    streamed = statement.execution_options(yield_per=STREAMED)
    with building.session.execute(streamed) as found:  # a cursor of the server's, closed at once
        yield from found


def number_of(vault: Vault, person: Person) -> str:
    """Return the transfer number where it is good, else nothing."""
    return vault.open(issuing.NUMBER, person.number_sealed) if person.state == State.VALID else ""


def made_here(task: Claim, person: Person) -> str:
    """Return whether the task itself made the number, as the lists say it."""
    if person.issued_by != task.by or person.issued_at < task.asked_at:
        return ""
    return "本次新生成" if person.sequence == 1 else "本次更新"
