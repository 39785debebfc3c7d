"""What one graduate was sent, and whether she can be reached, as the school sees it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from notifier.ledger import bindings, kinds, outcomes, states
from notifier.ledger.mini_tables import MiniNotice
from notifier.ledger.states import MiniNoticeState
from notifier.ledger.tables import Binding, Campaign, Follower, Message
from registry.base.detached import read_rows
from registry.base.listed import is_listed
from registry.record.scope import Scope, within
from registry.record.tables import Graduate

MOST = 200
BREACH_ANSWERED = "breach_answered"
"""The one kind that no school sees: it would tell who reported something."""


@dataclass(frozen=True)
class Sent:
    """A message of the ledger to one graduate."""

    kind: str
    state: states.MessageState
    reason: str
    created_at: datetime
    at: datetime | None
    """When it was settled, or accepted."""
    campaign: str | None
    campaign_key: str | None
    notice: MiniNoticeState | None
    """What became of the one-time notice in its place; None where there is none."""

    @property
    def title(self) -> str:
        """Return the message's title."""
        found = kinds.kinds().get(self.kind)
        return found.title if found else self.kind

    @property
    def reason_sentence(self) -> str:
        """Return why it is so, and whether a notice came instead, as people read it."""
        return outcomes.sentence_of(self.reason, self.notice)


def to_graduate(session: Session, scope: Scope, graduate_id: int) -> list[Sent]:
    """Return the messages to a graduate of the scope, newest first, but for those of reports."""
    rows = session.execute(
        select(Message, Campaign.title, Campaign.key, MiniNotice.state)
        .outerjoin(MiniNotice, MiniNotice.message_id == Message.id)
        .join(Graduate, Graduate.id == Message.graduate_id)
        .outerjoin(Campaign, Campaign.id == Message.campaign_id)
        .where(within(scope), Message.graduate_id == graduate_id, Message.kind != BREACH_ANSWERED)
        .order_by(Message.id.desc())
        .limit(MOST)
    )
    return [
        Sent(
            *(row.kind, states.MessageState(row.state), row.reason, row.created_at),
            *(row.final_at or row.accepted_at, title, key),
            MiniNoticeState(notice) if notice else None,
        )
        for row, title, key, notice in rows
    ]


@dataclass(frozen=True)
class Reachable:
    """Whether a graduate's WeChat is bound, since when, and whether it follows the account."""

    bound_at: datetime | None
    following: bool


def reachable(session: Session, graduate_id: int) -> Reachable:
    """Return how a graduate can be reached; the caller has seen to it that she is in scope."""
    row = session.execute(
        select(Binding.bound_at, Follower.subscribed)
        .outerjoin(Follower, Follower.openid == Binding.openid)
        .where(bindings.of_graduate(graduate_id))
    ).first()
    return (
        Reachable(row.bound_at, bool(row.subscribed)) if row else Reachable(None, following=False)
    )


def counts_by_campaign(
    session: Session, campaigns: Sequence[Campaign]
) -> dict[int, dict[states.MessageState, int]]:
    """Return how many messages of each campaign are in which state, by the campaign's number."""
    found = {each.id: dict.fromkeys(states.MessageState, 0) for each in campaigns}
    for campaign_id, state, number in read_rows(session, _by_campaign(), {"campaigns": [*found]}):
        found[campaign_id][states.MessageState(state)] = number
    return found


@cache
def _by_campaign() -> Select[int | None, str, int]:
    return (
        select(Message.campaign_id, Message.state, func.count())
        .where(is_listed(Message.campaign_id, "campaigns"))
        .group_by(Message.campaign_id, Message.state)
    )
