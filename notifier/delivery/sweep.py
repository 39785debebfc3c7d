"""The sweeper: puts right whatever nobody was asked to, and says which jobs have work waiting.

Every condition is open-ended ("longer ago than"), never a window that downtime can jump over, and
everything here may run any number of times, by any number of processes.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, case, exists, literal_column, or_, select, update
from sqlalchemy.orm import Session

from notifier.binding import contact_sms, employer_sms
from notifier.campaigns import campaigns
from notifier.delivery.claim import CRASH_LIMIT, WINDOW
from notifier.delivery.school_queues import pause_of
from notifier.ledger import mark, states
from notifier.ledger.states import CampaignEvent, MessageEvent
from notifier.ledger.tables import Campaign, Message
from notifier.wechat import pushes
from registry.base import moves
from registry.base.database import database_now
from registry.tasks import claims as task_claims
from runtime.jobs import Job
from runtime.resources import Resources
from runtime.settings import Settings

_WAITING = Message.state == states.MessageState.WAITING
# The index of unsettled campaigns serves only a condition that is written out.
_CANCELLED: ColumnElement[str] = literal_column(f"'{states.CampaignState.CANCELLED}'")
_BEGUN = (states.CampaignState.SENDING, states.CampaignState.WAITING, states.CampaignState.PAUSED)


def sweep(resources: Resources) -> set[Job]:
    """Mend the ledger and the campaigns, one short transaction each; return the jobs to wake.

    None of them waits for a message that another transaction holds: it is mended a second later.
    Nothing is mended of a ledger that was put back to a backup before `restored.keep` holds it.
    """
    remembered = mark.Remembered(resources)
    for mend in _MENDS:
        with resources.sessions.begin() as session:
            if remembered.is_ahead_of(session):
                return set()
            mend(session, resources.settings, database_now(session))
    with resources.readers.begin() as session:
        return _due(session, resources, database_now(session))


def _take_over_expired(session: Session, _: Settings, at: datetime) -> None:
    """Give back what a dead process had claimed; what killed several is put aside."""
    killed = Message.crashes + 1 >= CRASH_LIMIT
    session.execute(
        moves.moving_by_condition(
            states.MESSAGE,
            Message.state,
            [(killed, MessageEvent.LOSE)],
            MessageEvent.GIVE_BACK,
            _nobody_holds(Message.state == states.MessageState.SENDING, Message.lease_until < at),
            reason=case((killed, "crashed"), else_=""),
            final_at=case((killed, at)),
            crashes=Message.crashes + 1,
            next_at=at,
            claim=None,
            lease_until=None,
        )
    )


def _close_windows(session: Session, _: Settings, at: datetime) -> None:
    """Give up what can no longer be repeated safely, unless its campaign prefers delivery."""
    prefers_delivery = select(Campaign.id).where(Campaign.prefers == "delivery")
    again = Message.campaign_id.is_not(None) & Message.campaign_id.in_(prefers_delivery)
    closed = (_WAITING, Message.maybe_since.is_not(None), Message.maybe_since <= at - WINDOW)
    moves.move(
        session,
        states.MESSAGE,
        Message.state,
        MessageEvent.LOSE,
        _nobody_holds(*closed, ~again),
        reason="window_closed",
        final_at=at,
    )


def _nobody_holds(*those: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return the condition that a message is one of those, and locked by nobody else."""
    free = select(Message.id).where(*those).order_by(Message.id)
    return Message.id.in_(free.with_for_update(skip_locked=True))


def _end_expired(session: Session, _: Settings, at: datetime) -> None:
    """Cancel the campaigns whose last moment has passed, and close what waits of them."""
    expired = campaigns.move_all(
        session,
        CampaignEvent.CANCEL,
        Campaign.state.in_(_BEGUN),
        Campaign.not_after <= at,
        reason="expired",
        wait_until=None,
        finished_at=at,
    )
    for ident in expired:
        campaigns.close_waiting(session, ident, reason="expired", at=at)


def _finish(session: Session, _: Settings, at: datetime) -> None:
    """Finish the campaigns of which nothing is open any more.

    They are locked before the second look: a statement that waited for a lock sees the campaign
    as it is, but the messages as they were before, and somebody may have retried what failed.
    """
    none_open = ~exists().where(
        Message.campaign_id == Campaign.id, Message.state.in_(list(states.OPEN_MESSAGES))
    )
    may_finish = Campaign.state.in_(states.CAMPAIGN.sources(CampaignEvent.FINISH))
    locked = session.scalars(
        select(Campaign.id).where(may_finish, none_open).order_by(Campaign.id).with_for_update()
    ).all()
    if locked:
        campaigns.move_all(
            session,
            CampaignEvent.FINISH,
            Campaign.id.in_(locked),
            none_open,
            reason="",
            wait_until=None,
            finished_at=at,
        )


def _close_given_back(session: Session, _: Settings, at: datetime) -> None:
    """Close what a worker gave back after its campaign was cancelled.

    A cancelled campaign is settled once nothing of it is open: from then on nobody looks at it, so
    that a second costs what goes on, however many campaigns there ever were.
    """
    unsettled = (Campaign.state == _CANCELLED, Campaign.settled_at.is_(None))
    of_it = Message.campaign_id == Campaign.id
    given_back = exists().where(of_it, _WAITING)
    late = session.execute(select(Campaign.id, Campaign.reason).where(*unsettled, given_back))
    for ident, reason in late.all():
        campaigns.close_waiting(session, ident, reason=reason, at=at)
    is_open = exists().where(of_it, Message.state.in_(list(states.OPEN_MESSAGES)))
    session.execute(
        update(Campaign)
        .where(*unsettled, ~is_open)
        .values(settled_at=at)
        .execution_options(synchronize_session=False)
    )


def _wait_for_the_account(session: Session, settings: Settings, at: datetime) -> None:
    """Have what sends wait while the account is paused, and what waited long enough go on.

    What waits for a pause without an end goes on as soon as there is none.
    """
    pause = pause_of(session, settings, at)
    over = Campaign.wait_until <= at
    if pause is None:  # else they would only be moved there and back, each second
        over = or_(over, Campaign.wait_until.is_(None))
    campaigns.move_all(session, CampaignEvent.GO_ON, over, reason="", wait_until=None)
    if pause is not None:
        campaigns.move_all(session, CampaignEvent.WAIT, reason=pause.reason, wait_until=pause.until)


_MENDS = (
    _take_over_expired,
    _close_windows,
    _wait_for_the_account,
    _end_expired,
    _finish,
    _close_given_back,
)


def _due(session: Session, resources: Resources, at: datetime) -> set[Job]:
    jobs = set()
    if pause_of(session, resources.settings, at) is None and _messages_due(session, at):
        jobs.add(Job.DELIVER)
    scheduled = exists().where(
        Campaign.state == states.CampaignState.SCHEDULED, Campaign.start_at <= at
    )
    if session.scalar(select(scheduled)):
        jobs.add(Job.EXPAND)
    if pushes.is_due(session, at):
        jobs.add(Job.TAKE_IN)
    if any(each.is_due(session, resources.clock()) for each in (contact_sms, employer_sms)):
        jobs.add(Job.TELL_PHONES)
    if session.scalar(select(exists().where(task_claims.free(at)))):
        jobs.add(Job.DO_TASK)
    return jobs


def _messages_due(session: Session, at: datetime) -> bool:
    """Say whether any queue has a due message; asked queue by queue, so that an index answers."""
    due = (_WAITING, Message.next_at <= at)
    if session.scalar(select(exists().where(Message.campaign_id.is_(None), *due))):
        return True
    waiting = exists().where(Message.campaign_id == Campaign.id, *due)
    found = select(Campaign.id).where(Campaign.state == states.CampaignState.SENDING, waiting)
    return session.scalar(found.limit(1)) is not None
