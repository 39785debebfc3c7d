"""What is deleted when its time is over: the calls, each in a transaction of its own."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from notifier.binding import phone_codes
from notifier.campaigns import expiry as campaign_expiry
from registry.accounts import (
    attempts,
    devices,
    handovers,
    one_time,
    puzzles,
    sessions,
    staff_notices,
)
from registry.base import files
from registry.interface import feed, keys
from registry.record import contact_changes, selections
from registry.second_factor import resets
from registry.signing import (
    employer_texts,
)
from registry.tasks import lookup, roster_undo
from registry.upkeep import expiry
from registry.upkeep.expiry import Forgetting

SWEEPS: tuple[Callable[[Session, datetime], object], ...] = (
    sessions.sweep,
    one_time.sweep,
    handovers.sweep,
    attempts.sweep,
    puzzles.sweep,
    devices.sweep,
    staff_notices.sweep,
    resets.lapse_old,
    phone_codes.sweep,
    files.sweep_expired,
    lookup.forget_old,
    roster_undo.forget_old,
    selections.sweep,
    contact_changes.forget_old,
    employer_texts.forget_old,
    keys.forget_nonces,
    feed.forget_old,
)

FORGETTING: tuple[Forgetting, ...] = (
    expiry.lookups,
    expiry.problems_of_imports,
    expiry.breach_reports,
    campaign_expiry.messages,
    campaign_expiry.reminders,
    campaign_expiry.followers,
    campaign_expiry.mini_users,
    campaign_expiry.cohorts,
    expiry.audit_log,
)
