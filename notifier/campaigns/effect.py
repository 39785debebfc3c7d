"""What a reminder did (提醒效果): who confirmed in so many days, of those it reached and others.

Counted from the rows of the ledger and the answers by a duty, and kept with the campaign: a page
adds up what was kept. The time runs for each person from her own message: from when WeChat took it,
or from when it was found that she cannot be reached.
"""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, case, func, select, update
from sqlalchemy.orm import Session, sessionmaker

from notifier.ledger import kinds
from notifier.ledger.states import CampaignState, MessageState
from notifier.ledger.tables import Campaign, Message
from registry.base.seconds_sql import seconds_after
from registry.record.confirmation.states import ConfirmationState
from registry.record.tables import Answer, Confirmation

SPANS = (1, 3, 7)
"""Days after which it is looked at."""
SOONEST = timedelta(minutes=1)
PART_OF_AGE = 20
"""The older a reminder, the slower its figures change: it waits for this part of its age."""
A_TURN = 100
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
    """What a reminder, or several together, had done when they were counted."""

    reached: EffectGroup
    not_reached: EffectGroup
    over: tuple[bool, ...]
    """Whether each of `SPANS` is over for everybody: the figure changes no more."""
    at: datetime
    """When it was counted; of several, the one that was counted first."""


def is_measured(campaign: Campaign) -> bool:
    """Say whether a campaign asks to confirm and has begun: of others there is no effect."""
    kind = kinds.kinds().get(campaign.kind)  # None: of another version
    asks = kind is not None and kind.needless_when == ConfirmationState.CONFIRMED
    return asks and campaign.started_at is not None


def effect_of(campaign: Campaign) -> Effect | None:
    """Return what a campaign did when it was last counted; None where it was not, or has none."""
    said, at = campaign.effect, campaign.effect_at
    if said is None or at is None:
        return None
    reached, not_reached = (EffectGroup(people, tuple(within)) for people, *within in said)
    return Effect(reached, not_reached, _over(campaign, at), at)


def _over(campaign: Campaign, at: datetime) -> tuple[bool, ...]:
    ended = campaign.finished_at
    return tuple(ended is not None and at >= ended + timedelta(days=each) for each in SPANS)


def effect_of_several(campaigns: Collection[Campaign]) -> Effect | None:
    """Return what several did together; None where none was counted.

    No span is over while one of them is still to be counted: the figures will grow by it.
    """
    whole = together([told for each in campaigns if (told := effect_of(each))])
    if whole is None or not any(map(_is_awaited, campaigns)):
        return whole
    return replace(whole, over=(False,) * len(SPANS))


def _is_awaited(campaign: Campaign) -> bool:
    """Say whether it is still to be counted; what was cancelled before it began never is."""
    never_begins = campaign.started_at is None and campaign.state == CampaignState.CANCELLED
    return campaign.effect_at is None and not never_begins


def together(effects: Sequence[Effect]) -> Effect | None:
    """Return what several did together; None of none."""
    if not effects:
        return None
    return Effect(
        _sum([each.reached for each in effects]),
        _sum([each.not_reached for each in effects]),
        over=tuple(map(all, zip(*(each.over for each in effects), strict=True))),
        at=min(each.at for each in effects),
    )


def _sum(groups: Sequence[EffectGroup]) -> EffectGroup:
    within = zip(*(each.confirmed for each in groups), strict=True)
    return EffectGroup(sum(each.people for each in groups), tuple(map(sum, within)))


def measure_due(
    sessions: sessionmaker[Session], at: datetime, stop: Callable[[], bool] = lambda: False
) -> int:
    """Count what is due, a campaign a transaction; return how many. Twice does no harm.

    None is begun once `stop` says so.
    """
    number = 0
    while number < A_TURN and not stop():
        with sessions.begin() as session:
            campaign = _next_due(session, at)
            if campaign is None:
                break
            _keep(session, campaign, at)
        number += 1
    return number


def _next_due(session: Session, at: datetime) -> Campaign | None:
    """Return what is due longest; else what an older process began: it says of no next time."""
    due = select(Campaign).where(Campaign.effect_due <= at)
    found = session.scalar(due.order_by(Campaign.effect_due, Campaign.id).limit(1))
    if found is not None:
        return found
    never = (Campaign.started_at.is_not(None), Campaign.effect_at.is_(None))
    return session.scalar(select(Campaign).where(*never).order_by(Campaign.id).limit(1))


def _keep(session: Session, campaign: Campaign, at: datetime) -> None:
    """Count, and keep it until the next time; no row is locked while it is counted."""
    said = _counted(session, campaign) if is_measured(campaign) else None
    begun = campaign.started_at or at
    later = None if said is None or all(_over(campaign, at)) else at + _pause(at - begun)
    session.execute(
        update(Campaign)
        # What was sent again meanwhile has another time, and is counted anew.
        .where(Campaign.id == campaign.id, Campaign.effect_due == campaign.effect_due)
        .values(effect=said, effect_at=at, effect_due=later)
        .execution_options(synchronize_session=False)
    )


def _pause(age: timedelta) -> timedelta:
    return max(SOONEST, age / PART_OF_AGE)


def _counted(session: Session, campaign: Campaign) -> list[list[int]]:
    """Return, of those reached and of the others, how many they are and confirmed in each span."""
    counted = {True: Counter[int](), False: Counter[int]()}
    for reached, span, number in session.execute(_grouped(campaign)):
        counted[bool(reached)][span] += number
    return [_within(counted[True]), _within(counted[False])]


def _within(counted: Counter[int]) -> list[int]:
    within = (sum(counted[span] for span in SPANS if span <= each) for each in SPANS)
    return [counted.total(), *within]


def _grouped(campaign: Campaign) -> Select[bool, int, int]:
    """Return the query: whether reached, within which span she confirmed, and how many."""
    # Else each of the comparisons below would look for the answer anew.
    each = _answered(campaign).cte("answered").prefix_with("MATERIALIZED").c
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
