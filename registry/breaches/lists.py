"""Which reports an office sees, and how much of each.

A school sees those that it handles, and of those about itself what it was asked; who reported it
never sees. A province sees those of its schools, the operators all; what was written is read by
who handles a report, and by a province of what its schools handle.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Select,
    and_,
    bindparam,
    case,
    func,
    or_,
    select,
    true,
)
from sqlalchemy.orm import Session, joinedload

from registry.accounts.school_tables import School
from registry.accounts.tables import Role, Staff
from registry.base.counting import Counting, Query, columns
from registry.base.database import BigId, UtcDateTime
from registry.base.errors import NotFound
from registry.base.paging import Page, Place, nearest, turned
from registry.base.written_out import is_one_of
from registry.breaches import routing
from registry.breaches.kinds import ACCUSED_TITLES, KIND_TITLES, Accused, BreachKind, Office
from registry.breaches.states import TITLES, WAITING, BreachState
from registry.breaches.tables import BreachReport
from registry.record.tables import Graduate

MOST_OF_PERSON = 50
ASKED, ENDED = "待学校说明", "已办结"
"""How a report about a school stands, as that school reads it: not whether she withdrew it."""
OFFICES = {
    Role.SCHOOL: Office.SCHOOL,
    Role.PROVINCE: Office.PROVINCE,
    Role.OPERATOR: Office.OPERATOR,
}


@dataclass(frozen=True)
class Viewer:
    """Who of the staff looks at reports."""

    office: Office
    actor: str
    school_id: int | None = None
    province: str | None = None


@dataclass(frozen=True)
class ListedBreach:
    """A report as an office may see it."""

    report: BreachReport
    viewer: Viewer
    at: datetime

    @property
    def key(self) -> str:
        """Return the key that addresses name it by."""
        return self.report.key

    @property
    def handles(self) -> bool:
        """Say whether the office is to answer it."""
        return self.report.office == self.viewer.office

    @property
    def reads(self) -> bool:
        """Say whether the office reads what was written."""
        above = self.viewer.office is Office.PROVINCE and self.report.office == Office.SCHOOL
        return self.handles or above

    @property
    def is_told(self) -> bool:
        """Say whether a school looks at what it was asked about itself."""
        return self.viewer.office is Office.SCHOOL and not self.handles

    @property
    def names(self) -> bool:
        """Say whether the office may know who reported."""
        return self.handles and self.report.named and self.viewer.office is not Office.SCHOOL

    @property
    def waits(self) -> bool:
        """Say whether an answer is owed."""
        return self.report.state in WAITING

    @property
    def overdue(self) -> bool:
        """Say whether the answer is late."""
        return self.waits and self.report.due_at < self.at

    @property
    def title(self) -> str:
        """Return what is reported."""
        return KIND_TITLES[BreachKind(self.report.kind)]

    @property
    def accused(self) -> str:
        """Return whom it is about."""
        return self.report.unit or ACCUSED_TITLES[Accused(self.report.accused)]

    @property
    def state_title(self) -> str:
        """Return how it stands; to the school it is about only whether it is asked to explain."""
        if self.is_told:
            return ASKED if self.waits else ENDED
        return TITLES[BreachState(self.report.state)]

    @property
    def mark(self) -> str:
        """Return the state whose colour is shown."""
        told = BreachState.HANDLING if self.waits else BreachState.CLOSED
        return told if self.is_told else self.report.state


def viewer_of(staff: Staff) -> Viewer | None:
    """Return as whom somebody of the staff looks at reports; None for those who do not."""
    office = OFFICES.get(Role(staff.role))
    if office is None:
        return None
    return Viewer(office, staff.actor, staff.school_id, staff.province)


def _seen_by(viewer: Viewer) -> ColumnElement[bool]:
    if viewer.office is Office.SCHOOL:
        theirs = or_(BreachReport.office == Office.SCHOOL, BreachReport.told_at.is_not(None))
        return and_(BreachReport.school_id == viewer.school_id, theirs)
    if viewer.office is Office.PROVINCE:
        return School.province == viewer.province
    return School.id.is_not(None)


def _states_seen_by(viewer: Viewer) -> ColumnElement[bool]:
    """Return the condition that an office sees how a report stands, not only that there is one."""
    of_others = viewer.office is not Office.SCHOOL
    return true() if of_others else BreachReport.office == Office.SCHOOL


def _rows(viewer: Viewer) -> Select[BreachReport]:
    return (
        select(BreachReport)
        .join(School, School.id == BreachReport.school_id)
        .where(_seen_by(viewer))
        .options(joinedload(BreachReport.school))
    )


def page(
    session: Session, viewer: Viewer, state: BreachState | None, place: Place, at: datetime
) -> Page[ListedBreach]:
    """Return reports an office sees, newest first, in one state where one is given."""
    start = select(BreachReport.id).where(BreachReport.key == (place.before or place.after))
    wanted = _rows(viewer)
    if state is not None:
        wanted = wanted.where(_states_seen_by(viewer), BreachReport.state == state)
    rows = session.scalars(
        nearest(wanted, BreachReport.id, start.scalar_subquery(), place, newest_first=True)
    )
    return turned((ListedBreach(each, viewer, at) for each in rows), place)


def counts(session: Session, viewer: Viewer) -> dict[BreachState, int]:
    """Return how many reports stand in each state, of those whose state the office sees."""
    rows = session.execute(
        select(BreachReport.state, func.count())
        .join(School, School.id == BreachReport.school_id)
        .where(_seen_by(viewer), _states_seen_by(viewer))
        .group_by(BreachReport.state)
    )
    found = {BreachState(state): number for state, number in rows}
    return {state: found.get(state, 0) for state in BreachState}


@dataclass(frozen=True)
class Owed:
    """How many answers an office owes, how many of them are late, and what a school is asked."""

    waiting: int
    overdue: int
    asked: int
    """Reports about the school itself that it is asked to explain."""


def owed(session: Session, viewer: Viewer, at: datetime) -> Owed:
    """Return what waits for an office."""
    mine = BreachReport.office == viewer.office
    numbers = session.execute(
        select(
            func.count(case((mine, 1))),
            func.count(case((mine & (BreachReport.due_at < at), 1))),
            func.count(case((~mine, 1))),
        )
        .select_from(BreachReport)
        .join(School, School.id == BreachReport.school_id)
        .where(_seen_by(viewer), BreachReport.state.in_(sorted(WAITING)))
    ).one()
    asked = numbers[2] if viewer.office is Office.SCHOOL else 0
    return Owed(numbers[0], numbers[1], asked)


def owed_by_school(school_id: int, at: datetime) -> Counting:
    """Return the query of the reports that a school has to answer; late are the overdue."""
    return Counting(_OWED_BY_SCHOOL, {_SCHOOL.key: school_id, _AT.key: at})


def asked_of_school(school_id: int) -> Counting:
    """Return the query of the reports about a school that it is asked to explain."""
    return Counting(_ASKED_OF_SCHOOL, {_SCHOOL.key: school_id})


_AT = bindparam("breaches_at", type_=UtcDateTime())
_SCHOOL: BindParameter[int] = bindparam("of_school", type_=BigId)
_OF_SCHOOL = and_(
    _seen_by(Viewer(Office.SCHOOL, "", cast("int", _SCHOOL))),
    is_one_of(BreachReport.state, sorted(WAITING)),
)
_OWED_BY_SCHOOL: Query = select(
    *columns(BreachReport.received_at, BreachReport.due_at < _AT)
).where(_OF_SCHOOL, BreachReport.office == Office.SCHOOL)
_ASKED_OF_SCHOOL: Query = select(*columns()).where(_OF_SCHOOL, BreachReport.office != Office.SCHOOL)


def find(
    session: Session, viewer: Viewer, key: str, at: datetime, *, locked: bool = False
) -> ListedBreach:
    """Return a report that an office sees; raise NotFound for others.

    Locked it stays as it stands, and seen, until the transaction ends.
    """
    wanted = _rows(viewer).where(BreachReport.key == key)
    if locked:
        wanted = wanted.with_for_update(of=BreachReport)
    found = session.scalar(wanted.execution_options(populate_existing=True))
    if found is None:
        raise NotFound("举报")
    return ListedBreach(found, viewer, at)


def person(session: Session, listed: ListedBreach) -> Graduate | None:
    """Return who reported, with school and department, where the office may know."""
    if not listed.names:
        return None
    loaded = (joinedload(Graduate.school), joinedload(Graduate.department))
    return session.get_one(Graduate, listed.report.graduate_id, options=loaded)


def may_take_over(session: Session, listed: ListedBreach) -> bool:
    """Say whether the office is the one above the school that handles a report."""
    report = listed.report
    of_school = report.office == Office.SCHOOL and report.state in WAITING
    return of_school and routing.above_school(session, report.school) is listed.viewer.office


def of_person(session: Session, records: Sequence[int]) -> Sequence[BreachReport]:
    """Return a person's reports, by all her records, newest first."""
    wanted = select(BreachReport).where(BreachReport.graduate_id.in_(records))
    return session.scalars(wanted.order_by(BreachReport.id.desc()).limit(MOST_OF_PERSON)).all()


def key_of(session: Session, records: Sequence[int], report_id: int) -> str | None:
    """Return the key of one of a person's reports by its row number; None for others."""
    hers = (BreachReport.graduate_id.in_(records), BreachReport.id == report_id)
    return session.scalar(select(BreachReport.key).where(*hers))
