"""What a reminder did (提醒效果): who confirmed in so many days, of those it reached and others.

Counted from the rows of the ledger and the answers, never kept. The time runs for each person from
her own message: from when WeChat took it, or from when it was found that she cannot be reached.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, case, func, select
from sqlalchemy.orm import Session

from notifier.ledger import kinds, states
from notifier.ledger.states import MessageState
from notifier.ledger.tables import Campaign, Message
from registry.base.seconds_sql import seconds_after
from registry.record.confirmation.states import ConfirmationState
from registry.record.tables import Answer, Confirmation

SPANS = (1, 3, 7)
"""Days after which it is looked at."""
_DAY = 86400.0
_LATER = 0
"""Of who confirmed after all spans, or has not."""
_REACHED = Message.state.in_((MessageState.ACCEPTED, MessageState.DELIVERED))
_OBSTACLES = ("not_bound", "not_following", "refused")
_NOT_REACHED = (Message.state == MessageState.FAILED) | and_(
    Message.state == MessageState.SKIPPED, Message.reason.in_(_OBSTACLES)
)
"""Who had confirmed before, or had no message for another reason, is in neither group."""


@dataclass(frozen=True)
class EffectGroup:
    """Some recipients, and how many of them confirmed within each of `SPANS`."""

    people: int
    confirmed: tuple[int, ...]

    def share(self, place: int) -> str:
        """Return the share of a span in per cent, as it is read; of nobody, a dash."""
        return f"{self.confirmed[place] * 100 / self.people:.1f}%" if self.people else "—"


@dataclass(frozen=True)
class Effect:
    """What a reminder did until now."""

    reached: EffectGroup
    not_reached: EffectGroup
    over: tuple[bool, ...]
    """Whether each of `SPANS` is over for everybody: the figure changes no more."""


def is_measured(campaign: Campaign) -> bool:
    """Say whether a campaign asks to confirm and has begun: of others there is no effect."""
    kind = kinds.kinds().get(campaign.kind)  # None: of another version
    asks = kind is not None and kind.needless_when == ConfirmationState.CONFIRMED
    return asks and campaign.started_at is not None


def effect_of(session: Session, campaign: Campaign, at: datetime) -> Effect | None:
    """Count what a reminder did; None where it has none (`is_measured`)."""
    if not is_measured(campaign) or campaign.started_at is None:
        return None
    counted = {True: Counter[int](), False: Counter[int]()}
    for reached, span, number in session.execute(_grouped(campaign)):
        counted[bool(reached)][span] += number
    live = states.CampaignState(campaign.state) in states.LIVE_CAMPAIGNS
    ended = at if live else campaign.finished_at or campaign.started_at
    over = tuple(at >= ended + timedelta(days=each) for each in SPANS)
    return Effect(_group(counted[True]), _group(counted[False]), over)


def _group(counted: Counter[int]) -> EffectGroup:
    within = (sum(counted[span] for span in SPANS if span <= each) for each in SPANS)
    return EffectGroup(counted.total(), tuple(within))


def _grouped(campaign: Campaign) -> Select[bool, int, int]:
    """Return the query: whether reached, within which span she confirmed, and how many."""
    each = _answered(campaign).subquery().c
    spans = [(each.seconds <= days * _DAY, days) for days in SPANS]
    span: ColumnElement[int] = case(*spans, else_=_LATER)
    return select(each.reached, span, func.count()).group_by(each.reached, span)


def _answered(campaign: Campaign) -> Select[bool, float]:
    """Return of each recipient whether she was reached, and how long she took to confirm."""
    came_at = func.coalesce(Message.accepted_at, Message.final_at, Message.created_at)
    first = (
        select(func.min(Confirmation.answered_at))
        .where(
            Confirmation.graduate_id == Message.graduate_id,
            Confirmation.answer == Answer.CORRECT,
            Confirmation.answered_at >= came_at,
        )
        .correlate(Message)
        .scalar_subquery()
    )
    reached = case((_REACHED, True), else_=False)
    return select(reached.label("reached"), seconds_after(came_at, first).label("seconds")).where(
        Message.campaign_id == campaign.id, _REACHED | _NOT_REACHED
    )
