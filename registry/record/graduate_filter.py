"""Which graduates a list, an export or a count is asked for, as a condition of a query."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, SQLColumnExpression, and_, exists, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from registry.accounts.school_tables import Department
from registry.accounts.tables import Role, Staff
from registry.base.clock import SHANGHAI
from registry.base.errors import RuleError
from registry.base.text import clean, folded_number, person_name
from registry.base.written_out import is_one_of
from registry.codes import identity
from registry.record import destination_filter
from registry.record.confirmation.states import ANSWERED, ConfirmationState
from registry.record.destination_filter import UNFILLED, DestinationFilter, says
from registry.record.provenance import provenance_sql
from registry.record.scope import Scope, in_charge_of, within
from registry.record.tables import Graduate, Registration

_REGION_TAIL = "0000", "00"
"""What a GB/T 2260 code of a province ends with, and one of a prefecture."""


@dataclass(frozen=True)
class Days:
    """Days in Asia/Shanghai, both included; None leaves an end open."""

    first: date | None = None
    last: date | None = None


@dataclass(frozen=True)
class Trait:
    """What a room above the record asks of each graduate, such as a binding or an application."""

    name: str
    """Of the parameter in an address."""
    value: str
    holds: ColumnElement[bool] = field(compare=False)
    """Correlated to `Graduate`."""


@dataclass(frozen=True)
class GraduateFilter:
    """Which graduates of a scope are meant; what is empty does not narrow."""

    year: int
    state: ConfirmationState | None = None
    department: str = ""
    """Key of a department."""
    level: str = ""
    major: str = ""
    class_name: str = ""
    sex: str = ""
    """GB/T 2261.1."""
    origin: str = ""
    """GB/T 2260 code of a region that the origin (生源地) lies in."""
    source: str = ""
    """A `Provenance`."""
    destination: DestinationFilter = field(default_factory=DestinationFilter)
    counsellor: str = ""
    """Key of a counsellor of the school, or `UNFILLED`: whom none looks after."""
    reported: Days = Days()
    answered: Days = Days()
    graduated: Days = Days()
    """Of these days only the months count."""
    words: str = ""
    """Part of a name or of a unit's, or the beginning of a student or candidate number."""
    traits: tuple[Trait, ...] = ()


_ANSWER_HOLDS = is_one_of(Graduate.confirmation, sorted(ANSWERED))


def is_asked_everywhere(wanted: GraduateFilter) -> bool:
    """Say whether a filter names nothing of one school and no words, so that many pages share it.

    Statements that are made once are kept for such filters alone.
    """
    plain = replace(wanted, state=None, reported=Days(), answered=Days())
    return plain == GraduateFilter(wanted.year)


def matching(scope: Scope, wanted: GraduateFilter) -> ColumnElement[bool]:
    """Return the condition of a query over graduates.

    Join their registration in force as well where the filter names a source or a destination. A
    value is what a column says, or `UNFILLED`.
    """
    plain: list[tuple[SQLColumnExpression[str], str]] = [
        (Graduate.confirmation, wanted.state or ""),
        (Graduate.level, wanted.level),
        (Graduate.major, wanted.major),
        (Graduate.class_name, wanted.class_name),
        (Graduate.sex, wanted.sex),
        (provenance_sql(), wanted.source),
    ]
    return and_(
        within(scope),
        Graduate.year == wanted.year,
        *(says(column, value) for column, value in plain if value),
        *_in_department(scope, wanted.department),
        *_from_region(wanted.origin),
        *_looked_after(scope, wanted.counsellor),
        *destination_filter.conditions(wanted.destination),
        *in_days(Graduate.reported_at, wanted.reported),
        *in_days(Graduate.answered_at, wanted.answered),
        *([] if wanted.answered == Days() else [_ANSWER_HOLDS]),
        *_graduated(wanted.graduated),
        *with_words(wanted.words),
        *(each.holds for each in wanted.traits),
    )


def _in_department(scope: Scope, key: str) -> Iterator[ColumnElement[bool]]:
    if key:
        theirs = select(Department.id).where(
            Department.school_id == scope.school_id, Department.key == key
        )
        yield Graduate.department_id == theirs.scalar_subquery()


def _from_region(code: str) -> Iterator[ColumnElement[bool]]:
    if code:
        tail = next((each for each in _REGION_TAIL if code.endswith(each)), "")
        yield Graduate.origin_code.startswith(code.removesuffix(tail), autoescape=True)


def _looked_after(scope: Scope, counsellor: str) -> Iterator[ColumnElement[bool]]:
    """Yield the condition that a counsellor of the school looks after her, or none does."""
    hers = and_(Staff.school_id == scope.school_id, Staff.role == Role.COUNSELLOR, Staff.active)
    if counsellor == UNFILLED:
        yield ~in_charge_of(select(Staff.id).where(hers))
    elif counsellor:
        yield in_charge_of(select(Staff.id).where(hers, Staff.key == counsellor))


def in_force(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return the condition that what is in force of a graduate is such, without a join of it."""
    hers = exists().where(
        Registration.id == Graduate.registration_id,
        # Always so, and no equation: or PostgreSQL reads the whole country's to look them up by.
        Registration.graduate_id >= Graduate.id,
        *conditions,
    )
    return hers.correlate(Graduate)


def in_days(
    column: InstrumentedAttribute[datetime | None], days: Days
) -> Iterator[ColumnElement[bool]]:
    """Yield the conditions that a moment lies within days."""
    if days.first:
        yield column >= datetime.combine(days.first, time.min, SHANGHAI)
    if days.last:
        yield column < datetime.combine(days.last + timedelta(days=1), time.min, SHANGHAI)


def _graduated(days: Days) -> Iterator[ColumnElement[bool]]:
    if days.first:
        yield Graduate.graduation_month >= f"{days.first:%Y%m}"
    if days.last:
        yield Graduate.graduation_month <= f"{days.last:%Y%m}"


def with_words(words: str) -> Iterator[ColumnElement[bool]]:
    """Yield the condition that a name, a number or a unit has the words.

    Raises RuleError `identity_in_address`.
    """
    if looks_like_identity(words):
        raise RuleError("identity_in_address", "身份证号不要放进网址里，请按姓名或学号查找。", "q")
    if said := clean(words):  # of what nobody sees nothing is left, and everybody has it
        number = folded_number(said)
        yield or_(
            Graduate.name.contains(person_name(said), autoescape=True),
            Graduate.student_number.startswith(number, autoescape=True),
            Graduate.candidate_number.startswith(number, autoescape=True),
            in_force(Registration.unit_name.contains(said, autoescape=True)),
        )


def looks_like_identity(words: str) -> bool:
    """Say whether somebody typed an identity number, with blanks or not: 17 digits and one more."""
    number = identity.normalised(words)
    return (
        len(number) == 18 and number[:17].isdigit() and (number[17].isdigit() or number[17] == "X")
    )
