"""What lists of terminations show: an employer's, a school's, one agreement's own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, bindparam, case, func, literal, or_, select
from sqlalchemy.orm import Session, joinedload

from registry.accounts.employer_tables import Employer
from registry.accounts.school_tables import Department, School
from registry.accounts.tables import Staff
from registry.base.counting import Counting, Query, columns
from registry.base.database import UtcDateTime
from registry.base.errors import NotFound
from registry.base.paging import Page, Place, nearest, turned
from registry.base.written_out import is_one_of
from registry.record.scope import MADE, Scope, made_for, not_ended, within
from registry.record.tables import Graduate
from registry.signing.agreement_sources import called, source_key, with_sources
from registry.signing.tables import Agreement, Invitation
from registry.signing.termination_moves import SCHOOL
from registry.signing.termination_sides import Side, theirs
from registry.signing.termination_states import (
    FOR_SCHOOL,
    LIVE,
    PARTY_TITLES,
    REASON_TITLES,
    TERMINATION_TITLES,
    Party,
    TerminationReason,
    TerminationState,
    TerminationWay,
    answers,
)
from registry.signing.termination_tables import Termination, TerminationStep

_BEFORE = bindparam("terminations_before", type_=UtcDateTime())
WAITING = "waiting"
"""What the reader of a list has to do something about."""
DEED_TITLES = {
    "ask": "申请解约",
    "agree": "同意解约",
    "refuse": "不同意解约",
    "withdraw": "撤回申请",
    "escalate": "申请学校协调",
    "pass": "同意解约，协议解除",
    "decline": "不同意解约",
    "overtake": "协议已另行结束，申请终止",
}


@dataclass(frozen=True)
class ListedTermination:
    """A termination, with whom and what it is about."""

    key: str
    source_key: str
    """Of the invitation that the agreement began as, or of her request for the paper."""
    on_paper: bool
    """The agreement is on paper: its employer answers outside of the system."""
    state: TerminationState
    party: Party
    way: TerminationWay
    reason: TerminationReason
    breach: int | None
    unit_name: str
    post: str
    graduate_id: int
    graduate_key: str
    school_id: int
    name: str
    student_number: str
    school: str
    department: str
    major: str
    asked_at: datetime
    answer_by: datetime
    updated_at: datetime

    @property
    def reason_title(self) -> str:
        """Return why, as people read it."""
        return REASON_TITLES[self.reason]

    @property
    def answerer(self) -> Party:
        """Return who answers it."""
        return answers(self.party)

    def title(self, reader: str = "") -> str:
        """Return how it stands, as a `Party` reads it; as the school does where none is given."""
        return title(self.state, self.answerer, reader)

    def days(self, at: datetime) -> int:
        """Return for how many whole days it has stood as it does."""
        return max(0, (at - self.updated_at).days)


_SELF = {Party.GRADUATE: "您", Party.EMPLOYER: "贵单位"}
_SHORT = {Party.GRADUATE: "毕业生", Party.EMPLOYER: "单位"}


def title(state: TerminationState, answerer: Party, reader: str = "") -> str:
    """Return how what `answerer` answers stands, as `ListedTermination.title` says it."""
    who = _SELF[answerer] if reader == answerer else _SHORT[answerer]
    if state is TerminationState.ASKED:
        return f"待{who}答复"
    if state is TerminationState.REFUSED:
        return f"{who}不同意"
    return TERMINATION_TITLES[state]


@dataclass(frozen=True)
class TerminationLine:
    """One step of a termination, as people read it."""

    who: str
    what: str
    text: str
    settlement: str
    at: datetime


@dataclass(frozen=True)
class EmployerFigures:
    """How an employer's agreements with graduates of one school went."""

    signed: int
    """All that were ever signed."""
    terminated: int
    by_employer: int
    """Those of `terminated` that the employer asked for."""


def of_employer(
    session: Session, employer_id: int, state: str, place: Place
) -> Page[ListedTermination]:
    """Return the terminations of an employer, newest first.

    `state` is one of `TerminationState`, WAITING for what the employer has to answer, or empty.
    """
    mine = Termination.employer_id == employer_id
    waits = and_(Termination.state == TerminationState.ASKED, Termination.party == Party.GRADUATE)
    return _page(session, mine, waits, state, place, newest_first=True)


def waiting_for_employer(session: Session, employer_id: int) -> list[ListedTermination]:
    """Return what an employer has to answer, what ends first before the others; a page of it."""
    return of_employer(session, employer_id, WAITING, Place()).rows


def of_school(session: Session, scope: Scope, state: str, place: Place) -> Page[ListedTermination]:
    """Return the terminations of graduates in scope: what waits for the school oldest first.

    `state` as of `of_employer`.
    """
    mine = and_(within(scope), not_ended())
    oldest_first = state == WAITING
    return _page(session, mine, _for_school(), state, place, newest_first=not oldest_first)


def _for_school() -> ColumnElement[bool]:
    return is_one_of(Termination.state, sorted(FOR_SCHOOL))


def _page(
    session: Session,
    mine: ColumnElement[bool],
    waits: ColumnElement[bool],
    state: str,
    place: Place,
    *,
    newest_first: bool,
) -> Page[ListedTermination]:
    wanted = _listed().where(mine)
    if state == WAITING:
        wanted = wanted.where(waits)
    elif state:
        wanted = wanted.where(Termination.state == state)
    start = select(Termination.id).where(Termination.key == (place.before or place.after))
    begin = start.scalar_subquery()
    rows = session.execute(nearest(wanted, Termination.id, begin, place, newest_first=newest_first))
    return turned(map(_read, rows), place)


def counts_of_school(session: Session, scope: Scope) -> dict[str, int]:
    """Return how many terminations in scope wait for the school, and stand in each state."""
    mine = and_(within(scope), not_ended())
    found = _by_state(session, mine)
    waiting = sum(found[each] for each in FOR_SCHOOL)
    return {WAITING: waiting, **found}


def counts_of_employer(session: Session, employer_id: int) -> dict[str, int]:
    """Return how many terminations an employer has to answer, and how many stand in each state."""
    mine = Termination.employer_id == employer_id
    asked = and_(
        mine, Termination.state == TerminationState.ASKED, Termination.party == Party.GRADUATE
    )
    waiting = session.scalar(select(func.count()).select_from(Termination).where(asked)) or 0
    return {WAITING: waiting, **_by_state(session, mine)}


def _by_state(session: Session, mine: ColumnElement[bool]) -> dict[str, int]:
    rows = session.execute(
        select(Termination.state, func.count())
        .join(Graduate, Graduate.id == Termination.graduate_id)
        .where(mine)
        .group_by(Termination.state)
    )
    found = dict(rows.all())
    return {state: found.get(state, 0) for state in TerminationState}


def waiting_for_school(scope: Scope, before: datetime) -> Counting:
    """Return the query of the terminations in scope that wait for the school.

    Late are those that have waited since before a moment.
    """
    made, values = made_for(scope)
    return Counting(_waiting_for_school(made), {**values, _BEFORE.key: before})


@lru_cache(MADE)
def _waiting_for_school(scope: Scope) -> Query:
    return (
        select(*columns(Termination.updated_at, Termination.updated_at < _BEFORE))
        .join(Graduate, Graduate.id == Termination.graduate_id)
        .where(within(scope), not_ended(), _for_school())
    )


def of_agreement(session: Session, side: Side, key: str) -> Sequence[ListedTermination]:
    """Return all requests about what began as what has a key, newest first; none of others."""
    wanted = _listed().where(theirs(side), called(key))
    rows = session.execute(wanted.order_by(Termination.id.desc()))
    return [_read(row) for row in rows]


def live_of_graduate(session: Session, graduate_id: int) -> ListedTermination | None:
    """Return the request that is under way about a graduate's agreement; there is one at most."""
    hers = (Termination.graduate_id == graduate_id, Termination.state.in_(sorted(LIVE)))
    row = session.execute(_listed().where(*hers)).one_or_none()
    return _read(row) if row else None


def one(session: Session, side: Side, key: str) -> ListedTermination:
    """Return one termination of a side; raise NotFound for others."""
    return _one(session, _listed().where(theirs(side)), key)


def one_in_scope(session: Session, scope: Scope, key: str) -> ListedTermination:
    """Return one termination of a graduate in scope; raise NotFound for others."""
    return _one(session, _listed().where(within(scope)), key)


def employer_key(session: Session, key: str) -> str | None:
    """Return the key of the employer that a termination is with; None of one on paper."""
    wanted = select(Employer.key).join(Termination, Termination.employer_id == Employer.id)
    return session.scalar(wanted.where(Termination.key == key))


def graduate_of(session: Session, agreement: Agreement) -> Graduate:
    """Return whose agreement it is, with school and department."""
    wanted = select(Graduate).where(Graduate.id == agreement.graduate_id)
    with_places = wanted.options(joinedload(Graduate.school), joinedload(Graduate.department))
    return session.scalars(with_places).one()


def key_of(session: Session, side: Side, ident: int) -> str | None:
    """Return the key of a termination of a side by its number; None for others."""
    return session.scalar(select(Termination.key).where(theirs(side), Termination.id == ident))


def _one(session: Session, wanted: Select[*tuple[Any, ...]], key: str) -> ListedTermination:
    row = session.execute(wanted.where(Termination.key == key)).one_or_none()
    if row is None:
        raise NotFound("解约申请")
    return _read(row)


def _listed() -> Select[*tuple[Any, ...]]:
    wanted = (
        select(
            *(Termination.key, source_key().label("source_key"), Agreement.terms),
            Agreement.request_id.is_not(None).label("on_paper"),
            *(Termination.state, Termination.party, Termination.way, Termination.reason),
            *(Termination.breach, Termination.asked_at, Termination.answer_by),
            *(Termination.updated_at, Termination.graduate_id, Graduate.school_id),
            *(Graduate.key.label("graduate_key"), Graduate.name, Graduate.student_number),
            *(School.name.label("school"), Department.name.label("department"), Graduate.major),
        )
        .join(Agreement, Agreement.id == Termination.agreement_id)
        .join(Graduate, Graduate.id == Termination.graduate_id)
        .join(School, School.id == Graduate.school_id)
        .join(Department, Department.id == Graduate.department_id)
    )
    return with_sources(wanted)


def _read(row: Row[*tuple[Any, ...]]) -> ListedTermination:
    return ListedTermination(
        *(row.key, row.source_key, bool(row.on_paper)),
        state=TerminationState(row.state),
        party=Party(row.party),
        way=TerminationWay(row.way),
        reason=TerminationReason(row.reason),
        breach=row.breach,
        unit_name=row.terms["unit_name"],
        post=row.terms["post"],
        graduate_id=row.graduate_id,
        graduate_key=row.graduate_key,
        school_id=row.school_id,
        name=row.name,
        student_number=row.student_number,
        school=row.school,
        department=row.department,
        major=row.major,
        asked_at=row.asked_at,
        answer_by=row.answer_by,
        updated_at=row.updated_at,
    )


def steps(session: Session, key: str) -> list[TerminationLine]:
    """Return what was done about a termination that was found before, oldest first."""
    rows = session.execute(
        select(TerminationStep, Staff.name)
        .join(Termination, Termination.id == TerminationStep.termination_id)
        .outerjoin(Staff, literal("staff:") + Staff.key == TerminationStep.by)
        .where(Termination.key == key)
        .order_by(TerminationStep.id)
    )
    return [_line(step, name or "") for step, name in rows]


def _line(step: TerminationStep, name: str) -> TerminationLine:
    if not step.party:
        return TerminationLine("", "逾期未答复，转学校协调", step.text, "", step.at)
    who = "学校" if step.party == SCHOOL else PARTY_TITLES[Party(step.party)]
    return TerminationLine(
        f"{who} {name}".strip(), DEED_TITLES[step.event], step.text, step.settlement, step.at
    )


def figures(session: Session, school_id: int, employer_id: int) -> EmployerFigures:
    """Return how an employer's agreements with graduates of a school went."""
    ended = Termination.state == TerminationState.DONE
    by_employer = and_(ended, Termination.party == Party.EMPLOYER)
    row = session.execute(
        select(
            func.count(Agreement.id.distinct()),
            func.count(case((ended, Termination.id))),
            func.count(case((by_employer, Termination.id))),
        )
        .select_from(Agreement)
        .join(Invitation, Invitation.id == Agreement.invitation_id)
        .join(Graduate, Graduate.id == Agreement.graduate_id)
        .outerjoin(Termination, Termination.agreement_id == Agreement.id)
        .where(
            Invitation.employer_id == employer_id,
            Graduate.school_id == school_id,
            or_(Agreement.signed_at.is_not(None), ended),
        )
    ).one()
    return EmployerFigures(*row)
