"""Claiming: a chunk of due messages is fenced by one guarded UPDATE before the first call is made.

The claim writes `sending`, the lease and the start of the ten-minute window in the transaction that
checks the window, and is committed before anything is sent (docs/delivery.md).
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnClause,
    ColumnElement,
    Row,
    Select,
    case,
    exists,
    func,
    literal_column,
    select,
    update,
)
from sqlalchemy.orm import Session

from notifier import audience, kinds, quota, states
from notifier.delivery.lanes import Lane, kinds_for_any_hour, quiet_until
from notifier.settings import Settings
from notifier.states import MessageEvent
from notifier.tables import Binding, Message, Refusal
from registry.clock import SHANGHAI
from registry.database import database_now, rows_of
from registry.tables import Graduate, School

Due = Row[*tuple[Any, ...]]
"""A row of `_due`."""

LEASE = timedelta(seconds=30)  # a chunk is two seconds of work and a call ends in ten
WINDOW = timedelta(seconds=480)  # WeChat drops a repeat for 600 s: less a call, less its clock
CRASH_LIMIT = 3
SUSPECTS = {0: 100_000, 1: 32, 2: 1}
"""How many messages may be claimed at once that were in flight when a process died: so that one
that kills its process is soon alone, and its neighbours are not blamed for it."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message that this process, and no other, may send now."""

    id: int
    claim: str
    client_msg_id: str
    kind: str
    campaign_id: int | None
    facts: str
    school: str
    openid: str
    maybe_before: datetime | None
    """`maybe_since` as it was before this claim: None if no earlier call may have been taken."""
    tries: int
    """Which try this is, from 1."""


@dataclass(frozen=True)
class Chunk:
    """What one claim found."""

    claimed: list[Claimed]
    seen: int
    """How many due messages were looked at, also those that are not to be sent."""
    quota_left: bool = True


def claim(session: Session, settings: Settings, lane: Lane, *, size: int, crashes: int) -> Chunk:
    """Claim up to `size` due messages of a lane; those that need no call are settled at once.

    `crashes` picks messages that were in flight that many times when a process died.
    """
    at = database_now(session)
    if lane.for_events:
        _defer_to_morning(session, settings, at)
    allowed = quota.remaining(session, settings, at, for_events=lane.for_events)
    limit = min(size, allowed, SUSPECTS[crashes])
    if limit <= 0:
        return Chunk([], 0, quota_left=allowed > 0)
    due = _due(settings, lane, at, crashes)
    # What may have been taken goes first: its window closes, however long the campaign is.
    unsure = due.where(_is_unsure(at)).limit(limit)
    rows = list(session.execute(unsure)) if _any_unsure(session, at) else []
    rows += session.execute(due.where(Message.maybe_since.is_(None)).limit(limit - len(rows)))
    to_send = _settle_needless(session, rows, at)
    token = uuid.uuid4().hex
    _fence(session, [row.id for row in to_send], token, at)
    quota.reserve(session, at, len(to_send))
    return Chunk([_claimed(row, token) for row in to_send], len(rows))


def _due(settings: Settings, lane: Lane, at: datetime, crashes: int) -> Select[*tuple[Any, ...]]:
    query = audience.with_people(
        select(
            Message.id,
            Message.client_msg_id,
            Message.kind,
            Message.campaign_id,
            Message.facts,
            Message.maybe_since,
            Message.tries,
            School.name.label("school"),
            Binding.openid,
            Graduate.confirmation,
            _obstacle().label("obstacle"),
            (_sent_today(at) >= settings.person_daily_cap).label("capped"),
        )
        .select_from(Message)
        .join(Graduate, Graduate.id == Message.graduate_id)
        .join(School, School.id == Message.school_id)
    )
    return (
        query.where(
            Message.campaign_id == lane.campaign_id,
            Message.state == states.Message.WAITING,
            Message.next_at <= at,
            Message.crashes == crashes,
        )
        .order_by(Message.next_at, Message.id)
        .with_for_update(of=Message, skip_locked=True)
    )


def _is_unsure(at: datetime) -> ColumnElement[bool]:
    """Return whether an earlier call may have been taken, and may still be repeated."""
    return Message.maybe_since > at - WINDOW


def _any_unsure(session: Session, at: datetime) -> bool:
    """Say whether any lane has such a message: a look into a small index, mostly empty.

    The state is written out, since an index of part of the rows serves no bound parameter.
    """
    waiting: ColumnClause[str] = literal_column(f"'{states.Message.WAITING}'")
    found = exists().where(Message.state == waiting, _is_unsure(at))
    return bool(session.scalar(select(found)))


def _obstacle() -> ColumnElement[str]:
    """Return why the person cannot be reached, the kind being the message's own."""
    refused = (
        select(Refusal.kind)
        .where(Refusal.openid == Binding.openid, Refusal.kind == Message.kind)
        .exists()
    )
    return audience.obstacle_of(refused)


def _sent_today(at: datetime) -> ColumnElement[int]:
    """Return how many campaign messages a person got since midnight; 0 for event messages."""
    midnight = at.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
    other = Message.__table__.alias("other")
    counted = (
        select(func.count())
        .where(
            other.c.graduate_id == Message.graduate_id,
            other.c.campaign_id.is_not(None),
            other.c.accepted_at >= midnight,
        )
        .scalar_subquery()
    )
    return case((Message.campaign_id.is_(None), 0), else_=counted)


def _settle_needless(session: Session, rows: Sequence[Due], at: datetime) -> list[Due]:
    """Skip or put off what is not to be sent; return the rows that are."""
    skipped: dict[str, list[int]] = {}
    to_send, capped = [], []
    for row in rows:
        needless = kinds.kinds()[row.kind].needless_when
        if row.obstacle:
            skipped.setdefault(row.obstacle, []).append(row.id)
        elif row.campaign_id and needless and row.confirmation == needless:
            skipped.setdefault("no_longer_applies", []).append(row.id)
        elif row.capped:
            capped.append(row.id)
        else:
            to_send.append(row)
    for reason, ids in skipped.items():
        skip(session, ids, reason, at)
    _put_off(session, capped, quota.next_day(at) + timedelta(hours=8), "cap_reached")
    return to_send


def _listed(session: Session, ids: list[int]) -> ColumnElement[bool]:
    listed = rows_of(session, "listed", {"id": (BigInteger(), ids)})
    return Message.id.in_(select(listed.c.id))


def skip(session: Session, ids: list[int], reason: str, at: datetime) -> None:
    """Close waiting messages unsent; one that may have gone out before is unknown instead."""
    if ids:
        unsure = Message.maybe_since.is_not(None)
        session.execute(
            update(Message)
            .where(_listed(session, ids), Message.state == states.Message.WAITING)
            .values(
                state=case((unsure, states.Message.UNKNOWN), else_=states.Message.SKIPPED),
                reason=reason,
                final_at=at,
            )
            .execution_options(synchronize_session=False)
        )


def _put_off(session: Session, ids: list[int], until: datetime, reason: str) -> None:
    if ids:
        session.execute(
            update(Message)
            .where(_listed(session, ids), Message.state == states.Message.WAITING)
            .values(next_at=until, reason=reason)
            .execution_options(synchronize_session=False)
        )


def _fence(session: Session, ids: list[int], token: str, at: datetime) -> None:
    """Write down, before the first call, that these may be sent from now on, and by whom."""
    if not ids:
        return
    openid = select(Binding.openid).where(
        Binding.graduate_id == Message.graduate_id, Binding.ended_at.is_(None)
    )
    session.execute(
        update(Message)
        .where(_listed(session, ids), Message.state.in_(states.message_sources(MessageEvent.CLAIM)))
        .values(
            state=states.Message.SENDING,
            claim=token,
            lease_until=at + LEASE,
            maybe_since=func.coalesce(Message.maybe_since, at),
            tries=Message.tries + 1,
            openid=openid.scalar_subquery(),
            reason="",
        )
        .execution_options(synchronize_session=False)
    )


def _claimed(row: Due, token: str) -> Claimed:
    return Claimed(
        id=row.id,
        claim=token,
        client_msg_id=row.client_msg_id,
        kind=row.kind,
        campaign_id=row.campaign_id,
        facts=row.facts,
        school=row.school,
        openid=row.openid,
        maybe_before=row.maybe_since,
        tries=row.tries + 1,
    )


def _defer_to_morning(session: Session, settings: Settings, at: datetime) -> None:
    """Put event messages off to the end of the quiet hours, unless their kind goes at any hour."""
    morning = quiet_until(settings, at)
    if morning is not None:
        session.execute(
            update(Message)
            .where(
                Message.campaign_id.is_(None),
                Message.state == states.Message.WAITING,
                Message.next_at <= at,
                Message.kind.not_in(kinds_for_any_hour()),
            )
            .values(next_at=morning, reason="quiet_hours")
            .execution_options(synchronize_session=False)
        )
