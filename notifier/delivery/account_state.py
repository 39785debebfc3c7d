"""How the account stands, for who runs the platform: counts and moments, no person's data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from notifier.delivery.school_queues import pause_and_use, pause_of
from notifier.ledger import account, kinds, outcomes, sent, states
from notifier.ledger.tables import Account, Campaign, Follower, Message, StoredPush
from notifier.wechat.pushes import UNMATCHED
from registry.accounts.school_tables import School
from registry.accounts.tables import AuditEntry, Staff
from runtime.settings import Settings

ALIVE_WITHIN = timedelta(minutes=2)
"""A clockwork that was not heard of for longer is taken to be down: it tells every ten seconds."""
EVENTS_SHOWN = timedelta(days=1)
MOST_CAMPAIGNS = 100
MOST_DEEDS = 10


@dataclass(frozen=True)
class AccountState:
    """Whether the account sends, and since when and why not."""

    app_id: str
    paused: bool
    since: datetime | None
    until: datetime | None
    """None while paused: until somebody resumes it."""
    reason: str
    detail: str
    """What WeChat said, with its request id."""
    templates_synced_at: datetime | None
    followers_synced_at: datetime | None
    followers_asked_at: datetime | None
    """None where nobody waits for them to be read."""
    clockwork_at: datetime | None

    @property
    def sentence(self) -> str:
        """Return the reason as people read it."""
        return outcomes.sentence(self.reason)


def read(session: Session, settings: Settings, at: datetime) -> AccountState:
    """Return how the account stands; one that nothing was noted of yet sends."""
    row = session.get(Account, settings.wechat_app_id) or Account(
        app_id=settings.wechat_app_id, pause_detail=""
    )
    pause = pause_of(session, settings, at)
    return AccountState(
        app_id=row.app_id,
        paused=pause is not None,
        since=row.paused_at if pause else None,
        until=pause.until if pause else None,
        reason=pause.reason if pause else "",
        detail=row.pause_detail if pause else "",
        templates_synced_at=row.templates_synced_at,
        followers_synced_at=row.followers_synced_at,
        followers_asked_at=row.followers_asked_at,
        clockwork_at=row.clockwork_at,
    )


def note_clockwork(session: Session, settings: Settings, at: datetime) -> None:
    """Note that a clockwork runs."""
    account.note(session, settings.wechat_app_id, clockwork_at=at)


def notice(session: Session, settings: Settings, at: datetime) -> str:
    """Return what a school has to know before it sends; empty where nothing stands in the way."""
    pause, use = pause_and_use(session, settings, at)
    if pause is not None:
        why = outcomes.sentence(pause.reason)
        if pause.until:
            return f"微信消息暂停发送：{why}。待发的消息不会丢失。"
        return f"微信消息暂停发送，由平台运维处理：{why}。待发的消息不会丢失，恢复后继续。"
    if use.nearly_used:
        return "全平台今日的微信消息额度已用去八成以上，发不完的零点后自动继续。"
    return ""


@dataclass(frozen=True)
class Backlog:
    """What waits, and since when the oldest of it."""

    number: int
    oldest: datetime | None


@dataclass(frozen=True)
class Backlogs:
    """Everything somebody should be at work on."""

    events: Backlog
    """Event messages that may be sent now."""
    campaigns: Backlog
    """Messages of campaigns that are sending, and may be sent now."""
    pushes: Backlog
    """What WeChat pushed and nobody took in yet."""
    receipts: Backlog
    """Receipts whose message is not known (yet): tried again, for a week."""


def backlogs(session: Session, at: datetime) -> Backlogs:
    """Return what is due, each answered along an index."""
    due = (Message.state == states.MessageState.WAITING, Message.next_at <= at)
    sending = select(Campaign.id).where(Campaign.state == states.CampaignState.SENDING)
    waiting = select(func.count(), func.min(Message.next_at)).where(*due)
    # What is told to few counts as due before it was written.
    since = case((Message.next_at > Message.created_at, Message.next_at), else_=Message.created_at)
    told = select(func.count(), func.min(since)).where(*due)
    pushed = select(func.count(), func.min(StoredPush.received_at)).where(
        StoredPush.done_at.is_(None)
    )
    queries = (
        told.where(Message.campaign_id.is_(None)),
        waiting.where(Message.campaign_id.in_(sending)),
        pushed.where(StoredPush.outcome != UNMATCHED),
        pushed.where(StoredPush.outcome == UNMATCHED),
    )
    return Backlogs(*(Backlog(*session.execute(query).one()) for query in queries))


def maybe_sent(session: Session) -> int:
    """Count the messages of a restored backup that may have been sent after it was made."""
    is_open = Message.state.in_(list(states.OPEN_MESSAGES))
    number = select(func.count()).where(Message.held_at.is_not(None), is_open)
    return session.scalar(number) or 0


@dataclass(frozen=True)
class KindCounts:
    """How the event messages of one kind went."""

    title: str
    counts: Mapping[states.MessageState, int]
    reasons: Sequence[tuple[str, int]]
    """Why those that were not sent or not delivered were not, and how many; the most first."""


def recent_events(session: Session, at: datetime) -> list[KindCounts]:
    """Count the event messages that were due within the last day, or will be."""
    rows = session.execute(
        select(Message.kind, Message.state, Message.reason, func.count())
        .where(
            Message.campaign_id.is_(None),
            Message.state.in_(list(states.MessageState)),
            Message.next_at >= at - EVENTS_SHOWN,
        )
        .group_by(Message.kind, Message.state, Message.reason)
        .order_by(func.count().desc())
    ).all()
    return [
        _counted(
            kind, [(states.MessageState(row[1]), row[2], row[3]) for row in rows if row[0] == name]
        )
        for name, kind in kinds.kinds().items()
        if any(row[0] == name for row in rows)
    ]


def _counted(kind: kinds.Kind, rows: Sequence[tuple[states.MessageState, str, int]]) -> KindCounts:
    counts = dict.fromkeys(states.MessageState, 0)
    reasons: dict[str, int] = {}
    for state, reason, number in rows:
        counts[state] += number
        if reason:
            sentence = outcomes.sentence(reason)
            reasons[sentence] = reasons.get(sentence, 0) + number
    return KindCounts(kind.title, counts, sorted(reasons.items(), key=lambda pair: -pair[1]))


@dataclass(frozen=True)
class UnderWay:
    """A school's campaign that is not at its end. Its title stays the school's."""

    key: str
    school: str
    kind: str
    state: states.CampaignState
    reason: str
    wait_until: datetime | None
    counts: Mapping[states.MessageState, int]

    @property
    def sentence(self) -> str:
        """Return why it does not send, as people read it."""
        return outcomes.waiting_sentence(self.reason)

    @property
    def total(self) -> int:
        """Return how many recipients it has."""
        return sum(self.counts.values())

    @property
    def left(self) -> int:
        """Return how many messages are not at their end."""
        return sum(self.counts[state] for state in states.OPEN_MESSAGES)


UNDER_WAY = (
    states.CampaignState.SENDING,
    states.CampaignState.WAITING,
    states.CampaignState.PAUSED,
)


def under_way(session: Session) -> list[UnderWay]:
    """Return all schools' campaigns that send, wait or were stopped, but not by their own staff."""
    rows = session.execute(
        select(Campaign, School.name)
        .join(School, School.id == Campaign.school_id)
        .where(Campaign.state.in_(UNDER_WAY), Campaign.reason != outcomes.PAUSED_BY_STAFF)
        .order_by(Campaign.id.desc())
        .limit(MOST_CAMPAIGNS)
    ).all()
    counts = sent.counts_by_campaign(session, [row.Campaign for row in rows])
    return [
        UnderWay(
            each.key,
            school,
            kinds.kinds()[each.kind].title,
            states.CampaignState(each.state),
            each.reason,
            each.wait_until,
            counts[each.id],
        )
        for each, school in rows
    ]


def followers(session: Session) -> int:
    """Count who follows the account, as far as we know."""
    return session.scalar(select(func.count()).where(Follower.subscribed)) or 0


@dataclass(frozen=True)
class Done:
    """Something an operator did."""

    at: datetime
    name: str
    action: str


def deeds(session: Session, subject: str) -> list[Done]:
    """Return what was done to the account on pages, newest first."""
    rows = session.execute(
        select(AuditEntry.at, Staff.name, AuditEntry.action)
        .join(Staff, AuditEntry.actor == "staff:" + Staff.key)
        .where(AuditEntry.school_id.is_(None), AuditEntry.subject == subject)
        .order_by(AuditEntry.id.desc())
        .limit(MOST_DEEDS)
    )
    return [Done(*row) for row in rows]
