"""Whom a campaign is for, how many of them can be reached, and who cannot and why."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime, time, timedelta
from typing import Any, NamedTuple, Self, TypeVarTuple

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, literal, or_, select
from sqlalchemy.orm import Session

from notifier.ledger import bindings, traits
from notifier.ledger.kinds import Kind
from notifier.ledger.states import CampaignState, MessageState
from notifier.ledger.tables import Binding, Campaign, Follower, Message, Refusal
from registry.accounts.school_tables import Department
from registry.base.clock import SHANGHAI
from registry.base.errors import RuleError
from registry.numbers import listing
from registry.numbers.shape import Issue
from registry.numbers.shape import Kind as NumberKind
from registry.numbers.verification import states as authorization
from registry.record.confirmation import states as confirmation
from registry.record.graduate_filter import GraduateFilter
from registry.record.scope import Scope, not_ended, within
from registry.record.tables import Graduate, Registration
from registry.review.states import WAITING
from registry.review.tables import Application

Columns = TypeVarTuple("Columns")


@dataclass(frozen=True)
class Audience:
    """Filters over a school's graduates of one year; an empty one lets all through."""

    year: int
    confirmation: tuple[str, ...] = ()
    departments: tuple[str, ...] = ()
    """Random keys of departments."""
    levels: tuple[str, ...] = ()
    majors: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    student_numbers: tuple[str, ...] = ()
    missing_file: bool = False
    """Only those whose registration names no file transfer."""
    bound: bool | None = None
    """Only those with a WeChat, or only those without; None for both."""
    authorization: tuple[str, ...] = ()
    """As file:not_authorized: a kind of `registry.numbers` and the state it is in."""
    hers_to_act: bool = False
    """Without those whose application waits for a reviewer."""
    counsellor: int | None = None
    """The counsellor whose reminder it is: of a scope of its own, which the campaign is kept in.

    Only written where there is one: a version that does not know of counsellors pauses the
    reminder instead of sending it to the whole school.
    """

    def to_json(self) -> dict[str, Any]:
        """Return what is kept with the campaign."""
        content = asdict(self)
        if self.counsellor is None:
            del content["counsellor"]
        return content

    @classmethod
    def is_readable(cls, content: dict[str, Any]) -> bool:
        """Say whether this version knows everything that is asked for."""
        known = {each.name for each in fields(cls)}
        return not set(content) - known and isinstance(content.get("year"), int)

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> Self:
        """Read what `to_json` wrote; raises RuleError `audience_unreadable` for anything else."""
        if not cls.is_readable(content):
            raise RuleError("audience_unreadable", "发送对象的筛选条件无法识别，请重新选择。")
        values: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in content.items()
        }
        return cls(**values)


class Reach(NamedTuple):
    """How many an audience holds, and how many of them a message can reach."""

    recipients: int
    reachable: int
    not_bound: int
    not_following: int
    refused: int

    @classmethod
    def of_all(cls, parts: Iterable[Self]) -> Self:
        """Return the sum; of none, nobody."""
        return cls(*map(sum, zip((0, 0, 0, 0, 0), *parts, strict=True)))


class Unreachable(NamedTuple):
    """A person a message cannot reach, and why (a code of notifier.ledger.outcomes)."""

    graduate_id: int
    student_number: str
    name: str
    department: str
    class_name: str
    reason: str


_STATES = frozenset(confirmation.ConfirmationState)
MOST_NUMBERS = 5000
"""Of a list of student numbers; each is a parameter of every query over the audience."""


AUTHORIZATIONS = {
    f"{kind}:{state}": f"{title}{authorization.TITLES[state]}"
    for kind, title in ((NumberKind.FILE, "档案"), (NumberKind.HOUSEHOLD, "户口"))
    for state in authorization.AuthorizationState
}
"""What may be asked of a verification authorization, and how people read it."""


def check(audience: Audience) -> None:
    """Raise RuleError `audience_state_unknown` or `audience_too_many_numbers`."""
    if not set(audience.confirmation) <= _STATES:
        raise RuleError("audience_state_unknown", "没有这种登记确认状态，请重新选择。")
    if not set(audience.authorization) <= set(AUTHORIZATIONS):
        raise RuleError("audience_state_unknown", "没有这种核验授权状态，请重新选择。")
    if len(audience.student_numbers) > MOST_NUMBERS:
        raise RuleError(
            "audience_too_many_numbers",
            f"学号名单一次最多 {MOST_NUMBERS:,} 个，请分几个任务，或改用院系、班级筛选。",
            "student_numbers",
        )


def conditions(
    scope: Scope, audience: Audience, kind: Kind, at: datetime
) -> list[ColumnElement[bool]]:
    """Return what holds for every graduate of the audience at this moment."""
    found = [within(scope), *_chosen(audience, kind)]
    if audience.departments:
        mine = and_(
            Department.key.in_(audience.departments), Department.school_id == scope.school_id
        )
        found.append(Graduate.department_id.in_(select(Department.id).where(mine)))
    if audience.authorization:
        states = (_authorized(scope, audience, each, at) for each in audience.authorization)
        found.append(or_(*states))
    return found


def _chosen(audience: Audience, kind: Kind) -> Iterator[ColumnElement[bool]]:
    """Return the conditions that depend on the graduate alone, whichever the school."""
    yield Graduate.year == audience.year
    if kind.needless_when:
        yield Graduate.confirmation != kind.needless_when
    for column, wanted in (
        (Graduate.confirmation, audience.confirmation),
        (Graduate.level, audience.levels),
        (Graduate.major, audience.majors),
        (Graduate.class_name, audience.classes),
        (Graduate.student_number, audience.student_numbers),
    ):
        if wanted:
            yield column.in_(wanted)
    if audience.missing_file:
        yield _without_file()
    if audience.bound is not None:
        yield traits.bound() if audience.bound else ~traits.bound()
    if audience.hers_to_act:
        yield ~_in_review()


def _without_file() -> ColumnElement[bool]:
    return ~exists().where(
        Registration.id == Graduate.registration_id, Registration.file_type != ""
    )


def _authorized(scope: Scope, audience: Audience, wanted: str, at: datetime) -> ColumnElement[bool]:
    kind, _, state = wanted.partition(":")
    people = GraduateFilter(audience.year)
    listed = listing.NumberFilter(people, Issue.VERIFICATION, NumberKind(kind), state)
    return Graduate.id.in_(listing.ids(scope, listed, at))


def _in_review() -> ColumnElement[bool]:
    waiting = exists().where(
        Application.graduate_id == Graduate.id,
        Application.closed_at.is_(None),
        Application.state.in_(WAITING),
    )
    return waiting.correlate(Graduate)


def obstacle(kind: Kind) -> ColumnElement[str]:
    """Return why a graduate cannot be reached with this kind, as SQL: a reason's code, or empty."""
    return obstacle_of(exists().where(Refusal.openid == Binding.openid, Refusal.kind == kind.name))


def obstacle_of(
    refused: ColumnElement[bool], otherwise: ColumnElement[str] | None = None
) -> ColumnElement[str]:
    """Return the obstacle, given the condition that the person refused the kind.

    `otherwise` is the reason for those who have none; without it, none.
    """
    return case(
        (~not_ended(), literal("record_ended")),
        (Binding.id.is_(None), literal("not_bound")),
        (func.coalesce(Follower.subscribed, False).is_(False), literal("not_following")),
        (refused, literal("refused")),
        else_=literal("") if otherwise is None else otherwise,
    )


def with_people(query: Select[*Columns]) -> Select[*Columns]:
    """Join the active binding and the follower of each graduate, where there are any."""
    return query.outerjoin(Binding, bindings.of_graduate(Graduate.id)).outerjoin(
        Follower, Follower.openid == Binding.openid
    )


def reach(session: Session, scope: Scope, audience: Audience, kind: Kind, at: datetime) -> Reach:
    """Count the audience and its reachable part at this moment, in one query."""
    check(audience)
    counted = _counted(session, kind, conditions(scope, audience, kind, at))
    return _reach(counted.get(scope.school_id, {}))


def reach_by_school(
    session: Session, school_ids: Sequence[int], audience: Audience, kind: Kind
) -> dict[int, Reach]:
    """Count as `reach` does for many schools; those with nobody in the audience are left out.

    For an audience that names neither departments nor authorizations: those are one school's.
    """
    check(audience)
    assert not (*audience.departments, *audience.authorization)
    chosen = [Graduate.school_id.in_(school_ids), *_chosen(audience, kind)]
    counted = _counted(session, kind, chosen)
    return {school_id: _reach(each) for school_id, each in counted.items()}


def _counted(
    session: Session, kind: Kind, whom: Sequence[ColumnElement[bool]]
) -> dict[int, dict[str, int]]:
    """Count people by school and by what keeps them from being reached."""
    people = select(Graduate.school_id, obstacle(kind).label("why")).select_from(Graduate)
    each = with_people(people).where(*whom).subquery().c
    found: dict[int, dict[str, int]] = {}
    for school_id, why, number in session.execute(
        select(each.school_id, each.why, func.count()).group_by(each.school_id, each.why)
    ):
        found.setdefault(school_id, {})[why] = number
    return found


def _reach(counted: Mapping[str, int]) -> Reach:
    return Reach(
        recipients=sum(counted.values()),
        reachable=counted.get("", 0),
        not_bound=counted.get("not_bound", 0),
        not_following=counted.get("not_following", 0),
        refused=counted.get("refused", 0),
    )


def told_today(session: Session, scope: Scope, audience: Audience, kind: Kind, at: datetime) -> int:
    """Return how many of the reachable have had a message of this kind today, or are about to.

    The day is Asia/Shanghai's. What failed, or was never sent, is not counted; whom a reminder of
    the school is for that begins later today is.
    """
    whom = conditions(scope, audience, kind, at)
    return _told(session, whom, kind, at, *_scheduled_today(session, scope, kind, at))


def told_today_in_schools(
    session: Session, school_ids: Sequence[int], audience: Audience, kind: Kind, at: datetime
) -> int:
    """Count as `told_today` does over many schools; the audience is as for `reach_by_school`."""
    chosen = [Graduate.school_id.in_(school_ids), *_chosen(audience, kind)]
    return _told(session, chosen, kind, at)


def _scheduled_today(
    session: Session, scope: Scope, kind: Kind, at: datetime
) -> Iterator[ColumnElement[bool]]:
    """Yield the condition of each reminder of the school that is to begin before the day ends."""
    others = select(Campaign).where(
        Campaign.school_id == scope.school_id,
        Campaign.kind == kind.name,
        Campaign.state == CampaignState.SCHEDULED,
        Campaign.start_at < _midnight(at) + timedelta(days=1),
    )
    for each in session.scalars(others):
        if Audience.is_readable(each.audience):  # otherwise it is paused instead of sent
            theirs = Audience.from_json(each.audience)
            made_in = Scope(each.school_id, each.department_id, counsellor_id=theirs.counsellor)
            yield and_(*conditions(made_in, theirs, kind, at))


def _midnight(at: datetime) -> datetime:
    return datetime.combine(at.astimezone(SHANGHAI).date(), time.min, SHANGHAI)


def _told(
    session: Session,
    whom: Sequence[ColumnElement[bool]],
    kind: Kind,
    at: datetime,
    *about_to: ColumnElement[bool],
) -> int:
    told = exists().where(
        Message.graduate_id == Graduate.id,
        Message.kind == kind.name,
        Message.created_at >= _midnight(at),
        Message.state.not_in((MessageState.FAILED, MessageState.SKIPPED)),
    )
    people = with_people(select(func.count()).select_from(Graduate))
    reached = obstacle(kind) == ""
    has_it = or_(told.correlate(Graduate), *about_to)
    return session.scalars(people.where(*whom, reached, has_it)).one()


def numbers_not_found(session: Session, scope: Scope, audience: Audience) -> list[str]:
    """Return those of the list of student numbers that nobody of the scope and year has."""
    wanted = audience.student_numbers[:MOST_NUMBERS]
    mine = within(scope), Graduate.year == audience.year, Graduate.student_number.in_(wanted)
    found = set(session.scalars(select(Graduate.student_number).where(*mine)))
    return [each for each in wanted if each not in found]


def unreachable_ids(people: Sequence[ColumnElement[bool]], kind: Kind) -> Select[int]:
    """Return who cannot be reached (ids); `people` is what `conditions` says of the audience."""
    return with_people(select(Graduate.id)).where(*people, obstacle(kind) != "")


def unreachable(
    session: Session,
    people: Sequence[ColumnElement[bool]],
    kind: Kind,
    *,
    after: int,
    limit: int,
) -> Sequence[Unreachable]:
    """Return who cannot be reached and why, in order of id, those after `after`.

    `people` is what `conditions` says of the audience.
    """
    why = obstacle(kind)
    rows = session.execute(
        with_people(
            select(
                Graduate.id,
                Graduate.student_number,
                Graduate.name,
                Department.name,
                Graduate.class_name,
                why,
            ).join(Department, Department.id == Graduate.department_id)
        )
        .where(*people, Graduate.id > after, why != "")
        .order_by(Graduate.id)
        .limit(limit)
    )
    return [Unreachable(*row) for row in rows]
