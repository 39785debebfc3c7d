"""The lists of a school or department: who may be verified, and whose transfer number is good.

Of a verification number nothing is read here but its state: it is the graduate's alone.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache, lru_cache
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    and_,
    case,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from registry.accounts.school_tables import Department
from registry.base import paging
from registry.base.detached import read_rows
from registry.base.paging import Page, Place
from registry.numbers import service, stage_counts
from registry.numbers.posting.states import STANDING, PostingStage
from registry.numbers.posting.tables import Posting
from registry.numbers.sealed_number import SealedNumber, sealed_number
from registry.numbers.shape import Issue, Kind
from registry.numbers.states import NumberState
from registry.numbers.tables import IssuedNumber
from registry.numbers.transfer import generate
from registry.numbers.transfer import states as transfer
from registry.numbers.verification import states as authorization
from registry.record import counts as kept_counts
from registry.record import graduates
from registry.record.confirmation import states as confirmation
from registry.record.count_tables import GraduateCount, NumberCount
from registry.record.graduate_filter import Days, GraduateFilter, in_days, matching
from registry.record.scope import MADE, Scope, made_for, within
from registry.record.tables import Graduate, Registration

STATES: dict[Issue, type[authorization.AuthorizationState] | type[transfer.TransferState]] = {
    Issue.VERIFICATION: authorization.AuthorizationState,
    Issue.TRANSFER: transfer.TransferState,
}
_NO_NUMBER = {
    Issue.VERIFICATION: authorization.AuthorizationState.NOT_AUTHORIZED,
    Issue.TRANSFER: transfer.TransferState.NONE,
}
_ANY_DAY = Days()
_WHERE_TO = {
    Kind.FILE: (Registration.file_type, Registration.file_unit),
    Kind.HOUSEHOLD: (Registration.household_type, Registration.household_location),
}
"""How it goes, and where to."""


@dataclass(frozen=True)
class NumberFilter:
    """Which graduates a list is asked for; what is empty does not narrow."""

    people: GraduateFilter
    """Whose; its state is the confirmation's."""
    issue: Issue
    kind: Kind
    state: str = ""
    """An `authorization.AuthorizationState` or a `transfer.TransferState`."""
    updated: Days = _ANY_DAY
    """When the newest number was issued."""
    transfer_type: str = ""
    receiver: str = ""
    """Part of the name of where the file or the household goes to."""
    posting: str = ""
    """A `PostingStage`, of files to be transferred."""

    @property
    def is_posted(self) -> bool:
        """Say whether what it is about is posted: files are, by the number of a transfer."""
        return self.issue is Issue.TRANSFER and self.kind is Kind.FILE


class ListedNumber(NamedTuple):
    """One row of a list."""

    id: int
    """Of the graduate."""
    key: str
    name: str
    student_number: str
    department: str
    level: str
    major: str
    class_name: str
    confirmation: confirmation.ConfirmationState
    category: str
    unit_name: str
    transfer_type: str
    receiver: str
    state: str
    issued_at: datetime | None
    ended_at: datetime | None
    ends_on: date | None
    standing: str | None
    """A `registry.numbers.states.NumberState`: what ended it tells lapsed from taken back."""
    sealed: SealedNumber | None
    """Of a transfer number; None for none and in the lists of verification."""
    posting: PostingStage | None = None
    """Of a file; None in the other lists, as the next two."""
    posted_on: date | None = None
    waybill: str = ""
    """The courier's number."""


def page(
    session: Session, scope: Scope, wanted: NumberFilter, place: Place, at: datetime
) -> Page[ListedNumber]:
    """Return the rows at `place`, in the order the graduates were entered."""
    everybody = NumberFilter(GraduateFilter(wanted.people.year), wanted.issue, wanted.kind)
    if place == Place() and wanted == everybody:
        made, values = made_for(scope)
        found = read_rows(session, _first_page(made, everybody, service.today(at)), values)
        return paging.turned(map(_read, found), place)
    statement = _listed(everybody, service.today(at)).where(_matching(scope, wanted, at))
    start = graduates.id_of(scope, place.before or place.after)
    rows = session.execute(paging.nearest(statement, Graduate.id, start, place))
    return paging.turned(map(_read, rows), place)


@lru_cache(MADE)
def _first_page(scope: Scope, everybody: NumberFilter, today: date) -> Select[*tuple[Any, ...]]:
    those = matching(scope, everybody.people), *_of_number(everybody, today)
    return _listed(everybody, today).where(*those).order_by(Graduate.id).limit(paging.PAGE + 1)


def counts(session: Session, scope: Scope, wanted: NumberFilter, at: datetime) -> dict[str, int]:
    """Return how many stand in each state, whichever state is asked for."""
    if replace(wanted, state="") == NumberFilter(wanted.people, wanted.issue, wanted.kind):
        kept = kept_states(session, scope, wanted.people, wanted.issue, at)
        if kept is not None:
            return {each: kept[wanted.kind].get(each, 0) for each in STATES[wanted.issue]}
    state = state_of(wanted.issue, service.today(at)).label("state")
    statement = select(state, func.count()).select_from(Graduate)
    every = replace(wanted, state="")
    statement = _joined(statement, wanted).where(_matching(scope, every, at)).group_by(state)
    found = dict(session.execute(statement).all())
    return {each: found.get(each, 0) for each in STATES[wanted.issue]}


def counts_by_kind(
    session: Session, scope: Scope, people: GraduateFilter, issue: Issue, at: datetime
) -> dict[Kind, dict[str, int]]:
    """Return how many of these people stand in each state of either kind: `counts` of both."""
    kept = kept_states(session, scope, people, issue, at)
    if kept is not None:
        return kept
    return {kind: counts(session, scope, NumberFilter(people, issue, kind), at) for kind in Kind}


def kept_states(
    session: Session, scope: Scope, people: GraduateFilter, issue: Issue, at: datetime
) -> dict[Kind, dict[str, int]] | None:
    """Return how many stand in each state of both kinds by the counts that are kept.

    None where these do not tell apart what `people` asks for.
    """
    made, values = made_for(scope)
    asked = _kept_states(made, people, issue, service.today(at))
    if asked is None:
        return None
    found: dict[Kind, dict[str, int]] = {kind: dict.fromkeys(STATES[issue], 0) for kind in Kind}
    total = 0
    for kind, standing, number in read_rows(session, asked, values):
        if kind == stage_counts.EVERYBODY:
            total = number or 0
        else:
            found[Kind(kind)][standing] = number
    for states in found.values():
        states[_NO_NUMBER[issue]] += total - sum(states.values())
    return found


@lru_cache(MADE)
def _kept_states(
    scope: Scope, people: GraduateFilter, issue: Issue, today: date
) -> Select[*tuple[Any, ...]] | None:
    """Return the query of how many numbers there are by kind and state, and how many people."""
    numbers = kept_counts.of_cohort(NumberCount, scope, people)
    everybody = kept_counts.kept(scope, people)
    if numbers is None or everybody is None:
        return None
    if issue is Issue.TRANSFER:
        numbers &= NumberCount.is_registered
        everybody &= GraduateCount.category != ""
    state = state_of(issue, today, NumberCount)
    rows = select(NumberCount.kind, state, kept_counts.people(NumberCount))
    rows = rows.where(numbers, NumberCount.issue == issue).group_by(NumberCount.kind, state)
    people_there = select(literal(stage_counts.EVERYBODY), literal(""), kept_counts.people()).where(
        everybody
    )
    return select(union_all(rows, people_there).subquery())


def needing(session: Session, scope: Scope, wanted: NumberFilter, at: datetime) -> int:
    """Return how many of a list are reported, served, and without a good number."""
    narrowed = wanted != NumberFilter(wanted.people, wanted.issue, wanted.kind)
    made, values = made_for(scope)
    asked = None if narrowed else _kept_needing(made, wanted, service.today(at))
    if asked is None:
        meant = within(scope) & Graduate.id.in_(ids(scope, wanted, at))
        return generate.needing_count(session, meant, wanted.kind, at)
    [(served, good)] = read_rows(session, asked, values)
    return (served or 0) - (good or 0)


@lru_cache(MADE)
def _kept_needing(
    scope: Scope, wanted: NumberFilter, today: date
) -> Select[int | None, int | None] | None:
    """Return the query of how many are served, and how many have a good number."""
    numbers = kept_counts.of_cohort(NumberCount, scope, wanted.people)
    everybody = kept_counts.kept(scope, wanted.people)
    if numbers is None or everybody is None:
        return None
    month = service.earliest_transferred(today)
    served = (everybody, GraduateCount.category != "", GraduateCount.graduation_month >= month)
    good = (
        *(numbers, NumberCount.is_registered, NumberCount.graduation_month >= month),
        *(NumberCount.issue == Issue.TRANSFER, NumberCount.kind == wanted.kind),
        *(NumberCount.standing == NumberState.GOOD, NumberCount.ends_on >= today),
    )
    return select(
        select(kept_counts.people()).where(*served).scalar_subquery(),
        select(kept_counts.people(NumberCount)).where(*good).scalar_subquery(),
    )


def posting_counts(
    session: Session, scope: Scope, wanted: NumberFilter, at: datetime
) -> dict[str, int]:
    """Return how many files stand in each stage of posting, whichever stage is asked for."""
    every = replace(wanted, posting="")
    if every == NumberFilter(every.people, every.issue, every.kind):
        made, values = made_for(scope)
        if (asked := stage_counts.query(made, every.people)) is not None:
            return stage_counts.read(read_rows(session, asked, values))
    stage = _stage().label("stage")
    statement = select(stage, func.count()).select_from(Graduate)
    statement = _joined(statement, every).where(_matching(scope, every, at)).group_by(stage)
    found = dict(session.execute(statement).all())
    return {each: found.get(each, 0) for each in PostingStage}


def ids(scope: Scope, wanted: NumberFilter, at: datetime) -> Select[int]:
    """Return the query of the ids of all graduates a list shows."""
    statement = _joined(select(Graduate.id).select_from(Graduate), wanted)
    return statement.where(_matching(scope, wanted, at))


def state_of(
    issue: Issue, today: date, number: type[IssuedNumber] | type[NumberCount] = IssuedNumber
) -> ColumnElement[str]:
    """Return what `authorization.state_of` and `transfer.state_of` say, as an expression."""
    none = number.id.is_(None)
    bad = number.standing != NumberState.GOOD
    over = number.ends_on < today
    if issue is Issue.TRANSFER:
        states = transfer.TransferState
        return case(
            (none, states.NONE.value),
            (over, states.EXPIRED.value),
            (bad, states.LAPSED.value),
            else_=states.VALID.value,
        )
    return case(
        (or_(none, bad), authorization.AuthorizationState.NOT_AUTHORIZED.value),
        (over, authorization.AuthorizationState.EXPIRED.value),
        else_=authorization.AuthorizationState.IN_FORCE.value,
    )


def _joined(statement: Select[*tuple[Any, ...]], wanted: NumberFilter) -> Select[*tuple[Any, ...]]:
    joined = statement.outerjoin(Registration, Registration.id == Graduate.registration_id)
    joined = joined.outerjoin(IssuedNumber, generate.newest(wanted.kind, wanted.issue))
    if not wanted.is_posted:
        return joined
    standing = Posting.state.in_(sorted(STANDING))
    return joined.outerjoin(Posting, and_(Posting.graduate_id == Graduate.id, standing))


@cache
def _stage() -> ColumnElement[str]:
    """Return where a file stands, as an expression."""
    posted = [(Posting.state == each, PostingStage(each).value) for each in sorted(STANDING)]
    stays = Registration.file_type.in_(stage_counts.STAYING)
    nothing = PostingStage.NOT_POSTED.value
    return case(*posted, (stays, PostingStage.STAYS.value), else_=nothing)


def _matching(scope: Scope, wanted: NumberFilter, at: datetime) -> ColumnElement[bool]:
    return and_(
        matching(scope, wanted.people),
        *in_days(IssuedNumber.issued_at, wanted.updated),
        *_of_number(wanted, service.today(at)),
    )


def _of_number(wanted: NumberFilter, today: date) -> Iterator[ColumnElement[bool]]:
    how, where = _WHERE_TO[wanted.kind]
    if wanted.issue is Issue.TRANSFER:
        yield Graduate.registration_id.is_not(None)
    if wanted.state:
        yield state_of(wanted.issue, today) == wanted.state
    if wanted.transfer_type:
        yield how == wanted.transfer_type
    if wanted.receiver:
        yield where.contains(wanted.receiver, autoescape=True)
    if wanted.posting and wanted.is_posted:
        yield _stage() == wanted.posting


@lru_cache(MADE)
def _listed(wanted: NumberFilter, today: date) -> Select[*tuple[Any, ...]]:
    """Return the query of all rows; `wanted` names issue and kind, and asks for nobody."""
    how, where = _WHERE_TO[wanted.kind]
    statement: Select[*tuple[Any, ...]] = select(
        *(Graduate.id, Graduate.key, Graduate.name, Graduate.student_number),
        Department.name.label("department"),
        *(Graduate.level, Graduate.major, Graduate.class_name, Graduate.confirmation),
        *(Registration.category, Registration.unit_name),
        *(how.label("transfer_type"), where.label("receiver")),
        state_of(wanted.issue, today).label("state"),
        *(IssuedNumber.issued_at, IssuedNumber.ended_at, IssuedNumber.ends_on),
        IssuedNumber.standing,
        *(IssuedNumber.graduate_id, IssuedNumber.issue, IssuedNumber.kind, IssuedNumber.sequence),
        *(_number(wanted.issue).label("number_sealed"), literal(None).label("link_sealed")),
        IssuedNumber.link_hash,
        *_of_posting(wanted),
    ).join(Department, Department.id == Graduate.department_id)
    return _joined(statement, wanted)


def _of_posting(wanted: NumberFilter) -> Sequence[ColumnElement[Any]]:
    """Return where a file stands, when and by which number it was posted; nothing of others."""
    if wanted.is_posted:
        posted_on, number = Posting.posted_on.label("posted_on"), Posting.number.label("waybill")
        return [_stage().label("posting"), posted_on, number]
    return [literal(None).label(name) for name in ("posting", "posted_on", "waybill")]


def _number(issue: Issue) -> ColumnElement[str | None] | InstrumentedAttribute[str]:
    """Return the sealed number, which a school may see of transfer numbers only."""
    return IssuedNumber.number_sealed if issue is Issue.TRANSFER else literal(None)


def _read(row: Row[*tuple[Any, ...]]) -> ListedNumber:
    return ListedNumber(
        *(row.id, row.key, row.name, row.student_number, row.department),
        *(row.level, row.major, row.class_name, confirmation.ConfirmationState(row.confirmation)),
        *(row.category or "", row.unit_name or ""),
        *(row.transfer_type or "", row.receiver or ""),
        *(row.state, row.issued_at, row.ended_at, row.ends_on, row.standing),
        sealed_number(row) if row.number_sealed is not None else None,
        PostingStage(row.posting) if row.posting else None,
        *(row.posted_on, row.waybill or ""),
    )


def good_of_school(session: Session, school_id: int, at: datetime) -> int:
    """Return how many numbers of a school's graduates are good, verification and transfer."""
    return session.scalars(
        select(func.count()).where(
            IssuedNumber.school_id == school_id,
            IssuedNumber.newest,
            IssuedNumber.standing == NumberState.GOOD,
            IssuedNumber.ends_on >= service.today(at),
        )
    ).one()
