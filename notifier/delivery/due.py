"""Which messages of a queue are due, and why some of them are not to be sent after all."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    SQLColumnExpression,
    and_,
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
from registry.record.tables import Graduate
from runtime.settings import Settings

CAPPED = "cap_reached"
NEEDLESS = "no_longer_applies"
REBOUND = "rebound"

# The indexes of these few rows serve only a condition that is written out.
WAITING: ColumnElement[bool] = Message.state == literal_column(f"'{states.MessageState.WAITING}'")
_IN_FLIGHT_AT_A_CRASH: ColumnElement[bool] = and_(WAITING, Message.crashes > literal_column("0"))

_TO_A_COLLEAGUE = Message.graduate_id.is_(None)
_REBOUND = and_(Message.maybe_since.is_not(None), Message.openid != Binding.openid)
"""She may have got it on another WeChat, whose memory keeps no repeat from this one."""


def due(
    settings: Settings, queue: SchoolQueue, at: datetime, crashes: int
) -> Select[*tuple[Any, ...]]:
    """Return id, openid and why not (a reason's code, or empty), locked, in order.

    `crashes` is how many times a message was in flight when a process died.
    """
    query: Select[*tuple[Any, ...]] = select(
        Message.id, _openid(queue).label("openid"), _why_not(settings, queue, at).label("why")
    )
    hers = Graduate.id == Message.graduate_id
    people = audience.with_people(
        query.select_from(Message).join(Graduate, hers, isouter=queue.for_events)
    ).where(
        in_queue(queue),
        WAITING,
        Message.next_at <= at,
        Message.crashes == crashes,
        Message.held_at.is_(None),
        _still_sends(queue, at),
    )
    if crashes:
        people = people.where(_IN_FLIGHT_AT_A_CRASH)
    return people.order_by(Message.next_at, Message.id).with_for_update(
        of=Message, skip_locked=True
    )


def in_queue(queue: SchoolQueue) -> ColumnElement[bool]:
    """Return the condition on a message that it is of the queue.

    A kind that is not known here is left to processes of the version that wrote it.
    """
    mine = Message.campaign_id == queue.campaign_id
    if not queue.for_events:
        return mine
    of_school = [] if queue.school_id is None else [Message.school_id == queue.school_id]
    return and_(mine, Message.kind.in_(list(kinds.kinds())), *of_school)


def _still_sends(queue: SchoolQueue, at: datetime) -> ColumnElement[bool]:
    """Return the condition that the queue's campaign sends at the moment of this very statement."""
    if queue.for_events:
        return true()
    sends = exists().where(Campaign.id == queue.campaign_id, school_queues.sends(at))
    return sends.correlate(None)


def event_queues(session: Session, at: datetime) -> list[SchoolQueue]:
    """Return a queue for each school that has event messages due, in a fixed order."""
    return [SchoolQueue(None, school_id=each) for each in session.scalars(schools_with_events(at))]


def schools_with_events(at: datetime) -> Select[int]:
    """Return the schools that have event messages due.

    It goes from school to school along an index, however many messages each has waiting.
    """
    mine = (Message.campaign_id.is_(None), WAITING)
    school = select(func.min(Message.school_id).label("id")).where(*mine).cte(recursive=True)
    following = select(func.min(Message.school_id)).where(*mine, Message.school_id > school.c.id)
    school = school.union_all(select(following.scalar_subquery()).where(school.c.id.is_not(None)))
    next_at = select(func.min(Message.next_at)).where(*mine, Message.school_id == school.c.id)
    return select(school.c.id).where(next_at.scalar_subquery() <= at).order_by(school.c.id)


def any_due(session: Session, queue: SchoolQueue, at: datetime, crashes: int) -> bool:
    """Say whether a queue has a due message; a look into an index that locks nothing."""
    found = exists().where(
        in_queue(queue),
        WAITING,
        Message.next_at <= at,
        Message.crashes == crashes,
        Message.held_at.is_(None),
        *([_IN_FLIGHT_AT_A_CRASH] if crashes else []),
    )
    return bool(session.scalar(select(found)))


def any_unsure(session: Session) -> bool:
    """Say whether any queue has a waiting message that WeChat may have taken."""
    unsure = exists().where(WAITING, Message.maybe_since.is_not(None))
    return bool(session.scalar(select(unsure)))


def any_in_flight_at_a_crash(session: Session, crashes: int) -> bool:
    """Say whether any queue has a message that was in flight when a process died."""
    found = exists().where(_IN_FLIGHT_AT_A_CRASH, Message.crashes == crashes)
    return bool(session.scalar(select(found)))


def _openid(queue: SchoolQueue) -> SQLColumnExpression[str | None]:
    """Return whom it goes to; a test send to a colleague knows, and is an event message."""
    if not queue.for_events:
        return Binding.openid
    return case((_TO_A_COLLEAGUE, Message.openid), else_=Binding.openid)


def _why_not(settings: Settings, queue: SchoolQueue, at: datetime) -> ColumnElement[str]:
    """Return why the person cannot be reached or, in a campaign, should not be."""
    refused = exists().where(Refusal.openid == Binding.openid, Refusal.kind == Message.kind)
    if queue.for_events:
        reachable = audience.obstacle_of(refused, otherwise=case((_REBOUND, REBOUND), else_=""))
        return case((_TO_A_COLLEAGUE, literal("")), else_=reachable)
    needless = Graduate.confirmation == kinds.kinds()[queue.kind].needless_when
    capped = and_(
        Message.maybe_since.is_(None),  # what may have come is asked for again while it is time
        _campaigns_today(at) >= settings.person_daily_cap,
    )
    rebound = false() if queue.prefers_delivery else _REBOUND
    should_not = case((rebound, REBOUND), (needless, NEEDLESS), (capped, CAPPED), else_=literal(""))
    return audience.obstacle_of(refused, otherwise=should_not)


def _campaigns_today(at: datetime) -> ColumnElement[int]:
    """Return how many other campaign messages a person got since midnight, or may have got.

    Whichever of her records they are about. What is on its way, or waits for its repeat, counts on
    any day: it may come today, though its first call was before midnight. Claims are made one after
    another, so no two miss each other; what one claim finds for several of her records counts in
    the order of the messages.
    """
    midnight = at.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
    other, hers = Message.__table__.alias("other"), Binding.__table__.alias("hers")
    may_come_today = and_(
        other.c.maybe_since.is_not(None), other.c.state.in_(list(states.OPEN_MESSAGES))
    )
    may_have_come = and_(
        other.c.maybe_since >= midnight, other.c.state == states.MessageState.UNKNOWN
    )
    comes_with_it = and_(
        other.c.campaign_id == Message.campaign_id,
        other.c.id < Message.id,
        other.c.state == states.MessageState.WAITING,
        other.c.next_at <= at,
    )
    return (
        select(func.count())
        .select_from(hers.join(other, other.c.graduate_id == hers.c.graduate_id))
        .where(
            hers.c.openid == Binding.openid,
            hers.c.ended_at.is_(None),
            other.c.campaign_id.is_not(None),
            or_(other.c.accepted_at >= midnight, may_come_today, may_have_come, comes_with_it),
        )
        .scalar_subquery()
    )
