"""What operators watch, as figures with units: read from the database, the same for every host.

A figure counts and says how old the oldest is; it names no person and no school. The names are
Prometheus's (`docs/runbook.md`); `quxiang status` prints the same.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from notifier.delivery import account_state
from notifier.delivery.account_state import Backlog
from notifier.delivery.school_queues import pause_of_app
from notifier.ledger import quota, states
from notifier.ledger.mini_tables import MiniNotice
from notifier.ledger.tables import Message
from registry.accounts.audit_log import chain
from registry.interface import sync_health
from registry.tasks.states import MOVING
from registry.tasks.tables import Task
from runtime.settings import Settings


@dataclass(frozen=True)
class Figure:
    """One figure, or one for each value of its labels."""

    name: str
    """Ends with its unit: `_seconds`, or what is counted."""
    about: str
    labels: tuple[str, ...] = ()
    values: Sequence[tuple[tuple[str, ...], float]] = field(default_factory=list)


def read(session: Session, settings: Settings, at: datetime) -> list[Figure]:
    """Return all figures as they stand."""
    return [
        *_of_the_account(session, settings, at),
        *_of_messages(session, at),
        *_of_notices(session, settings, at),
        *_of_tasks(session, at),
        *_of_provinces(session, at),
        _of_the_audit_log(session, at),
    ]


def _of_the_account(session: Session, settings: Settings, at: datetime) -> Iterator[Figure]:
    account, used = account_state.read(session, settings, at), quota.use(session, settings, at)
    paused = [((account.reason,), 1.0)] if account.paused else [(("",), 0.0)]
    yield Figure("quxiang_account_paused", "Whether the account sends nothing", ("reason",), paused)
    left = [(("event",), float(used.left)), (("campaign",), float(used.left_for_campaigns))]
    yield Figure("quxiang_quota_left_messages", "What may be sent today", ("sort",), left)
    seen = [((), _age(account.clockwork_at, at))] if account.clockwork_at else []
    yield Figure("quxiang_clockwork_silence_seconds", "Since a clockwork told of itself", (), seen)


def _of_messages(session: Session, at: datetime) -> Iterator[Figure]:
    found = account_state.backlogs(session, at)
    due = {"event": found.events, "campaign": found.campaigns}
    pushed = {"push": found.pushes, "receipt": found.receipts}
    yield from _backlogs("quxiang_due", "Messages that may be sent now", due, at)
    yield from _backlogs("quxiang_untaken", "Pushes of WeChat that were not taken in", pushed, at)
    over = (Message.state == states.MessageState.SENDING, Message.lease_until < at)
    number = session.scalar(select(func.count(Message.id)).where(*over)) or 0
    about = "Messages whose worker died with them: taken over by another"
    yield Figure("quxiang_in_doubt_messages", about, (), [((), float(number))])
    yield Figure(
        "quxiang_day_event_messages",
        "Event messages of the last day and to come, by what became of them",
        ("kind", "state"),
        _recent(session, at),
    )


def _of_notices(session: Session, settings: Settings, at: datetime) -> Iterator[Figure]:
    since = MiniNotice.claimed_at >= at - account_state.EVENTS_SHOWN
    rows = session.execute(
        select(MiniNotice.state, func.count()).where(since).group_by(MiniNotice.state)
    )
    found = [((state,), float(number)) for state, number in rows]
    about = "One-time notices of the last day, by what became of them"
    yield Figure("quxiang_day_notices", about, ("state",), found)
    pause = pause_of_app(session, settings.mini_app_id, at)
    held = [((pause.reason,), 1.0)] if pause else [(("",), 0.0)]
    about = "Whether no one-time notice is sent, after an answer of WeChat's"
    yield Figure("quxiang_notices_held", about, ("reason",), held)


def _recent(session: Session, at: datetime) -> list[tuple[tuple[str, ...], float]]:
    rows = session.execute(
        select(Message.kind, Message.state, func.count())
        .where(
            Message.campaign_id.is_(None),
            Message.state.in_(list(states.MessageState)),
            Message.next_at >= at - account_state.EVENTS_SHOWN,
        )
        .group_by(Message.kind, Message.state)
    )
    return [((kind, state), float(number)) for kind, state, number in rows]


def _backlogs(
    name: str, about: str, found: dict[str, Backlog], at: datetime
) -> tuple[Figure, Figure]:
    numbers = [((sort,), float(each.number)) for sort, each in found.items()]
    ages = [((sort,), _age(each.oldest, at)) for sort, each in found.items()]
    oldest = f"{about}: how long the oldest waits"
    return (
        Figure(f"{name}_messages", about, ("sort",), numbers),
        Figure(f"{name}_oldest_seconds", oldest, ("sort",), ages),
    )


def _of_tasks(session: Session, at: datetime) -> Iterator[Figure]:
    rows = session.execute(
        select(Task.state, func.count(), func.min(Task.created_at))
        .where(Task.state.in_(list(MOVING)))
        .group_by(Task.state)
    ).all()
    found = {state: Backlog(number, oldest) for state, number, oldest in rows}
    every = {state.value: found.get(state, Backlog(0, None)) for state in sorted(MOVING)}
    numbers = [((state,), float(each.number)) for state, each in every.items()]
    ages = [((state,), _age(each.oldest, at)) for state, each in every.items()]
    yield Figure("quxiang_open_tasks", "Background tasks", ("state",), numbers)
    about = "Background tasks: since when the oldest was asked for"
    yield Figure("quxiang_tasks_oldest_seconds", about, ("state",), ages)


def _of_provinces(session: Session, at: datetime) -> Iterator[Figure]:
    found = sync_health.by_province(session, at)
    about = "Since records of a school came last: of each province the school that waits longest"
    ages = [
        ((each,), max(_age(one.synced_at, at) for one in those)) for each, those in found.items()
    ]
    yield Figure("quxiang_sync_age_seconds", about, ("province",), ages)
    about = "Schools of a province whose records are late, or were not taken to a large share"
    troubled = [
        ((each,), float(sum(one.is_troubled for one in those))) for each, those in found.items()
    ]
    yield Figure("quxiang_sync_troubled_schools", about, ("province",), troubled)
    unread = [((province,), float(n)) for province, n in sync_health.unread(session).items()]
    about = "Entries of a province's feed that its system has not read"
    yield Figure("quxiang_feed_unread_entries", about, ("province",), unread)


def _of_the_audit_log(session: Session, at: datetime) -> Figure:
    about = "How long the oldest row of the audit log waits to be chained"
    age = _age(chain.oldest_unchained(session), at)
    return Figure("quxiang_audit_unchained_seconds", about, (), [((), age)])


def _age(since: datetime | None, at: datetime) -> float:
    return max(0.0, (at - since).total_seconds()) if since else 0.0
