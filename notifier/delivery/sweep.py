"""The sweeper: puts right whatever nobody was asked to, and says which jobs have work waiting.

Every condition is open-ended ("longer ago than"), never a window that downtime can jump over, and
everything here may run any number of times, by any number of processes.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, case, exists, or_, select, update
from sqlalchemy.orm import Session

from notifier.campaigns import campaigns
from notifier.delivery import look
from notifier.delivery.claim import CRASH_LIMIT
from notifier.delivery.due import WAITING
from notifier.delivery.school_queues import pause_of
from notifier.ledger import mark, states
from notifier.ledger.states import CampaignEvent, MessageEvent
from notifier.ledger.tables import Campaign, Message
from registry.base import moves
from registry.base.database import database_now
from runtime.jobs import Job
from runtime.resources import Resources
from runtime.settings import Settings


def sweep(resources: Resources) -> set[Job]:
    """Mend the ledger and the campaigns, one short transaction each; return the jobs to wake.

    Where one look finds nothing to be mended, nothing is tried.

    None of them waits for a message that another transaction holds: it is mended a second later.
    Nothing is mended of a ledger that was put back to a backup before `restored.keep` holds it.
    """
    remembered = mark.Remembered(resources)
    to_mend, jobs = _look(resources, remembered)
    if not to_mend:
        return jobs
    for mend in _MENDS:
        with resources.sessions.begin() as session:
            if remembered.is_ahead_of(session):
                return set()
            mend(session, resources.settings, database_now(session))
    return _look(resources, remembered)[1]


def _look(resources: Resources, remembered: mark.Remembered) -> tuple[bool, set[Job]]:
    with resources.readers.begin() as session:
        if remembered.is_ahead_of(session):
            return False, set()
        return look.look(session, resources, database_now(session))


def _take_over_expired(session: Session, _: Settings, at: datetime) -> None:
    """Give back what a dead process had claimed; what killed several is put aside."""
    killed = Message.crashes + 1 >= CRASH_LIMIT
    session.execute(
        moves.moving_by_condition(
            states.MESSAGE,
            Message.state,
            [(killed, MessageEvent.LOSE)],
            MessageEvent.GIVE_BACK,
            _nobody_holds(look.is_lost(at)),
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
    moves.move(
        session,
        states.MESSAGE,
        Message.state,
        MessageEvent.LOSE,
        _nobody_holds(look.has_closed(look.closed_windows(at))),
        reason="window_closed",
        final_at=at,
    )


def _nobody_holds(those: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return the condition that a message is one of those, and locked by nobody else."""
    free = select(Message.id).where(those)
    return Message.id.in_(free.with_for_update(skip_locked=True))


def _end_expired(session: Session, _: Settings, at: datetime) -> None:
    """Cancel the campaigns whose last moment has passed, and close what waits of them."""
    expired = campaigns.move_all(
        session,
        CampaignEvent.CANCEL,
        look.is_past(at),
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
    done = select(Campaign.id).where(look.MAY_FINISH, look.NONE_OPEN).order_by(Campaign.id)
    locked = session.scalars(done.with_for_update()).all()
    if locked:
        campaigns.move_all(
            session,
            CampaignEvent.FINISH,
            Campaign.id.in_(locked),
            look.NONE_OPEN,
            reason="",
            wait_until=None,
            finished_at=at,
            effect_due=at,  # whatever its age: it may have been sent again after weeks
        )


def _close_given_back(session: Session, _: Settings, at: datetime) -> None:
    """Close what a worker gave back after its campaign was cancelled.

    A cancelled campaign is settled once nothing of it is open: from then on nobody looks at it, so
    that a second costs what goes on, however many campaigns there ever were.
    """
    given_back = exists().where(Message.campaign_id == Campaign.id, WAITING)
    late = session.execute(select(Campaign.id, Campaign.reason).where(look.UNSETTLED, given_back))
    for ident, reason in late.all():
        campaigns.close_waiting(session, ident, reason=reason, at=at)
    session.execute(
        update(Campaign)
        .where(look.UNSETTLED, look.NONE_OPEN)
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
