"""Messages, reminders and whole cohorts go when their term is over (`registry.base.retention`)."""

from datetime import datetime

from sqlalchemy import delete, exists, or_, select
from sqlalchemy.orm import Session

from notifier.binding.forget import forget_all
from notifier.ledger import bindings
from notifier.ledger.mini_tables import MiniUser
from notifier.ledger.states import OPEN_MESSAGES, CampaignState
from notifier.ledger.tables import Binding, Campaign, Follower, Message, ProvinceReminder
from registry.accounts import audit
from registry.accounts.audit import AuditRecord
from registry.base import retention
from registry.base.database import one_of
from registry.base.file_tables import StoredFile
from registry.base.retention import Kept, Retention
from registry.record.tables import Graduate
from registry.review.tables import Evidence
from registry.upkeep import expiry

STILL = frozenset({CampaignState.DRAFT, CampaignState.FINISHED, CampaignState.CANCELLED})
"""States of a reminder in which nothing of it is to come."""
PEOPLE = 200
"""Records that go in one transaction: each has some dozen rows in other tables."""


def messages(session: Session, kept: Retention, at: datetime) -> int:
    """Forget messages; one that is still to be sent stays, however old."""
    old = Message.created_at < kept.before(Kept.MESSAGES, at)
    closed = Message.state.not_in(sorted(OPEN_MESSAGES))
    return expiry.delete_oldest(session, Message, Message.id, old, closed)


def reminders(session: Session, kept: Retention, at: datetime) -> int:
    """Forget reminders that are over and whose messages are gone, the province's with them.

    They are locked first, and looked at again by a statement that sees all that was written before:
    messages are written by whoever holds that lock, and no foreign key keeps their reminder.
    """
    before = kept.before(Kept.MESSAGES, at)
    named = exists().where(Message.campaign_id == Campaign.id)
    over = Campaign.state.in_(sorted(STILL)) & (Campaign.created_at < before)
    may_go = select(Campaign.id).where(over, ~named).order_by(Campaign.id).limit(expiry.BATCH)
    locked = session.scalars(may_go.with_for_update(skip_locked=True)).all()
    gone = session.scalars(
        delete(Campaign)
        .where(one_of(session, Campaign.id, locked), over, ~named)
        .returning(Campaign.id)
        .execution_options(synchronize_session=False)
    ).all()
    has_parts = exists().where(Campaign.drive_id == ProvinceReminder.id)
    session.execute(
        delete(ProvinceReminder)
        .where(ProvinceReminder.started_at < before, ~has_parts)
        .execution_options(synchronize_session=False)
    )
    return len(gone)


def followers(session: Session, _kept: Retention, at: datetime) -> int:
    """Forget openids that follow no more and are bound to nobody."""
    bound = exists().where(bindings.of_openid(Follower.openid))
    left = (
        select(Follower.openid)
        .where(Follower.subscribed.is_(False), Follower.changed_at < at - retention.LEFT_FOLLOWER)
        .where(~bound)
        .limit(expiry.BATCH)
    )
    gone = session.scalars(
        delete(Follower)
        .where(Follower.openid.in_(left))
        .returning(Follower.openid)
        .execution_options(synchronize_session=False)
    )
    return len(gone.all())


def mini_users(session: Session, _kept: Retention, at: datetime) -> int:
    """Forget who came from the mini program long ago and is bound to nobody."""
    bound = exists().where(
        Binding.openid.in_([MiniUser.openid, MiniUser.account_openid]), Binding.ended_at.is_(None)
    )
    old = MiniUser.seen_at < at - retention.LEFT_FOLLOWER
    left = select(MiniUser.openid).where(old, ~bound).limit(expiry.BATCH)
    gone = session.scalars(
        delete(MiniUser)
        .where(MiniUser.openid.in_(left))
        .returning(MiniUser.openid)
        .execution_options(synchronize_session=False)
    )
    return len(gone.all())


def cohorts(session: Session, kept: Retention, at: datetime) -> int:
    """Forget graduates of cohorts whose service ended long ago, but for evidence still to be kept.

    The log says of which school and cohort how many went, and of nobody who it was.
    """
    last = kept.last_cohort(at)
    held = (
        exists()
        .where(Evidence.graduate_id == Graduate.id, Evidence.file_id == StoredFile.id)
        .where(StoredFile.expires_at > at)
    )
    due = or_(Graduate.year.between(1, last), Graduate.year.between(-last, -1))
    found = session.execute(
        select(Graduate.id, Graduate.school_id, Graduate.year)
        .where(due, ~held)
        .order_by(Graduate.school_id, Graduate.id)
        .limit(PEOPLE)
        .with_for_update(of=Graduate, skip_locked=True)
    ).all()
    if not found:
        return 0
    forget_all(session, [each.id for each in found])
    counted: dict[tuple[int, int], int] = {}
    for each in found:
        place = each.school_id, abs(each.year)
        counted[place] = counted.get(place, 0) + 1
    records = [
        AuditRecord("system", "cohort_forgotten", f"year:{year}", school, {"graduates": number})
        for (school, year), number in counted.items()
    ]
    audit.note_all(session, records, at)
    return len(found)
