"""The account's last month, day by day: quota used, and what became of messages."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from notifier.ledger import quota, states
from notifier.ledger.tables import Campaign, Message, QuotaDay
from registry.accounts.tables import AuditEntry
from registry.base.clock import SHANGHAI
from registry.base.day_sql import shanghai_day

DAYS = 31
CAMPAIGN_AGE = timedelta(days=60)
"""How long before the month a campaign may have been made whose messages were due in it."""
STOPS = {"account_pause": "暂停发送", "account_resume": "恢复发送"}


@dataclass
class AccountDay:
    """One day of Asia/Shanghai."""

    day: date
    used: int = 0
    """Of the day's quota, reserved for calls."""
    numbers: dict[states.MessageState, int] = field(
        default_factory=lambda: dict.fromkeys(states.MessageState, 0)
    )
    """Messages that were due on the day, by where they stand now."""
    stops: list[str] = field(default_factory=list)
    """What operators did to the sending."""


def month(session: Session, account_subject: str, at: datetime) -> list[AccountDay]:
    """Return the last 31 days, newest first; `account_subject` is how the audit log names it."""
    today = quota.day_of(at)
    days = {day: AccountDay(day) for day in (today - timedelta(days=n) for n in range(DAYS))}
    since = datetime.combine(min(days), time.min, SHANGHAI)
    for day, used in session.execute(select(QuotaDay.day, QuotaDay.reserved)):
        if day in days:
            days[day].used = used
    _add_messages(session, days, since)
    _add_stops(session, days, account_subject, since)
    return list(days.values())


def _add_messages(session: Session, days: Mapping[date, AccountDay], since: datetime) -> None:
    """Count along the ledger's index: event messages, and those of the campaigns of the time."""
    recent = select(Campaign.id).where(Campaign.created_at >= since - CAMPAIGN_AGE)
    those: tuple[ColumnElement[bool], ...] = (
        Message.campaign_id.is_(None),
        Message.campaign_id.in_(recent),
    )
    day = shanghai_day(Message.next_at)
    for which in those:
        rows = session.execute(
            select(day, Message.state, func.count())
            .where(which, Message.state.in_(list(states.MessageState)), Message.next_at >= since)
            .group_by(day, Message.state)
        )
        for due_on, state, number in rows:
            if due_on in days:
                days[due_on].numbers[states.MessageState(state)] += number


def _add_stops(
    session: Session, days: Mapping[date, AccountDay], subject: str, since: datetime
) -> None:
    rows = session.execute(
        select(AuditEntry.at, AuditEntry.action)
        .where(
            AuditEntry.subject == subject,
            AuditEntry.at >= since,
            or_(*(AuditEntry.action == each for each in STOPS)),
        )
        .order_by(AuditEntry.id)
    )
    for moment, action in rows:
        local = moment.astimezone(SHANGHAI)
        if local.date() in days:
            days[local.date()].stops.append(f"{local:%H:%M} {STOPS[action]}")
