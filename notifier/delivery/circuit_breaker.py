"""When sending stops by itself: a ban, a wrong secret, a used-up quota, refusals in a row."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, literal, or_, select, true, update
from sqlalchemy.orm import Session

from notifier.campaigns import campaigns
from notifier.delivery import school_queues
from notifier.delivery.claim import WINDOW, Claimed
from notifier.delivery.due import WAITING
from notifier.delivery.verdict import EVENTS_HELD
from notifier.ledger import account, outcomes, quota, states
from notifier.ledger.outcomes import Outcome, Reaction
from notifier.ledger.states import CampaignEvent, MessageEvent
from notifier.ledger.tables import Account, Campaign, Message
from notifier.wechat import templates
from registry.base import moves
from runtime import wakeups
from runtime.jobs import Job
from runtime.settings import Settings


@dataclass(frozen=True, slots=True)
class Stop:
    """What has to stop, and why."""

    campaign_id: int | None
    outcome: Outcome
    detail: str
    kind: str = ""
    """Which event messages, where it is no campaign's matter."""
    refused: tuple[int, ...] = ()
    """The messages that got this answer in a row."""

    @property
    def whole_account(self) -> bool:
        """Say whether nothing may be sent at all."""
        return self.outcome.reaction in {Reaction.ACCOUNT, Reaction.QUOTA}


class Streaks:
    """Counts equal answers in a row, for each campaign and, of event messages, for each kind.

    An accepted message ends a streak.
    """

    def __init__(self) -> None:
        """Begin without any."""
        self._rows: dict[tuple[int | None, str], tuple[str, list[int]]] = {}

    def note(self, message: Claimed, outcome: Outcome, detail: str) -> Stop | None:
        """Count an answer; return what it stops, if it does."""
        whose = message.campaign_id, message.kind
        if outcome is outcomes.ACCEPTED:
            self._rows.pop(whose, None)
            return None
        limit = outcomes.stops_after(outcome)
        code, row = self._rows.get(whose, ("", []))
        row = [*(row if code == outcome.code else []), message.id][-(limit or 1) :]
        self._rows[whose] = (outcome.code, row)
        if limit is None or len(row) < limit:
            return None
        return Stop(message.campaign_id, outcome, detail, message.kind, tuple(row))


def apply(session: Session, settings: Settings, stop: Stop, at: datetime) -> None:
    """Pause the campaign or the account, or hold a kind, with the reason an operator needs."""
    if stop.whole_account:
        pause_account(session, settings, stop, at)
    elif stop.campaign_id is not None:
        campaign = session.scalar(select(Campaign).where(Campaign.id == stop.campaign_id))
        if campaign is not None:
            campaigns.move(session, campaign, CampaignEvent.PAUSE, reason=stop.outcome.code)
            mine = Message.campaign_id == campaign.id
            campaigns.take_refused_back(session, stop.outcome.code, at, mine)
    else:
        _hold_events(session, stop, at)
    if stop.outcome.code in outcomes.TEMPLATE_REFUSED:
        gone = stop.outcome.code == outcomes.TEMPLATE_GONE
        templates.note_refused(session, settings.wechat_app_id, stop.kind, at, gone=gone)


def _hold_events(session: Session, stop: Stop, at: datetime) -> None:
    """Put the event messages of a kind off: some are tried again each few minutes, not all.

    Those that were refused in the same row wait with them.

    A message that WeChat may have taken keeps its time: it is repeated inside the window.
    """
    until = at + EVENTS_HELD
    refused = Message.id.in_(stop.refused)
    campaigns.take_refused_back(session, stop.outcome.code, until, refused)
    session.execute(
        update(Message)
        .where(
            Message.campaign_id.is_(None),
            WAITING,
            Message.kind == stop.kind,
            Message.next_at < until,
            Message.maybe_since.is_(None),
        )
        .values(next_at=until, reason=stop.outcome.code)
        .execution_options(synchronize_session=False)
    )


def pause_account(session: Session, settings: Settings, stop: Stop, at: datetime) -> None:
    """Pause the account: for the quota until midnight in Beijing, else until it is resumed.

    What was in flight may still report: a pause keeps its beginning, and one that waits for a
    person is not replaced by one that ends by itself.
    """
    until = quota.next_day(at) if stop.outcome.reaction is Reaction.QUOTA else None
    mine = Account.app_id == settings.wechat_app_id
    in_force = school_queues.pause_in_force(at)
    account.make_sure(session, settings.wechat_app_id)
    session.execute(
        update(Account)
        .where(mine, ~(in_force & Account.paused_until.is_(None)) if until else true())
        .values(
            paused_at=case((in_force, func.coalesce(Account.paused_at, at)), else_=at),
            paused_until=until,
            pause_reason=stop.outcome.code,
            pause_detail=stop.detail[:300],
        )
        .execution_options(synchronize_session=False)
    )


FORGOTTEN = "maybe_before_restore"
"""Said of a message that stood in a restored backup: it may have been sent after the backup."""


def resume_account(
    session: Session, settings: Settings, at: datetime, *, send_again: bool = False
) -> None:
    """Let the account send again, at once, and every campaign that waited for it.

    What may have been sent before a backup was restored is given up as unknown, unless its campaign
    prefers delivery or `send_again` says that nothing was sent.
    """
    session.execute(
        update(Account)
        .where(Account.app_id == settings.wechat_app_id)
        .values(paused_at=None, paused_until=None, pause_reason=None, pause_detail="")
        .execution_options(synchronize_session=False)
    )
    _settle_held(session, at, send_again=send_again)
    campaigns.move_all(
        session,
        CampaignEvent.GO_ON,
        Campaign.reason.in_(outcomes.account_pauses()),
        reason="",
        wait_until=None,
    )
    wakeups.ask(session, Job.DELIVER)


def _settle_held(session: Session, at: datetime, *, send_again: bool) -> None:
    """Decide about what a restored backup had open: sent again, or unknown.

    What is sent again without the operator's word that nothing was sent may have come before, as
    long ago as nobody knows: its window is over.
    """
    prefers_delivery = select(Campaign.id).where(Campaign.prefers == "delivery")
    again = or_(literal(send_again), Message.campaign_id.in_(prefers_delivery))
    held = Message.held_at.is_not(None)
    over = at - WINDOW
    may_have_come = case((Message.maybe_since < over, Message.maybe_since), else_=over)
    session.execute(
        update(Message)
        .where(held, Message.state.in_(list(states.OPEN_MESSAGES)), again)
        .values(
            held_at=None,
            maybe_since=Message.maybe_since if send_again else may_have_come,
            reason="",
        )
        .execution_options(synchronize_session=False)
    )
    moves.move(
        session,
        states.MESSAGE,
        Message.state,
        MessageEvent.LOSE,
        held,
        held_at=None,
        reason=FORGOTTEN,
        final_at=at,
        claim=None,
        lease_until=None,
    )
