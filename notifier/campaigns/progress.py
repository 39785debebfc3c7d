"""How a campaign stands, always counted from its rows: who got it, who did not, and why."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from notifier.ledger import outcomes, states
from notifier.ledger.mini_tables import CAME_AS_NOTICE, MiniNotice
from notifier.ledger.tables import Campaign, Message
from registry.accounts.school_tables import Department
from registry.record.tables import Graduate

RATE_WINDOW = timedelta(seconds=10)


@dataclass(frozen=True)
class Tally:
    """What became of messages; the counts of all states add up to `recipients`."""

    counts: Mapping[str, int]
    by_reason: Mapping[str, int]
    """How many failed, unknown or skipped messages have which reason."""
    waiting_for: Mapping[str, int]
    """How many waiting messages wait for what; those that are simply next are not among them."""

    @property
    def reachable(self) -> int:
        """Return how many a message could go to: not those found without a WeChat, and others."""
        return self.counts["recipients"] - self.counts["skipped"]

    @property
    def sent(self) -> int:
        """Return how many messages went out, whatever came of them."""
        return self.reachable - self.left

    @property
    def left(self) -> int:
        """Return how many messages are still to go out."""
        return self.counts["waiting"] + self.counts["sending"]


@dataclass(frozen=True)
class ReminderTally(Tally):
    """What became of all messages of a reminder, and of those that did not arrive."""

    instead: Mapping[str, int]
    """How many of which state a one-time notice came instead of, or may have."""

    @property
    def notices(self) -> int:
        """Return how many people a notice came to instead."""
        return sum(self.instead.values())

    @property
    def to_retry(self) -> int:
        """Return how many of those that failed can be sent again: not whom a notice told."""
        return self.counts["failed"] - self.instead.get(states.MessageState.FAILED, 0)


@dataclass(frozen=True)
class Progress(ReminderTally):
    """A campaign's state and its counts."""

    state: states.CampaignState
    reason: str
    """A code; `reason_sentence` is for people."""
    wait_until: datetime | None
    rate: float
    """Messages a second over the last ten seconds."""
    seconds_left: float | None
    """Estimate of what remains at that rate; None where nothing moves."""

    @property
    def reason_sentence(self) -> str:
        """Return the reason as people read it."""
        return outcomes.waiting_sentence(self.reason)


def progress(session: Session, campaign: Campaign, *, at: datetime) -> Progress:
    """Count the campaign's rows."""
    rows = session.execute(
        select(Message.state, Message.reason, func.count())
        .where(Message.campaign_id == campaign.id)
        .group_by(Message.state, Message.reason)
    )
    found = tally(rows)
    rate = _rate(session, campaign, at)
    return Progress(
        **vars(found),
        state=states.CampaignState(campaign.state),
        reason=campaign.reason,
        wait_until=campaign.wait_until,
        rate=rate,
        seconds_left=found.left / rate if rate else None,
        instead=came_instead(session, [campaign.id]) if found.by_reason else {},
    )


def came_instead(session: Session, campaign_ids: Collection[int]) -> dict[str, int]:
    """Count the messages that a one-time notice came instead of, or may have, by their state."""
    may_have = Message.state.in_([states.MessageState.FAILED, states.MessageState.SKIPPED])
    rows = session.execute(
        select(Message.state, func.count())
        .where(Message.campaign_id.in_(campaign_ids), may_have, CAME_AS_NOTICE)
        .group_by(Message.state)
    )
    return dict(rows.all())


def tally(rows: Iterable[tuple[str, str, int]]) -> Tally:
    """Add up messages of a state and a reason, so many each."""
    counts = dict.fromkeys(("recipients", *states.MessageState), 0)
    by_reason: dict[str, int] = {}
    waiting_for: dict[str, int] = {}
    for state, reason, number in rows:
        counts[state] += number
        counts["recipients"] += number
        if reason:
            group = waiting_for if state in states.OPEN_MESSAGES else by_reason
            group[reason] = group.get(reason, 0) + number
    return Tally(counts, _most_first(by_reason), _most_first(waiting_for))


def _most_first(counted: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counted.items(), key=lambda pair: -pair[1]))


def _rate(session: Session, campaign: Campaign, at: datetime) -> float:
    if states.CampaignState(campaign.state) is not states.CampaignState.SENDING:
        return 0.0
    recent = session.scalar(
        select(func.count()).where(
            Message.campaign_id == campaign.id, Message.accepted_at >= at - RATE_WINDOW
        )
    )
    return (recent or 0) / RATE_WINDOW.total_seconds()


class Result(NamedTuple):
    """What became of one recipient's message."""

    message_id: int
    graduate_key: str
    student_number: str
    name: str
    department: str
    class_name: str
    state: str
    reason: str
    at: datetime | None
    notice: str | None
    """What became of the one-time notice in its place; None where there is none."""

    @property
    def state_title(self) -> str:
        """Return the state as people read it."""
        return states.MESSAGE_TITLES[states.MessageState(self.state)]

    @property
    def reason_sentence(self) -> str:
        """Return the reason, and whether a notice came instead, as people read it."""
        return outcomes.sentence_of(self.reason, self.notice)


def results(
    session: Session,
    campaign: Campaign,
    *,
    state: states.MessageState | None = None,
    after: int = 0,
    limit: int = 50,
) -> Sequence[Result]:
    """Return recipients and what became of each, in order of message id, those after `after`."""
    wanted = (
        select(
            Message.id,
            Graduate.key,
            Graduate.student_number,
            Graduate.name,
            Department.name,
            Graduate.class_name,
            Message.state,
            Message.reason,
            func.coalesce(Message.final_at, Message.accepted_at),
            MiniNotice.state,
        )
        .outerjoin(MiniNotice, MiniNotice.message_id == Message.id)
        .join(Graduate, Graduate.id == Message.graduate_id)
        .join(Department, Department.id == Graduate.department_id)
        .where(Message.campaign_id == campaign.id, Message.id > after)
    )
    if state is not None:
        wanted = wanted.where(Message.state == state)
    return [Result._make(row) for row in session.execute(wanted.order_by(Message.id).limit(limit))]
