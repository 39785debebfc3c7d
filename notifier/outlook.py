"""What a sending would meet, for the page where it is planned: quota, rate, quiet hours."""

import math
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from notifier.kinds import Kind
from notifier.quota import day_of
from notifier.settings import Hours, Settings
from notifier.tables import QuotaDay

WARN_AT = 0.8  # of the day's quota


@dataclass(frozen=True)
class Outlook:
    """What is known before anything is sent."""

    quota_left: int
    """Campaign messages the account may still send today."""
    seconds: float | None
    """How long the sending takes at the set rate; None where no rate is set."""
    quiet: Hours
    """When nothing is sent, in Asia/Shanghai; None for never."""
    days: int
    """On how many days it is sent, since a day's quota is only so large."""
    nearly_used: bool
    """Whether four fifths of today's quota are used."""


def outlook(
    session: Session, settings: Settings, kind: Kind, recipients: int, at: datetime
) -> Outlook:
    """Return what a sending to so many would meet today; reserves nothing."""
    reserved = session.scalar(select(QuotaDay.reserved).where(QuotaDay.day == day_of(at))) or 0
    share = max(1, int(settings.daily_quota * (1 - settings.event_reserve)))
    left = max(0, share - reserved)
    return Outlook(
        quota_left=left,
        seconds=recipients / settings.send_rate if settings.send_rate else None,
        quiet=None if kind.any_hour else settings.quiet_hours,
        days=1 + math.ceil(max(0, recipients - left) / share),
        nearly_used=reserved >= WARN_AT * settings.daily_quota,
    )
