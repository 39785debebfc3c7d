"""One look at all that the clockwork watches over: is anything to be mended, which jobs have work.

It is a single statement that asks only whether there is any. So a second costs what goes on and
what is due, however many messages and campaigns there ever were.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Exists, and_, bindparam, exists, or_, select
from sqlalchemy.orm import Session

from notifier.binding import contact_sms, employer_sms
from notifier.delivery import claim
from notifier.delivery.due import WAITING
from notifier.delivery.school_queues import AT, Moment, account_is_paused, pause_values
from notifier.ledger import states
from notifier.ledger.states import CampaignEvent, CampaignState, MessageState
from notifier.ledger.tables import Campaign, Message
from notifier.wechat import pushes
from registry.base.database import UtcDateTime
from registry.base.working_days import in_office_hours
from registry.base.written_out import is_one_of
from registry.tasks import claims as task_claims
from runtime.jobs import Job
from runtime.resources import Resources

_OF_IT = Message.campaign_id == Campaign.id
IS_OPEN: ColumnElement[bool] = is_one_of(Message.state, sorted(states.OPEN_MESSAGES))
NONE_OPEN = ~exists().where(_OF_IT, IS_OPEN)
"""Of a campaign: nothing of it waits or is being sent."""
MAY_FINISH = is_one_of(Campaign.state, sorted(states.CAMPAIGN.sources(CampaignEvent.FINISH)))
UNSETTLED = and_(
    is_one_of(Campaign.state, [CampaignState.CANCELLED]), Campaign.settled_at.is_(None)
)
"""Of a campaign: cancelled, and something of it may still come back from a worker."""
_SENDS = is_one_of(Campaign.state, [CampaignState.SENDING])
_BEGUN = (CampaignState.SENDING, CampaignState.WAITING, CampaignState.PAUSED)


def is_lost(at: Moment) -> ColumnElement[bool]:
    """Return the condition on a message that whoever claimed it is dead."""
    return and_(is_one_of(Message.state, [MessageState.SENDING]), Message.lease_until < at)


def closed_windows(at: datetime) -> datetime:
    """Return when a window was opened at the latest that has closed at this moment."""
    return at - claim.WINDOW


def has_closed(before: Moment) -> ColumnElement[bool]:
    """Return the condition on a message that it cannot be repeated, nor may be.

    Its window was opened by `before`, and its campaign does not prefer delivery.
    """
    again = exists().where(Campaign.id == Message.campaign_id, Campaign.prefers == "delivery")
    return and_(WAITING, Message.maybe_since.is_not(None), Message.maybe_since <= before, ~again)


def is_past(at: Moment) -> ColumnElement[bool]:
    """Return the condition on a campaign that has begun that its last moment is over."""
    return and_(is_one_of(Campaign.state, _BEGUN), Campaign.not_after <= at)


def _goes_on(at: Moment, paused: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return the condition on a campaign that has waited long enough for the account."""
    over = or_(Campaign.wait_until <= at, and_(Campaign.wait_until.is_(None), ~paused))
    return and_(is_one_of(Campaign.state, [CampaignState.WAITING]), over)


_CLOSED = bindparam("closed", type_=UtcDateTime())
_CLOCK = bindparam("clock", type_=UtcDateTime())
"""The process's own, by which text messages are sent."""
_PAUSED = account_is_paused()
_TO_MEND: tuple[ColumnElement[bool], ...] = (
    exists().where(is_lost(AT)),
    exists().where(has_closed(_CLOSED)),
    exists().where(_goes_on(AT, _PAUSED)),
    and_(_PAUSED, exists().where(_SENDS)),
    exists().where(is_past(AT)),
    exists().where(MAY_FINISH, NONE_OPEN),
    exists().where(UNSETTLED),
)


def _has_due_messages() -> ColumnElement[bool]:
    """Return whether any queue has some; asked queue by queue, so that an index answers."""
    due = (WAITING, Message.next_at <= AT)
    of_events: Exists = exists().where(Message.campaign_id.is_(None), *due)
    return or_(of_events, exists().where(_SENDS, exists().where(_OF_IT, *due)))


_WORK: Mapping[Job, ColumnElement[bool]] = {
    Job.DELIVER: and_(~_PAUSED, _has_due_messages()),
    Job.EXPAND: exists().where(
        is_one_of(Campaign.state, [CampaignState.SCHEDULED]), Campaign.start_at <= AT
    ),
    Job.TAKE_IN: exists().where(pushes.is_due(AT)),
    Job.TELL_PHONES: exists().where(contact_sms.QUEUE.is_due(_CLOCK)),
    Job.DO_TASK: exists().where(task_claims.free(AT)),
}
_TO_EMPLOYERS = exists().where(employer_sms.QUEUE.is_due(_CLOCK))
_LOOK = select(or_(*_TO_MEND), _TO_EMPLOYERS, *_WORK.values())


def look(session: Session, resources: Resources, at: datetime) -> tuple[bool, set[Job]]:
    """Return whether anything is to be mended at this moment, and which jobs have work."""
    clock = resources.clock()
    given: dict[str, Any] = pause_values(resources.settings, at)
    given |= {_CLOSED.key: closed_windows(at), _CLOCK.key: clock}
    to_mend, to_employers, *found = session.execute(_LOOK, given).one()
    jobs = {job for job, has_work in zip(_WORK, found, strict=True) if has_work}
    if to_employers and in_office_hours(clock):
        jobs.add(Job.TELL_PHONES)
    return bool(to_mend), jobs
