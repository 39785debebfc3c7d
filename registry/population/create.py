"""Makes synthetic people for trials and measurements: valid in every field, and nobody's."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session, sessionmaker

from registry.accounts.school_tables import Department, School
from registry.base.clock import SHANGHAI
from registry.base.crypto import Vault
from registry.base.moves import moving
from registry.base.reserved_ids import reserve_ids
from registry.numbers.posting.states import POSTING, PostingEvent
from registry.numbers.posting.tables import Posting
from registry.population import facts
from registry.population.people import People, PopulationSize, TargetSchool, student_prefix
from registry.record.confirmation.states import CONFIRMATION, ConfirmationEvent
from registry.record.tables import Graduate, Registration

BATCH = 2000

__all__ = ["Created", "NewSchool", "PopulationSize", "create"]

Then = Callable[[Session, Sequence[int]], object]


@dataclass(frozen=True)
class NewSchool:
    """A school, created where its code is new and left as it is otherwise."""

    code: str
    name: str
    province: str = "370000"
    helpline: str = ""
    correction_system: str | None = None
    correction_url: str | None = None
    breach_url: str | None = None


@dataclass(frozen=True)
class Created:
    """What was made."""

    school: str
    graduates: int
    reported: int
    departments: int


def _nobody_else(_session: Session, _ids: Sequence[int]) -> None:
    """Do nothing more with a batch."""


def create(
    sessions: sessionmaker[Session],
    vault: Vault,
    school: NewSchool,
    wanted: PopulationSize,
    at: datetime,
    then: Then = _nobody_else,
) -> Created:
    """Create people in transactions of some thousand; `then` is given each batch inside its own.

    Run again, it adds as many people again.
    """
    with sessions.begin() as session:
        school_id = _school(session, school, at)
        departments = _departments(session, school_id)
        first = _next_number(session, school_id, wanted.year)
    made = People(vault, school.code, wanted, TargetSchool(school_id, departments), at)
    numbers = iter(range(first, first + wanted.graduates))
    reported = 0
    while batch := list(islice(numbers, BATCH)):
        with sessions.begin() as session:
            ids, registered = _write(session, made, batch)
            then(session, ids)
            reported += registered
    return Created(school.code, wanted.graduates, reported, len(departments))


def _school(session: Session, school: NewSchool, at: datetime) -> int:
    found = session.scalar(select(School.id).where(School.code == school.code))
    if found is not None:
        return found
    added = School(**asdict(school), synced_at=at, created_at=at)
    session.add(added)
    session.flush()
    return added.id


def _departments(session: Session, school_id: int) -> dict[str, int]:
    wanted = select(Department.name, Department.id).where(Department.school_id == school_id)
    known = set(session.execute(wanted).scalars())
    missing = [name for name in facts.DEPARTMENTS if name not in known]
    if missing:
        rows = [{"school_id": school_id, "name": name} for name in missing]
        session.execute(insert(Department), rows)
    ours = wanted.where(Department.name.in_(facts.DEPARTMENTS))
    return dict(session.execute(ours).all())


def _next_number(session: Session, school_id: int, year: int) -> int:
    counted = session.scalar(
        select(func.count())
        .select_from(Graduate)
        .where(
            Graduate.school_id == school_id,
            Graduate.year == year,
            Graduate.student_number.like(f"{student_prefix(year)}%"),
        )
    )
    return (counted or 0) + 1


def _write(session: Session, made: People, batch: Sequence[int]) -> tuple[list[int], int]:
    ids = reserve_ids(session, Graduate, len(batch))
    people = [made.person(number, ident) for number, ident in zip(batch, ids, strict=True)]
    connection = session.connection()
    connection.execute(insert(Graduate.__table__), people)  # type: ignore[arg-type]  # it is a Table
    registrations = [
        registration
        for number, ident in zip(batch, ids, strict=True)
        if (registration := made.registration(number, ident))
    ]
    if registrations:
        connection.execute(insert(Registration.__table__), registrations)  # type: ignore[arg-type]  # as above
        _report(session, made.at, [each["graduate_id"] for each in registrations])
    _post(session, made, batch, ids, registrations)
    return list(ids), len(registrations)


def _post(
    session: Session,
    made: People,
    batch: Sequence[int],
    ids: Sequence[int],
    registrations: Sequence[Mapping[str, Any]],
) -> None:
    """Post some of the files; most of those came in a week later."""
    number_of = dict(zip(ids, batch, strict=True))
    rows = [
        row for each in registrations if (row := made.posting(number_of[each["graduate_id"]], each))
    ]
    if not rows:
        return
    session.connection().execute(insert(Posting.__table__), rows)  # type: ignore[arg-type]  # as above
    day = made.at.astimezone(SHANGHAI).date() - timedelta(days=1)
    came_in = [each["graduate_id"] for each in rows[: len(rows) * 3 // 4]]
    settled = {"received_on": day, "settled_by": "command", "settled_at": made.at}
    received = Posting.graduate_id.in_(came_in)
    session.execute(moving(POSTING, Posting.state, PostingEvent.RECEIVE, received, **settled))


def _report(session: Session, at: datetime, ids: Sequence[int]) -> None:
    first = (
        select(Registration.id)
        .where(Registration.graduate_id == Graduate.id, Registration.version == 1)
        .scalar_subquery()
    )
    session.execute(
        moving(
            CONFIRMATION,
            Graduate.confirmation,
            ConfirmationEvent.REPORT,
            Graduate.id.in_(ids),
            registration_id=first,
            reported_at=at,
        )
    )
