"""What WeChat pushed: stored before it is answered, worked on later, each event once.

An event that is worked on twice does no harm: following is ordered by WeChat's own time, receipts
only raise a message's state, and a row is marked done by a guarded UPDATE in the same transaction.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Executable,
    and_,
    delete,
    literal,
    select,
    true,
    update,
)
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeEngine

from notifier.binding import bind
from notifier.ledger import receipts
from notifier.ledger.receipts import Receipt
from notifier.ledger.tables import StoredPush
from notifier.wechat import followers, posters
from notifier.wechat.callback import CallbackEvent
from notifier.wechat.followers import FollowEvent
from registry.base.database import clock_sql, database_now, insert_new, made_once
from registry.base.value_tables import parameters_of, rows_of, rows_to_come
from runtime import wakeups
from runtime.jobs import Job
from runtime.resources import Resources

BATCH = 1000
FORGOTTEN_AT_ONCE = 10_000
FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(hours=6)
PATIENCE = timedelta(days=7)
"""How long a receipt may wait for the message it is about."""
_NOT_HELD = frozenset({"201", "202", "203", "204", "205", "206", "207"})
"""Of RevokeInfo: address, invoice, card, microphone, nickname and avatar, place, pictures. Source:
the page "Authorized User Information Change" of the service account's documentation."""
_CODE = re.compile(r"[^\s,，;；]+")
APPLIED, UNMATCHED, IGNORED = "applied", "unmatched", "ignored"

Events = Sequence[StoredPush]


def store(session: Session, event: CallbackEvent) -> bool:
    """Keep an event and ask for it to be taken in; say whether it is a new one."""
    return bool(store_all(session, [event]))


def store_all(session: Session, came: Sequence[CallbackEvent]) -> set[str]:
    """Keep events, as come now by the database's clock; return the keys of those that are new."""
    rows = {event.dedup_key: vars(event) for event in came}.values()
    columns = {name: (kind, [row[name] for row in rows]) for name, kind in _GIVEN.items()}
    # Past the session's mapping, which costs as much as the rest: receipts come in bursts.
    kept = session.connection().execute(_keeping(session), parameters_of(session, "came", columns))
    new = set(kept.scalars())
    if new:
        wakeups.ask(session, Job.TAKE_IN)
    return new


_GIVEN: dict[str, TypeEngine[Any]] = {
    each.name: StoredPush.__table__.c[each.name].type for each in fields(CallbackEvent)
}


@made_once
def _keeping(session: Session) -> Executable:
    """Return the statement that keeps events."""
    came = rows_to_come(session, "came", _GIVEN)
    at = clock_sql(session)
    columns = [*_GIVEN, "received_at", "next_at", "outcome"]
    rows = select(*came.c, at, at, literal("")).where(true())  # or SQLite reads ON as a join's
    made = insert_new(session, StoredPush).from_select(columns, rows)
    return made.returning(StoredPush.dedup_key)


def is_due(at: datetime | BindParameter[datetime]) -> ColumnElement[bool]:
    """Return the condition that an event waits to be taken in."""
    return and_(StoredPush.done_at.is_(None), StoredPush.next_at <= at)


def take_in(
    resources: Resources, limit: int = BATCH, stop: Callable[[], bool] = lambda: False
) -> int:
    """Take in whatever is due, `limit` events a transaction; return how many were looked at.

    No transaction is begun once `stop` says so.
    """
    taken, last = 0, limit
    while last == limit and not stop():
        with resources.sessions.begin() as session:
            last = take_in_batch(session, database_now(session), limit)
        taken += last
    return taken


def take_in_batch(session: Session, at: datetime, limit: int = BATCH) -> int:
    """Take in up to `limit` due events, the oldest first; return how many there were."""
    events = session.scalars(
        select(StoredPush)
        .where(is_due(at))
        .order_by(StoredPush.next_at, StoredPush.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    left = {each.id for each in events}
    for names, apply in _APPLIED:
        mine = [each for each in events if each.event in names]
        _finish(session, done := apply(session, mine, at), APPLIED, at)
        left -= done
    unmatched = [each for each in events if each.id in left and each.event == _RECEIPT]
    _finish(session, left - {each.id for each in unmatched}, IGNORED, at)
    _put_off(session, unmatched, at)
    return len(events)


def forget(session: Session, before: datetime) -> bool:
    """Delete some of what was done with before a moment; say whether there may be more.

    What is still open stays.
    """
    done = StoredPush.done_at.is_not(None) & (StoredPush.done_at < before)
    some = select(StoredPush.id).where(done).order_by(StoredPush.done_at).limit(FORGOTTEN_AT_ONCE)
    gone = session.scalars(
        delete(StoredPush)
        .where(StoredPush.id.in_(some))
        .returning(StoredPush.id)
        .execution_options(synchronize_session=False)
    )
    return len(gone.all()) == FORGOTTEN_AT_ONCE


_RECEIPT = "TEMPLATESENDJOBFINISH"


def _apply_following(session: Session, events: Events, _at: datetime) -> set[int]:
    followers.apply_follow_events(
        session,
        [FollowEvent(each.openid, each.event == "subscribe", each.happened_at) for each in events],
    )
    posters.count_scans(session, events)
    return {each.id for each in events}


def _apply_scans(session: Session, events: Events, _at: datetime) -> set[int]:
    posters.count_scans(session, events)
    return {each.id for each in events}


def _apply_receipts(session: Session, events: Events, at: datetime) -> set[int]:
    came = [
        Receipt(
            push_id=each.id,
            openid=each.openid,
            wx_msgid=each.wx_msgid,
            status=each.status,
            happened_at=each.happened_at,
            received_at=each.received_at,
        )
        for each in events
    ]
    return receipts.apply(session, came, at) if came else set()


def _apply_revocations(session: Session, events: Events, at: datetime) -> set[int]:
    """End the bindings of who took WeChat's permission back (user_authorization_revoke).

    What we never held, such as an address, ends nothing: the event is kept, and no more.
    """
    ours = [each for each in events if not _is_of_others_data(each)]
    for each in ours:
        bind.end_of_openid(session, _person_of(each), "revoked", at)
    return {each.id for each in ours}


def _is_of_others_data(event: StoredPush) -> bool:
    named = {*_CODE.findall(event.content.get("RevokeInfo", ""))}
    return bool(named) and named <= _NOT_HELD


def _apply_closed_accounts(session: Session, events: Events, at: datetime) -> set[int]:
    """End binding and following of who closed the account (user_authorization_cancellation)."""
    gone = [FollowEvent(_person_of(each), subscribed=False, at=each.happened_at) for each in events]
    followers.apply_follow_events(session, gone)
    for each in gone:
        bind.end_of_openid(session, each.openid, "account_closed", at)
    return {each.id for each in events}


def _person_of(event: StoredPush) -> str:
    """Return whom a privacy event is about: its sender is the platform's own service."""
    return str(event.content.get("OpenID", event.openid))


_Apply = Callable[[Session, Events, datetime], set[int]]
_APPLIED: tuple[tuple[frozenset[str], _Apply], ...] = (
    (frozenset({"subscribe", "unsubscribe"}), _apply_following),
    (frozenset({"SCAN"}), _apply_scans),
    (frozenset({_RECEIPT}), _apply_receipts),
    (frozenset({"user_authorization_revoke"}), _apply_revocations),
    (frozenset({"user_authorization_cancellation"}), _apply_closed_accounts),
)
"""Events by name, and what applies them: it returns the ids of those it is done with."""


def _finish(session: Session, ids: set[int], outcome: str, at: datetime) -> None:
    if not ids:
        return
    done = rows_of(session, "done", {"id": (BigInteger(), sorted(ids))})
    session.execute(
        update(StoredPush)
        .where(StoredPush.id.in_(select(done.c.id)), StoredPush.done_at.is_(None))
        .values(done_at=at, outcome=outcome)
        .execution_options(synchronize_session=False)
    )


def _put_off(session: Session, unmatched: Events, at: datetime) -> None:
    """Try later what found no message yet, each pause as long as the wait so far; not for ever."""
    late = {each.id for each in unmatched if at - each.received_at >= PATIENCE}
    _finish(session, late, UNMATCHED, at)
    waiting = [
        {"id": each.id, "next_at": at + _pause(at - each.received_at), "outcome": UNMATCHED}
        for each in unmatched
        if each.id not in late
    ]
    if waiting:
        session.execute(update(StoredPush), waiting)


def _pause(waited: timedelta) -> timedelta:
    return min(max(waited, FIRST_PAUSE), LONGEST_PAUSE)
