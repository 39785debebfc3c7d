"""What is done now and then, by whichever clockwork comes first; twice does no harm."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from notifier.tables import Account
from notifier.wechat.errors import GatewayError
from registry.clock import SHANGHAI
from registry.people import OneTimeCode, OneTimeState, StoredFile, WebSession
from workers.process import Held

log = logging.getLogger(__name__)

NIGHT = range(2, 6)
FOLLOWERS_EVERY = timedelta(hours=20)
TEMPLATES_EVERY = timedelta(hours=6)
EXPIRING = (WebSession, OneTimeState, OneTimeCode, StoredFile)


@dataclass(frozen=True)
class Duty:
    """Something to look after, and how often to look."""

    name: str
    every_seconds: float
    do: Callable[[Held], None]
