"""Finding graduates for the lists of a school or department: filters, counts, pages by key."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Row, Select, SQLColumnExpression, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from registry.accounts.school_tables import Department
from registry.base import paging
from registry.base.counting import Counting, Query, columns
from registry.base.database import one_of, one_of_texts
from registry.base.detached import read_rows
from registry.base.paging import Page, Place
from registry.record import counts as counts_kept
from registry.record import graduate_order
from registry.record.confirmation.states import ANSWERED, ConfirmationState
from registry.record.count_tables import GraduateCount
from registry.record.graduate_filter import GraduateFilter, is_asked_everywhere, matching
from registry.record.graduate_order import ENTERED, Order
from registry.record.provenance import provenance_sql
from registry.record.scope import MADE, Scope, made_for, within
from registry.record.tables import Graduate, Registration

STREAMED = 1000  # rows a round trip of an export
_CountedBy = tuple[tuple[InstrumentedAttribute[Any], SQLColumnExpression[Any]], ...]


class ListedGraduate(NamedTuple):
    """One row of a list."""

    id: int
    key: str
    name: str
    student_number: str
    department: str
    level: str
    major: str
    class_name: str
    state: ConfirmationState
    category: str
    unit_name: str
    source: str
    """A `Provenance`; empty where nothing is reported."""
    reported_at: datetime | None
    sex: str
    """GB/T 2261.1."""
    origin: str
    graduation_month: str
    """YYYYMM."""
    answered_at: datetime | None
    """When she gave the answer that holds; None where she has to answer again."""


class RecordOfPerson(NamedTuple):
    """One of the records that a person has at a school."""

    key: str
    name: str
    student_number: str
    year: int
    """Below 0 for an ended record."""
    level: str
    major: str
    department: str

    @property
    def cohort(self) -> int:
        """Return the cohort, of an ended record the one it was of."""
        return abs(self.year)


def page(
    session: Session,
    scope: Scope,
    wanted: GraduateFilter,
    place: Place,
    order: Order = ENTERED,
) -> Page[ListedGraduate]:
    """Return the rows at `place` of a list in this order."""
    if place == Place() and is_asked_everywhere(wanted):
        made, values = made_for(scope)
        statement = _first_page(made, wanted)
        found = graduate_order.first(session, statement, values, order)
    else:
        statement = _LISTED.where(matching(scope, wanted))
        found = graduate_order.nearest(session, scope, statement, order, place)
    return paging.turned(map(_read, found), place)


@lru_cache(MADE)
def _first_page(scope: Scope, wanted: GraduateFilter) -> Select[*tuple[Any, ...]]:
    return _LISTED.where(matching(scope, wanted))


class Neighbours(NamedTuple):
    """Who stands before and after a graduate in a list, by key; None where nobody does."""

    previous: str | None
    next: str | None


def neighbours(
    session: Session, scope: Scope, wanted: GraduateFilter, order: Order, key: str
) -> Neighbours:
    """Return who stands around a graduate; she need not be in the list herself any more."""
    statement = ids(scope, wanted).with_only_columns(Graduate.key)
    around = (Place(before=key), Place(after=key))
    found = [graduate_order.nearest(session, scope, statement, order, each, 1) for each in around]
    return Neighbours(*(rows[0].key if rows else None for rows in found))


def numbered(session: Session, keys: Iterable[str]) -> Sequence[int]:
    """Return the ids of graduates named by key, for the audit log."""
    wanted = one_of_texts(session, Graduate.key, list(keys))
    return session.scalars(select(Graduate.id).where(wanted).order_by(Graduate.id)).all()


def student_numbers(session: Session, scope: Scope, people: Select[int]) -> Sequence[str]:
    """Return the student numbers of those of a query of ids who are in the scope, in order."""
    wanted = select(Graduate.student_number).where(within(scope), Graduate.id.in_(people))
    return session.scalars(wanted.order_by(Graduate.student_number)).all()


def ids(scope: Scope, wanted: GraduateFilter) -> Select[int]:
    """Return the query of who is listed."""
    listed = select(Graduate.id).outerjoin(
        Registration, Registration.id == Graduate.registration_id
    )
    return listed.where(matching(scope, wanted))


def total(session: Session, scope: Scope, wanted: GraduateFilter) -> int:
    """Return how many are listed."""
    return session.scalar(select(func.count()).select_from(ids(scope, wanted).subquery())) or 0


def every(
    session: Session, those: ColumnElement[bool]
) -> Iterator[tuple[ListedGraduate, int, str]]:
    """Yield every row of those with its id and sealed identity number, a thousand in memory."""
    statement = _listed(Graduate.identity_sealed).where(those)
    rows = session.execute(
        statement.order_by(Graduate.id).execution_options(yield_per=STREAMED),
    )
    for row in rows:
        yield _read(row), row.id, row.identity_sealed


def counts(session: Session, scope: Scope, wanted: GraduateFilter) -> dict[ConfirmationState, int]:
    """Return how many stand in each state, whichever state the filter asks for."""
    found = _counted(session, scope, wanted)
    numbers = {ConfirmationState(state): number for state, number in found}
    return {state: numbers.get(state, 0) for state in ConfirmationState}


def by_month(
    session: Session, scope: Scope, wanted: GraduateFilter
) -> dict[str, dict[ConfirmationState, int]]:
    """Return counts by state for each month (YYYYMM) in which they graduate, earliest first."""
    column = (GraduateCount.graduation_month, Graduate.graduation_month)
    table: dict[str, dict[ConfirmationState, int]] = {}
    for month, state, number in sorted(_counted(session, scope, wanted, column)):
        by_state = table.setdefault(month, dict.fromkeys(ConfirmationState, 0))
        by_state[ConfirmationState(state)] = number
    return table


def counting(scope: Scope, wanted: GraduateFilter) -> Counting:
    """Return the query of how many are listed, by a filter of a year, a state and days alone.

    They wait since the first of them gave an answer that holds.
    """
    made, values = made_for(scope)
    return Counting(_counting(made, wanted), values)


@lru_cache(MADE)
def _counting(scope: Scope, wanted: GraduateFilter) -> Query:
    assert is_asked_everywhere(wanted), wanted
    return select(*columns(Graduate.answered_at)).where(matching(scope, wanted))


def by_source(
    session: Session, scope: Scope, wanted: GraduateFilter
) -> dict[str, dict[ConfirmationState, int]]:
    """Return counts by state for each `Provenance` (登记确认情况统计).

    What is not reported has none and counts under the empty one. Source: guide for schools, 1.2.
    """
    found = _counted(session, scope, wanted, (GraduateCount.provenance, provenance_sql()))
    table: dict[str, dict[ConfirmationState, int]] = {}
    for name, state, number in found:
        table.setdefault(name, dict.fromkeys(ConfirmationState, 0))[ConfirmationState(state)] = (
            number
        )
    return table


def by_department(
    session: Session, scope: Scope, wanted: GraduateFilter
) -> list[Mapping[str, Any]]:
    """Return each department's key, name and counts by state, by name."""
    column = (GraduateCount.department_id, Graduate.department_id)
    names = select(Department.id, Department.key, Department.name)
    known: dict[int, dict[str, Any]] = {
        ident: {"key": key, "name": name, "counts": dict.fromkeys(ConfirmationState, 0)}
        for ident, key, name in session.execute(
            names.where(Department.school_id == scope.school_id).order_by(Department.name)
        )
    }
    found = set[int]()
    for department, state, number in _counted(session, scope, wanted, column):
        known[department]["counts"][ConfirmationState(state)] = number
        found.add(department)
    return [each for ident, each in known.items() if ident in found]


def _counted(
    session: Session,
    scope: Scope,
    wanted: GraduateFilter,
    *columns: tuple[InstrumentedAttribute[Any], SQLColumnExpression[Any]],
) -> list[tuple[Any, ...]]:
    """Return counts by state and columns, whichever state is asked for.

    Each column is named as kept counts have it, and as rows do, where these have to be counted.
    """
    every = replace(wanted, state=None)
    if not is_asked_everywhere(every):
        return [tuple(row) for row in session.execute(_counts(scope, every, columns))]
    made, values = made_for(scope)
    return [tuple(row) for row in read_rows(session, _made_counts(made, every, columns), values)]


def _counts(scope: Scope, wanted: GraduateFilter, columns: _CountedBy) -> Select[*tuple[Any, ...]]:
    if (stands := counts_kept.kept(scope, wanted)) is not None:
        by = (*(each for each, _ in columns), GraduateCount.confirmation)
        return counts_kept.asked(stands, *by)
    grouped = (*(each for _, each in columns), Graduate.confirmation)
    listed = select(*grouped, func.count()).select_from(Graduate)
    listed = listed.outerjoin(Registration, Registration.id == Graduate.registration_id)
    return listed.where(matching(scope, wanted)).group_by(*grouped)


_made_counts = lru_cache(MADE)(_counts)
"""For filters that are asked for everywhere."""


def find_by_identity(
    session: Session, scope: Scope, indexes: Sequence[str]
) -> list[RecordOfPerson]:
    """Return the records in scope with one of these blind indexes, newest cohort first."""
    return _records(session, scope, Graduate.identity_index.in_(indexes))


def find_by_phone(session: Session, scope: Scope, indexes: Sequence[str]) -> list[RecordOfPerson]:
    """Return the records in scope with a phone of one of these blind indexes, newest cohort first.

    People of one family may have the same.
    """
    return _records(session, scope, Graduate.phone_index.in_(indexes))


def records(session: Session, scope: Scope, numbers: Sequence[int]) -> list[RecordOfPerson]:
    """Return those of these records (ids) that lie in the scope, newest cohort first."""
    return _records(session, scope, one_of(session, Graduate.id, numbers))


def _records(session: Session, scope: Scope, those: ColumnElement[bool]) -> list[RecordOfPerson]:
    columns = (Graduate.key, Graduate.name, Graduate.student_number, Graduate.year)
    statement = (
        select(*columns, Graduate.level, Graduate.major, Department.name)
        .join(Department, Department.id == Graduate.department_id)
        .where(within(scope), those)
    )
    found = session.execute(statement.order_by(Graduate.year.desc(), Graduate.id))
    return [RecordOfPerson(*row) for row in found]


def same_person_in(graduate: Graduate, cohort: int) -> Select[str]:
    """Return the query of student numbers of her other records in a cohort of the same school."""
    return select(Graduate.student_number).where(
        Graduate.school_id == graduate.school_id,
        Graduate.year == cohort,
        Graduate.id != graduate.id,
        Graduate.identity_index == graduate.identity_index,
        Graduate.identity_index != "",
        Graduate.name == graduate.name,
    )


def id_of(scope: Scope, key: str) -> ColumnElement[int]:
    """Return the id of the graduate of a key within the scope, as part of a query."""
    return select(Graduate.id).where(within(scope), Graduate.key == key).scalar_subquery()


def _listed(*more: InstrumentedAttribute[Any]) -> Select[*tuple[Any, ...]]:
    return (
        select(
            *(Graduate.id, Graduate.key, Graduate.name, Graduate.student_number),
            Department.name.label("department"),
            *(Graduate.level, Graduate.major, Graduate.class_name),
            Graduate.confirmation.label("state"),
            *(Registration.category, Registration.unit_name, provenance_sql().label("source")),
            *(Graduate.sex, Graduate.origin, Graduate.graduation_month),
            *(Graduate.reported_at, Graduate.answered_at, *more),
        )
        .join(Department, Department.id == Graduate.department_id)
        .outerjoin(Registration, Registration.id == Graduate.registration_id)
    )


def _read(row: Row[*tuple[Any, ...]]) -> ListedGraduate:
    state = ConfirmationState(row.state)
    return ListedGraduate(
        *(row.id, row.key, row.name, row.student_number, row.department),
        *(row.level, row.major, row.class_name, state),
        *(row.category or "", row.unit_name or "", row.source),
        *(row.reported_at, row.sex, row.origin, row.graduation_month),
        row.answered_at if state in ANSWERED else None,
    )


_LISTED = _listed()
"""Made once; what a list is narrowed by comes with each."""
