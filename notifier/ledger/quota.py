"""The day's quota of the account: a budget in the ledger, reserved before calls are made."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import Date, bindparam, case, select, update
from sqlalchemy.orm import Session

from notifier.ledger.tables import QuotaDay
from registry.base.clock import SHANGHAI
from registry.base.database import insert_new
from registry.base.detached import read_rows
from runtime.settings import Settings

WARN_AT = 0.8  # of the day's quota


@dataclass(frozen=True)
class Use:
    """How much of a day's quota is used, and by whom the rest may be."""

    limit: int
    for_campaigns: int
    """What campaigns may use of it; the rest is kept for event messages."""
    used: int

    @property
    def left(self) -> int:
        """Return how many more messages of any sort may be sent."""
        return max(0, self.limit - self.used)

    @property
    def left_for_campaigns(self) -> int:
        """Return how many more campaign messages may be sent."""
        return max(0, self.for_campaigns - self.used)

    @property
    def nearly_used(self) -> bool:
        """Say whether four fifths are used."""
        return self.used >= WARN_AT * self.limit


def day_of(at: datetime) -> date:
    """Return the day WeChat counts a moment to: Beijing's."""
    return at.astimezone(SHANGHAI).date()


def next_day(at: datetime) -> datetime:
    """Return when the next quota begins: a minute past midnight in Beijing."""
    return datetime.combine(day_of(at) + timedelta(days=1), time(0, 1), SHANGHAI)


USED = select(QuotaDay.reserved).where(QuotaDay.day == bindparam("day", type_=Date()))
"""The query of what is used on the day of `of_day`; none where nothing is."""


def of_day(at: datetime) -> dict[str, date]:
    """Return what `USED` is asked with."""
    return {"day": day_of(at)}


def use(session: Session, settings: Settings, at: datetime) -> Use:
    """Return how much of today's quota is used; locks and reserves nothing."""
    used = sum(reserved for (reserved,) in read_rows(session, USED, of_day(at)))
    return use_of(settings, used)


def use_of(settings: Settings, used: int) -> Use:
    """Return how much of a day's quota is used where so many calls were reserved."""
    return Use(settings.daily_quota, campaign_share(settings), used)


def campaign_share(settings: Settings) -> int:
    """Return how much of a day's quota campaigns may use."""
    return int(settings.daily_quota * (1 - settings.event_reserve))


def remaining(session: Session, settings: Settings, at: datetime, *, for_events: bool) -> int:
    """Return how many more calls may be made today.

    Locks the day and the one before it until the transaction ends, so that no two claims of an
    account run at once, across midnight neither.
    """
    reserved = _locked(session, at)
    if day_of(at) not in reserved:
        session.execute(insert_new(session, QuotaDay).values(day=day_of(at), reserved=0))
        reserved = _locked(session, at)
    share = settings.daily_quota if for_events else campaign_share(settings)
    return max(0, share - reserved[day_of(at)])


def _locked(session: Session, at: datetime) -> dict[date, int]:
    days = (day_of(at) - timedelta(days=1), day_of(at))
    rows = session.execute(
        select(QuotaDay.day, QuotaDay.reserved)
        .where(QuotaDay.day.in_(days))
        .order_by(QuotaDay.day)
        .with_for_update()
    )
    return dict(rows.all())


def reserve_for_claim(session: Session, day: date, count: int) -> int:
    """Add a claim and its reservations to a day; return which claim of the day it is, from 1."""
    return session.scalars(
        update(QuotaDay)
        .where(QuotaDay.day == day)
        .values(reserved=QuotaDay.reserved + count, claims=QuotaDay.claims + 1)
        .returning(QuotaDay.claims)
        .execution_options(synchronize_session=False)
    ).one()


def give_back(session: Session, day: date, count: int) -> None:
    """Take from the reservations of a day what was not called."""
    if count:
        after = QuotaDay.reserved - count
        session.execute(
            update(QuotaDay)
            .where(QuotaDay.day == day)
            .values(reserved=case((after > 0, after), else_=0))
            .execution_options(synchronize_session=False)
        )
