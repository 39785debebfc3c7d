"""What a sending would meet, for the page where it is planned: quota, rate, quiet hours."""

import math
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from notifier.ledger import quota
from notifier.ledger.kinds import Kind
from runtime.settings import Hours, Settings


@dataclass(frozen=True)
class Estimate:
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


def estimate_of(
    session: Session, settings: Settings, kind: Kind, recipients: int, at: datetime
) -> Estimate:
    """Return what a sending to so many would meet today; reserves nothing."""
    use = quota.use(session, settings, at)
    left, share = use.left_for_campaigns, max(1, use.for_campaigns)
    return Estimate(
        quota_left=left,
        seconds=recipients / settings.send_rate if settings.send_rate else None,
        quiet=None if kind.any_hour else settings.quiet_hours,
        days=1 + math.ceil(max(0, recipients - left) / share),
        nearly_used=use.nearly_used,
    )
