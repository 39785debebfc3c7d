"""Claiming: a chunk of due messages is fenced by one guarded UPDATE before the first call is made.

The claim writes `sending`, the lease and the start of the ten-minute window in the transaction that
checks the window, and is committed before anything is sent (docs/delivery.md).
"""

import math
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Executable,
    Row,
    SQLColumnExpression,
    String,
    and_,
    bindparam,
    case,
    func,
    null,
    update,
)
from sqlalchemy.orm import Session

from notifier.campaigns.test_send import IS_TEST_SEND
from notifier.delivery import due
from notifier.delivery.due import AT, CAPPED, WAITING, Sort, any_unsure
from notifier.delivery.school_queues import SchoolQueue, kinds_for_any_hour, quiet_until
from notifier.ledger import mark, quota, receipts, states
from notifier.ledger.states import MessageEvent
from notifier.ledger.tables import Message
from registry.base import moves
from registry.base.clock import Seconds, elapsed_seconds
from registry.base.database import UtcDateTime, database_now
from runtime.settings import Settings

LEASE = timedelta(seconds=30)  # a chunk is two seconds of work and a call ends in ten
WINDOW = receipts.WINDOW
BEGIN_SECONDS = 10.0
"""A call is begun no later than this after its claim began: it ends while the lease still holds."""
CRASH_LIMIT = 3
MOST_IN_DOUBT = {0: 100_000, 1: 32, 2: 1}
"""How many messages may be claimed at once that were in flight when a process died: so that one
that kills its process is soon alone, and its neighbours are not blamed for it."""


class Claimed(NamedTuple):
    """A message that this process, and no other, may send now."""

    id: int
    client_msg_id: str
    kind: str
    campaign_id: int | None
    facts: str
    school_id: int
    openid: str
    maybe_before: datetime | None
    """`maybe_since` as it was before this claim: None if no earlier call may have been taken."""
    tries: int
    """Which try this is, from 1."""
    trace: str | None
    """What wrote it, where that is traced."""
    claim: str
    """The name of the claim, which every later write carries."""
    claimed_at: datetime
    """The database's clock when it was claimed."""


class Fence(NamedTuple):
    """What a claim is known by: a random name, and the database's clock when it was made."""

    name: str
    at: datetime
    latest: float = math.inf
    """Until when its calls may be begun, in seconds of the process's own clock."""

    @classmethod
    def now(cls, session: Session, elapsed: Seconds = elapsed_seconds) -> "Fence":
        """Make one with a new name. The time for its calls runs from before its clock is read."""
        latest = elapsed() + BEGIN_SECONDS
        return cls(uuid.uuid4().hex, database_now(session), latest)


class Wanted(NamedTuple):
    """What is to be claimed: at most how many, and how often they were in flight at a crash."""

    size: int
    crashes: int = 0


@dataclass(frozen=True)
class Chunk:
    """What one claim found."""

    claimed: list[Claimed]
    seen: int
    """How many due messages were looked at, also those that are not to be sent."""
    fence: Fence | None = None
    """What was claimed is known by it; None where nothing was."""
    number: int = 0
    """How many claims there were, this one among them; 0 where nothing is to be sent."""
    quota_left: bool = True


def claim(
    session: Session,
    settings: Settings,
    queue: SchoolQueue,
    at: datetime,
    *,
    wanted: Wanted,
    elapsed: Seconds = elapsed_seconds,
) -> Chunk:
    """Claim due messages of a queue; those that need no call are settled at once.

    `at` is the database's clock at the look. The claim's own clock is read when it holds the lock
    that all claims wait for: however long it waited, its window and its lease begin afterwards.
    """
    if queue.for_events:
        _defer_to_morning(session, settings, queue, at)
    sort, given = Sort.of(queue, wanted.crashes), due.values(settings, queue, at, wanted.crashes)
    if not session.scalar(due.any_due(sort), given):  # most looks end here, with nothing locked
        return Chunk([], 0)
    allowed = quota.remaining(session, settings, at, for_events=queue.for_events)
    limit = min(wanted.size, allowed, MOST_IN_DOUBT[wanted.crashes])
    if limit <= 0:
        return Chunk([], 0, quota_left=allowed > 0)
    fence = Fence.now(session, elapsed)
    if quota.day_of(fence.at) != quota.day_of(at):  # it waited over midnight: another day's quota
        return Chunk([], 0)
    given = due.values(settings, queue, fence.at, wanted.crashes) | _values(fence)
    rows = _take_due(session, sort, limit, given)
    sending = states.MessageState.SENDING
    claimed = [Claimed._make((*row[1:], fence.name, fence.at)) for row in rows if row[0] == sending]
    number = mark.number_claim(session, fence.at, len(claimed)) if claimed else 0
    return Chunk(claimed, len(rows), fence, number)


_CLAIM = bindparam("claim_name", type_=String())
_LEASE = bindparam("claim_lease", type_=UtcDateTime())
_SINCE = bindparam("claim_since", type_=UtcDateTime())
_TOMORROW = bindparam("claim_tomorrow", type_=UtcDateTime())
_MOST = bindparam("claim_most", type_=BigInteger())


def _values(fence: Fence) -> dict[str, Any]:
    """Return what a claim writes and compares with, beside what is due."""
    return {
        _CLAIM.key: fence.name,
        _LEASE.key: fence.at + LEASE,
        _SINCE.key: fence.at - WINDOW,
        _TOMORROW.key: quota.next_day(fence.at) + timedelta(hours=8),
    }


def _take_due(
    session: Session, sort: Sort, limit: int, given: Mapping[str, Any]
) -> list[Row[*tuple[Any, ...]]]:
    """Take what WeChat may have taken first: its window closes, however long the campaign is."""
    unsure: list[Row[*tuple[Any, ...]]] = []
    if any_unsure(session):
        unsure = _take(session, _taking(sort, unsure=True), limit, given)
    return unsure + _take(session, _taking(sort, unsure=False), limit - len(unsure), given)


def _take(
    session: Session, taking: Executable, limit: int, given: Mapping[str, Any]
) -> list[Row[*tuple[Any, ...]]]:
    """Write what becomes of each; return its new state and what a `Claimed` holds."""
    return list(session.execute(taking, {**given, _MOST.key: limit}).all())


@cache
def _taking(sort: Sort, *, unsure: bool) -> Executable:
    """Move each due message: it may be sent from now on, or there is a reason against it.

    With a reason it is skipped or put off; if it may have gone out before, it is unknown. `unsure`
    takes those that WeChat may have taken, after their window too for a campaign that prefers
    delivery; else the others are taken.
    """
    sure = Message.maybe_since.is_(None)
    in_window = Message.maybe_since > _SINCE
    chosen = (~sure if sort.prefers_delivery else in_window) if unsure else sure
    those = due.due(sort).where(chosen).limit(_MOST).cte("due")
    send, put_off = those.c.why == "", those.c.why == CAPPED
    taken = moves.moving_by_condition(
        states.MESSAGE,
        Message.state,
        [
            (send, MessageEvent.CLAIM),
            (put_off, MessageEvent.PUT_OFF),
            (Message.maybe_since.is_not(None), MessageEvent.LOSE),
        ],
        MessageEvent.SKIP,
        Message.id == those.c.id,
        **_columns(those.c.why, those.c.openid),
    )
    return taken.returning(*_returned(Message.maybe_since if unsure else null()))


def _returned(maybe_before: SQLColumnExpression[Any]) -> tuple[SQLColumnExpression[Any], ...]:
    """Return the new state, and the columns of a `Claimed` that the claim does not know."""
    return (
        Message.state,
        Message.id,
        Message.client_msg_id,
        Message.kind,
        Message.campaign_id,
        Message.facts,
        Message.school_id,
        Message.openid,
        maybe_before,
        Message.tries,
        Message.trace,
    )


def _columns(why: ColumnElement[str], openid: ColumnElement[str]) -> dict[str, ColumnElement[Any]]:
    """Return what is written of a due message beside its state: by whom it is sent and to whom."""
    send, put_off = why == "", why == CAPPED
    return {
        "reason": why,
        "claim": case((send, _CLAIM)),
        "openid": case((send, openid), else_=Message.openid),
        "lease_until": case((send, _LEASE)),
        "maybe_since": case(
            (send & _is_another_copy(openid), _SINCE),
            (send, func.coalesce(Message.maybe_since, AT)),
            else_=Message.maybe_since,
        ),
        "tries": Message.tries + case((send, 1), else_=0),
        "next_at": case((put_off, _TOMORROW), else_=Message.next_at),
        "final_at": case((~send & ~put_off, AT)),
    }


def _is_another_copy(openid: ColumnElement[str]) -> ColumnElement[bool]:
    """Return whether WeChat may take a repeat inside the window too: it goes to another openid.

    Then the window is as good as over.
    """
    return and_(Message.openid != openid, Message.maybe_since > _SINCE)


def give_back(session: Session, fence: Fence) -> None:
    """Undo a claim of which nothing was sent, since nobody heard that it was committed."""
    back = moves.move(
        session,
        states.MESSAGE,
        Message.state,
        MessageEvent.GIVE_BACK,
        Message.claim == fence.name,
        claim=None,
        lease_until=None,
        maybe_since=case((Message.maybe_since == fence.at, None), else_=Message.maybe_since),
        tries=Message.tries - 1,
    )
    quota.give_back(session, quota.day_of(fence.at), len(back))


def _defer_to_morning(
    session: Session, settings: Settings, queue: SchoolQueue, at: datetime
) -> None:
    """Put event messages off to the end of the quiet hours: all but test sends and some kinds."""
    morning = quiet_until(settings, at)
    if morning is not None:
        put_off = (
            update(Message)
            .where(
                due.in_queue(Sort.of(queue, 0)),
                WAITING,
                Message.next_at <= at,
                Message.kind.not_in(kinds_for_any_hour()),
                ~IS_TEST_SEND,
            )
            .values(next_at=morning, reason="quiet_hours")
            .execution_options(synchronize_session=False)
        )
        session.execute(put_off, due.values(settings, queue, at, 0))
