"""Which messages of a queue are due, and why some of them are not to be sent after all.

The statements are made once for each sort of queue, and given its values with each execution: a
claim is made several times a second, and to make its statement takes longer than to execute it.
"""

from datetime import datetime
from functools import cache
from typing import Any, NamedTuple, Self

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    SQLColumnExpression,
    and_,
    bindparam,
    case,
    exists,
    false,
    func,
    literal,
    literal_column,
    or_,
    select,
    true,
)
from sqlalchemy.orm import Session

from notifier.campaigns import audience
from notifier.delivery import school_queues
from notifier.delivery.school_queues import SchoolQueue
from notifier.ledger import kinds, states
from notifier.ledger.tables import Binding, Campaign, Message, Refusal
from registry.base.clock import SHANGHAI
from registry.base.database import UtcDateTime
from registry.base.written_out import is_one_of
from registry.record.tables import Graduate
from runtime.settings import Settings

CAPPED = "cap_reached"
NEEDLESS = "no_longer_applies"
REBOUND = "rebound"

WAITING = is_one_of(Message.state, [states.MessageState.WAITING])
_IN_FLIGHT_AT_A_CRASH: ColumnElement[bool] = and_(WAITING, Message.crashes > literal_column("0"))

_TO_A_COLLEAGUE = Message.graduate_id.is_(None)
_REBOUND = and_(Message.maybe_since.is_not(None), Message.openid != Binding.openid)
"""She may have got it on another WeChat, whose memory keeps no repeat from this one."""


AT = bindparam("due_at", type_=UtcDateTime())
"""The moment that is asked about."""
_MIDNIGHT = bindparam("due_midnight", type_=UtcDateTime())
_CAMPAIGN = bindparam("due_campaign", type_=BigInteger())
_SCHOOL = bindparam("due_school", type_=BigInteger())
_CRASHES = bindparam("due_crashes", type_=BigInteger())
_CAP = bindparam("due_cap", type_=BigInteger())


class Sort(NamedTuple):
    """All that a statement about the due messages of a queue depends on but its values."""

    for_events: bool
    of_one_school: bool
    prefers_delivery: bool
    needless_when: str
    """The confirmation state in which nobody needs a campaign's message any more."""
    in_doubt: bool
    """Whether only those are meant that were in flight when a process died."""

    @classmethod
    def of(cls, queue: SchoolQueue, crashes: int) -> Self:
        """Return the sort of a queue's messages that were in flight at so many crashes."""
        needless_when = "" if queue.for_events else kinds.kinds()[queue.kind].needless_when
        of_one_school = queue.for_events and queue.school_id is not None
        return cls(
            queue.for_events, of_one_school, queue.prefers_delivery, needless_when, crashes > 0
        )


def values(settings: Settings, queue: SchoolQueue, at: datetime, crashes: int) -> dict[str, Any]:
    """Return what the statements of this module are executed with."""
    local = at.astimezone(SHANGHAI)
    return {
        AT.key: at,
        _MIDNIGHT.key: local.replace(hour=0, minute=0, second=0, microsecond=0),
        _CAMPAIGN.key: queue.campaign_id,
        _SCHOOL.key: queue.school_id,
        _CRASHES.key: crashes,
        _CAP.key: settings.person_daily_cap,
    }


@cache
def due(sort: Sort) -> Select[*tuple[Any, ...]]:
    """Return id, openid and why not (a reason's code, or empty), locked, in order."""
    query: Select[*tuple[Any, ...]] = select(
        Message.id, _openid(sort).label("openid"), _why_not(sort).label("why")
    )
    hers = Graduate.id == Message.graduate_id
    people = audience.with_people(
        query.select_from(Message).join(Graduate, hers, isouter=sort.for_events)
    ).where(*_is_due(sort), _still_sends(sort))
    return people.order_by(Message.next_at, Message.id).with_for_update(
        of=Message, skip_locked=True
    )


def _is_due(sort: Sort) -> list[ColumnElement[bool]]:
    return [
        in_queue(sort),
        WAITING,
        Message.next_at <= AT,
        Message.crashes == _CRASHES,
        Message.held_at.is_(None),
        *([_IN_FLIGHT_AT_A_CRASH] if sort.in_doubt else []),
    ]


def in_queue(sort: Sort) -> ColumnElement[bool]:
    """Return the condition on a message that it is of the queue.

    A kind that is not known here is left to processes of the version that wrote it.
    """
    if not sort.for_events:
        return Message.campaign_id == _CAMPAIGN
    of_school = [Message.school_id == _SCHOOL] if sort.of_one_school else []
    known = Message.kind.in_(list(kinds.kinds()))
    return and_(Message.campaign_id.is_(None), known, *of_school)


def _still_sends(sort: Sort) -> ColumnElement[bool]:
    """Return the condition that the queue's campaign sends at the moment of this very statement."""
    if sort.for_events:
        return true()
    sends = exists().where(Campaign.id == _CAMPAIGN, school_queues.sends(AT))
    return sends.correlate(None)


def event_queues(session: Session, at: datetime) -> list[SchoolQueue]:
    """Return a queue for each school that has event messages due, in a fixed order."""
    schools = session.scalars(schools_with_events(), {AT.key: at})
    return [SchoolQueue(None, school_id=each) for each in schools]


@cache
def schools_with_events() -> Select[int]:
    """Return the schools that have event messages due.

    It goes from school to school along an index, however many messages each has waiting.
    """
    mine = (Message.campaign_id.is_(None), WAITING)
    school = select(func.min(Message.school_id).label("id")).where(*mine).cte(recursive=True)
    following = select(func.min(Message.school_id)).where(*mine, Message.school_id > school.c.id)
    school = school.union_all(select(following.scalar_subquery()).where(school.c.id.is_not(None)))
    next_at = select(func.min(Message.next_at)).where(*mine, Message.school_id == school.c.id)
    return select(school.c.id).where(next_at.scalar_subquery() <= AT).order_by(school.c.id)


@cache
def any_due(sort: Sort) -> Select[bool]:
    """Return the query whether a queue has a due message: a look into an index, locking nothing."""
    return select(exists().where(*_is_due(sort)))


_ANY_UNSURE = select(exists().where(WAITING, Message.maybe_since.is_not(None)))


def any_unsure(session: Session) -> bool:
    """Say whether any queue has a waiting message that WeChat may have taken."""
    return bool(session.scalar(_ANY_UNSURE))


def any_in_flight_at_a_crash(session: Session, crashes: int) -> bool:
    """Say whether any queue has a message that was in flight when a process died."""
    found = exists().where(_IN_FLIGHT_AT_A_CRASH, Message.crashes == crashes)
    return bool(session.scalar(select(found)))


def _openid(sort: Sort) -> SQLColumnExpression[str | None]:
    """Return whom it goes to; a test send to a colleague knows, and is an event message."""
    if not sort.for_events:
        return Binding.openid
    return case((_TO_A_COLLEAGUE, Message.openid), else_=Binding.openid)


def _why_not(sort: Sort) -> ColumnElement[str]:
    """Return why the person cannot be reached or, in a campaign, should not be."""
    refused = exists().where(Refusal.openid == Binding.openid, Refusal.kind == Message.kind)
    if sort.for_events:
        reachable = audience.obstacle_of(refused, otherwise=case((_REBOUND, REBOUND), else_=""))
        return case((_TO_A_COLLEAGUE, literal("")), else_=reachable)
    needless = Graduate.confirmation == sort.needless_when
    capped = and_(
        Message.maybe_since.is_(None),  # what may have come is asked for again while it is time
        _campaigns_today() >= _CAP,
    )
    rebound = false() if sort.prefers_delivery else _REBOUND
    should_not = case((rebound, REBOUND), (needless, NEEDLESS), (capped, CAPPED), else_=literal(""))
    return audience.obstacle_of(refused, otherwise=should_not)


def _campaigns_today() -> ColumnElement[int]:
    """Return how many other campaign messages a person got since midnight, or may have got.

    Whichever of her records they are about. What is on its way, or waits for its repeat, counts on
    any day: it may come today, though its first call was before midnight. Claims are made one after
    another, so no two miss each other; what one claim finds for several of her records counts in
    the order of the messages.
    """
    other, hers = Message.__table__.alias("other"), Binding.__table__.alias("hers")
    may_come_today = and_(
        other.c.maybe_since.is_not(None), other.c.state.in_(list(states.OPEN_MESSAGES))
    )
    may_have_come = and_(
        other.c.maybe_since >= _MIDNIGHT, other.c.state == states.MessageState.UNKNOWN
    )
    comes_with_it = and_(
        other.c.campaign_id == Message.campaign_id,
        other.c.id < Message.id,
        other.c.state == states.MessageState.WAITING,
        other.c.next_at <= AT,
    )
    return (
        select(func.count())
        .select_from(hers.join(other, other.c.graduate_id == hers.c.graduate_id))
        .where(
            hers.c.openid == Binding.openid,
            hers.c.ended_at.is_(None),
            other.c.campaign_id.is_not(None),
            or_(other.c.accepted_at >= _MIDNIGHT, may_come_today, may_have_come, comes_with_it),
        )
        .scalar_subquery()
    )
