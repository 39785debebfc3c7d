"""The review list: what waits for which level, what was decided, oldest submission first."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import Enum, auto
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Row,
    Select,
    and_,
    bindparam,
    func,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.orm import Session

from registry.accounts.school_tables import Department
from registry.base.counting import Counting, Query
from registry.base.database import UtcDateTime, one_of_texts
from registry.base.detached import read_rows
from registry.base.paging import PAGE, Page, Place
from registry.base.written_out import is_one_of
from registry.record.count_tables import ApplicationCount
from registry.record.counts import people
from registry.record.graduate_filter import Days, GraduateFilter, in_days, matching
from registry.record.scope import MADE, Scope, made_for, of_school, within
from registry.record.tables import Graduate
from registry.review import evidence
from registry.review.sent import last_sent
from registry.review.stages import Stage, stages, states_of
from registry.review.states import ApplicationState, Level, Purpose
from registry.review.tables import Application

ANY_DAY = Days()
_Counts = Sequence[tuple[tuple[str, str], int]]
"""How many applications of a purpose are in a state."""


@dataclass(frozen=True)
class ApplicationFilter:
    """Which applications are meant."""

    people: GraduateFilter
    """Whose; neither its state nor its source is looked at."""
    stage: Stage
    levels: tuple[Level, ...]
    """Of the year."""
    purpose: Purpose = Purpose.REGISTER
    category: str = ""
    submitted: Days = ANY_DAY
    until: datetime | None = None
    """Only what was submitted by then: what a reader of the list has seen."""


class ListedApplication(NamedTuple):
    """One row of the list."""

    graduate_id: int
    key: str
    revision: int
    name: str
    student_number: str
    department: str
    level: str
    major: str
    class_name: str
    state: ApplicationState
    category: str
    unit_name: str
    submitted_at: datetime
    is_change: bool
    """Something else is in force, or was when it was sent."""
    note: str
    reason: str
    documents: int

    @property
    def seen(self) -> str:
        """Return how a form says which revision was seen."""
        return f"{self.key}:{self.revision}"


class _Way(Enum):
    """Which part of the list is read."""

    FIRST = auto()
    AFTER = auto()
    BEFORE = auto()


class _Start(NamedTuple):
    """Where a page begins, and which way it runs."""

    way: _Way = _Way.FIRST
    at: datetime | None = None
    id: int = 0

    @property
    def values(self) -> dict[str, datetime | int | None]:
        """Return what a query that is made by the way alone is asked with."""
        return {_AT.key: self.at, _ID.key: self.id}


_AT = bindparam("start_at", type_=UtcDateTime())
_ID = bindparam("start_id", type_=BigInteger())


def numbered(session: Session, keys: Iterable[str]) -> Sequence[int]:
    """Return the ids of the graduates of applications named by key, for the audit log."""
    wanted = select(Application.graduate_id).where(one_of_texts(session, Application.key, [*keys]))
    return session.scalars(wanted.order_by(Application.graduate_id)).all()


def page(
    session: Session, scope: Scope, wanted: ApplicationFilter, place: Place
) -> Page[ListedApplication]:
    """Return the rows at `place`, those submitted first before the others."""
    start = _start(session, scope, place)
    made, values = made_for(scope)
    found = read_rows(session, _page(made, wanted, start.way), {**values, **start.values})
    rows = _read(session, found[:PAGE])
    more = len(found) > PAGE
    if backwards := start.way is _Way.BEFORE:
        rows.reverse()
    before = more if backwards else start.way is _Way.AFTER
    after = more or backwards
    return Page(
        rows=rows,
        previous=Place(before=rows[0].key) if rows and before else None,
        next=Place(after=rows[-1].key) if rows and after else None,
    )


@lru_cache(MADE)
def _page(scope: Scope, wanted: ApplicationFilter, way: _Way) -> Select[*tuple[Any, ...]]:
    return _listed(_nearest(scope, wanted, way, PAGE + 1), way).limit(PAGE + 1)


def neighbour(
    session: Session, scope: Scope, wanted: ApplicationFilter, place: Place
) -> str | None:
    """Return the key of the application nearest to a place of the list; None beyond its ends."""
    start = _start(session, scope, place)
    nearest = _nearest(scope, wanted, start.way, 1)
    order = (_turned(each, start.way) for each in (Application.submitted_at, Application.id))
    return session.scalar(
        select(Application.key)
        .join(nearest, nearest.c.id == Application.id)
        .order_by(*order)
        .limit(1),
        start.values,
    )


def first_of(
    session: Session, scope: Scope, wanted: ApplicationFilter, most: int
) -> dict[str, int]:
    """Return the revision of each of the first applications, by key: `most` of them."""
    nearest = _nearest(scope, wanted, _Way.FIRST, most)
    rows = session.execute(
        select(Application.key, Application.revision)
        .join(nearest, nearest.c.id == Application.id)
        .order_by(Application.submitted_at, Application.id)
        .limit(most)
    )
    return dict(rows.all())


def ids(scope: Scope, wanted: ApplicationFilter, most: int) -> Select[int]:
    """Return the query of the ids of the first applications of each state, `most` of it."""
    return select(_nearest(scope, wanted, _Way.FIRST, most).c.id)


def counts(
    session: Session, scope: Scope, wanted: ApplicationFilter
) -> dict[Purpose, dict[Stage, int]]:
    """Return how many stand in each stage of either purpose, whichever the filter asks for."""
    if _is_kept(scope, wanted):
        found = _kept(session, scope, wanted)
    else:
        found = _counted(session, scope, wanted)
    numbers = {
        (Purpose(purpose), ApplicationState(state)): number for (purpose, state), number in found
    }
    return {
        purpose: {
            stage: sum(
                numbers.get((purpose, state), 0)
                for state in states_of(stage, purpose, wanted.levels)
            )
            for stage in stages(wanted.levels)
        }
        for purpose in Purpose
    }


def _is_kept(scope: Scope, wanted: ApplicationFilter) -> bool:
    """Say whether the kept counts tell apart what a filter asks for."""
    plain = not wanted.category and wanted.submitted == ANY_DAY and wanted.until is None
    return plain and _asks_for_nobody(scope, wanted)


def _kept(session: Session, scope: Scope, wanted: ApplicationFilter) -> _Counts:
    made, values = made_for(scope)
    rows = read_rows(session, _kept_counts(made, wanted.people.year), values)
    return [((purpose, state), number) for purpose, state, number in rows]


@lru_cache(MADE)
def _kept_counts(scope: Scope, year: int) -> Select[str, str, int]:
    kept = ApplicationCount
    return (
        select(kept.purpose, kept.state, people(kept))
        .where(of_school(kept.school_id, scope), kept.year == year)
        .group_by(kept.purpose, kept.state)
    )


def _counted(session: Session, scope: Scope, wanted: ApplicationFilter) -> _Counts:
    columns = Application.purpose, Application.state
    statement = _those(select(*columns, func.count()), scope, wanted)
    rows = session.execute(statement.group_by(*columns)).all()
    return [((purpose, state), number) for purpose, state, number in rows]


def waiting(scope: Scope, wanted: ApplicationFilter, last: date) -> Counting:
    """Return the query of how many applications are listed, and since when the first of them waits.

    Late are those that were submitted on a day, or before.
    """
    made, values = made_for(scope)
    return Counting(_waiting(made, wanted, last), values)


@lru_cache(MADE)
def _waiting(scope: Scope, wanted: ApplicationFilter, last: date) -> Query:
    late = replace(wanted, submitted=Days(last=last))
    first = _nearest(scope, wanted, _Way.FIRST, 1).c.submitted_at
    number = _kept_number if _is_kept(scope, wanted) else _number
    return select(
        number(scope, wanted).scalar_subquery(),
        select(first).order_by(first).limit(1).scalar_subquery(),
        _number(scope, late).scalar_subquery(),
    )


def _kept_number(scope: Scope, wanted: ApplicationFilter) -> Select[int]:
    kept = ApplicationCount
    return select(func.coalesce(people(kept), 0)).where(
        of_school(kept.school_id, scope),
        kept.year == wanted.people.year,
        kept.purpose == wanted.purpose,
        is_one_of(kept.state, sorted(states_of(wanted.stage, wanted.purpose, wanted.levels))),
    )


def _number(scope: Scope, wanted: ApplicationFilter) -> Select[int]:
    states = sorted(states_of(wanted.stage, wanted.purpose, wanted.levels))
    return _those(select(func.count()).select_from(Application), scope, wanted).where(
        Application.purpose == wanted.purpose, is_one_of(Application.state, states)
    )


def of_keys(session: Session, scope: Scope, keys: Sequence[str]) -> list[ListedApplication]:
    """Return these applications as rows, without those outside the scope."""
    chosen = select(Application.id, Application.submitted_at).where(
        Application.key.in_(keys), Application.submitted_at.is_not(None)
    )
    statement = _listed(chosen.subquery("nearest"), _Way.FIRST).where(within(scope))
    return _read(session, session.execute(statement).all())


def _start(session: Session, scope: Scope, place: Place) -> _Start:
    wanted = select(Application.submitted_at, Application.id).where(
        *_own(scope), Application.key == (place.before or place.after)
    )
    found = session.execute(wanted).one_or_none() if place.before or place.after else None
    way = _Way.BEFORE if place.before else _Way.AFTER
    return _Start(way, *found) if found else _Start()


def _own(scope: Scope) -> Iterator[ColumnElement[bool]]:
    """Yield the scope as the list's indexes know it; `within` stays the rule."""
    yield of_school(Application.school_id, scope)
    if scope.department_id is not None:
        yield Application.department_id == scope.department_id


def _matching(scope: Scope, wanted: ApplicationFilter) -> ColumnElement[bool]:
    people = matching(scope, wanted.people)
    return and_(people, *_own(scope), *_bounds(wanted))


def _those(
    statement: Select[*tuple[Any, ...]], scope: Scope, wanted: ApplicationFilter
) -> Select[*tuple[Any, ...]]:
    """Narrow a query to what a list shows; their index alone tells it where nobody is looked for.

    Joined to a school's graduates for nothing they are sorted anew, instead of read in order.
    """
    if _asks_for_nobody(scope, wanted):
        return statement.where(*_own(scope), *_bounds(wanted))
    joined = statement.join(Graduate, Graduate.id == Application.graduate_id)
    return joined.where(_matching(scope, wanted))


def _asks_for_nobody(scope: Scope, wanted: ApplicationFilter) -> bool:
    return scope.whole_school and wanted.people == GraduateFilter(wanted.people.year)


def _bounds(wanted: ApplicationFilter) -> Iterator[ColumnElement[bool]]:
    yield Application.year == wanted.people.year
    yield from in_days(Application.submitted_at, wanted.submitted)
    if wanted.category:
        yield Application.category.startswith(wanted.category, autoescape=True)
    if wanted.until:
        yield Application.submitted_at <= wanted.until


def _nearest(scope: Scope, wanted: ApplicationFilter, way: _Way, most: int) -> FromClause:
    """Return id and moment of the nearest applications of each state: each by one index."""
    parts = [
        _of_state(state, scope, wanted, way).limit(most).subquery()
        for state in sorted(states_of(wanted.stage, wanted.purpose, wanted.levels))
    ]
    return union_all(*(select(each) for each in parts)).subquery("nearest")


def _of_state(
    state: ApplicationState, scope: Scope, wanted: ApplicationFilter, way: _Way
) -> Select[int, datetime | None]:
    place = (Application.submitted_at, Application.id)
    statement = _those(select(Application.id, Application.submitted_at), scope, wanted).where(
        Application.purpose == wanted.purpose,
        Application.state == state,
        Application.submitted_at.is_not(None),
    )
    here, there = tuple_(*place), tuple_(_AT, _ID)
    if way is not _Way.FIRST:
        statement = statement.where(here < there if way is _Way.BEFORE else here > there)
    return statement.order_by(*(_turned(each, way) for each in place))


def _turned(column: Any, way: _Way) -> Any:  # noqa: ANN401 - a column of either type
    return column.desc() if way is _Way.BEFORE else column


def _listed(nearest: FromClause, way: _Way) -> Select[*tuple[Any, ...]]:
    return (
        select(
            *(Application.id, Application.key, Application.revision, Application.state),
            *(Application.category, Application.submitted_at, Application.based_on),
            *(Application.note, Application.reason, Application.graduate_id),
            *(Graduate.name, Graduate.student_number),
            *(Graduate.level, Graduate.major, Graduate.class_name),
            Department.name.label("department"),
        )
        .join(nearest, nearest.c.id == Application.id)
        .join(Graduate, Graduate.id == Application.graduate_id)
        .join(Department, Department.id == Graduate.department_id)
        .order_by(_turned(Application.submitted_at, way), _turned(Application.id, way))
    )


def _read(session: Session, rows: Sequence[Row[*tuple[Any, ...]]]) -> list[ListedApplication]:
    if not rows:
        return []
    ids = [row.id for row in rows]
    sent, documents = last_sent(session, ids), evidence.count(session, ids)
    return [_row(row, sent.get(row.id, {}), documents.get(row.id, 0)) for row in rows]


def _row(row: Row[*tuple[Any, ...]], sent: Mapping[str, Any], documents: int) -> ListedApplication:
    return ListedApplication(
        *(row.graduate_id, row.key, row.revision, row.name, row.student_number, row.department),
        *(row.level, row.major, row.class_name, ApplicationState(row.state)),
        category=sent.get("category") or row.category,
        unit_name=sent.get("unit_name") or sent.get("study_school") or "",
        submitted_at=row.submitted_at,
        is_change=row.based_on is not None,
        note=row.note,
        reason=row.reason,
        documents=documents,
    )


def of_graduate(session: Session, graduate: Graduate) -> Sequence[Application]:
    """Return the applications a graduate ever sent, newest first."""
    sent = (Application.graduate_id == graduate.id, Application.submitted_at.is_not(None))
    newest = select(Application).where(*sent).order_by(Application.id.desc())
    return session.scalars(newest).all()
