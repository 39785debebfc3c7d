"""The day's quota of the account: a budget in the ledger, reserved before calls are made."""

from datetime import date, datetime, time, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from notifier.settings import Settings
from notifier.tables import QuotaDay
from registry.clock import SHANGHAI
from registry.database import insert_new


def day_of(at: datetime) -> date:
    """Return the day WeChat counts a moment to: Beijing's."""
    return at.astimezone(SHANGHAI).date()


def next_day(at: datetime) -> datetime:
    """Return when the next quota begins: a minute past midnight in Beijing."""
    return datetime.combine(day_of(at) + timedelta(days=1), time(0, 1), SHANGHAI)


def remaining(session: Session, settings: Settings, at: datetime, *, for_events: bool) -> int:
    """Return how many more calls may be made today; locks the day until the transaction ends."""
    session.execute(insert_new(session, QuotaDay).values(day=day_of(at), reserved=0))
    reserved = session.scalar(
        select(QuotaDay.reserved).where(QuotaDay.day == day_of(at)).with_for_update()
    )
    share = 1 if for_events else 1 - settings.event_reserve
    return max(0, int(settings.daily_quota * share) - (reserved or 0))


def reserve(session: Session, at: datetime, count: int) -> None:
    """Add to the day's reservations; a negative count gives back what was not called."""
    if count:
        session.execute(
            update(QuotaDay)
            .where(QuotaDay.day == day_of(at))
            .values(reserved=QuotaDay.reserved + count)
            .execution_options(synchronize_session=False)
        )
