"""Finding the next messages to send: queue by queue, a fair share each, events always first.

A fair share of events is a school's, so that what one of them changes at once for thousands does
not hold up what another tells one person.
"""

import time
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from operator import attrgetter
from typing import NamedTuple

import structlog
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from notifier.campaigns import campaigns
from notifier.delivery import circuit_breaker
from notifier.delivery.claim import CRASH_LIMIT, Chunk, Fence, Wanted, claim, give_back
from notifier.delivery.due import any_in_flight_at_a_crash, event_queues
from notifier.delivery.school_queues import (
    EVENTS,
    SchoolQueue,
    campaign_queues,
    pause_of,
    quiet_until,
)
from notifier.ledger import kinds, mark, outcomes, quota
from notifier.ledger.states import CampaignEvent
from notifier.ledger.tables import Campaign
from registry.base.clock import Seconds
from registry.base.database import begin_short, database_now
from runtime.resources import Resources

AWAY_SECONDS = 0.5  # the database is asked again after so long
IDLE_SECONDS = 10  # a process that is frozen inside a claim holds up the others no longer

log = structlog.get_logger(__name__)


class Share(NamedTuple):
    """What one claim gave, and of which queue."""

    queue: SchoolQueue
    chunk: Chunk


@dataclass
class Feed:
    """What one round over the queues claimed."""

    events: list[Share] = field(default_factory=list)
    others: list[Share] = field(default_factory=list)
    seen: int = 0
    cut_short: bool = False
    """The database went away meanwhile; what was claimed before is here all the same."""

    def add(self, share: Share) -> None:
        """Take in what a queue gave."""
        kept = self.events if share.queue.for_events else self.others
        kept.append(share)
        self.seen += share.chunk.seen


class Feeder:
    """Claims for one process; each claim is a short transaction of its own."""

    def __init__(self, resources: Resources, elapsed: Seconds) -> None:
        """Work on these resources; `elapsed` counts suspension."""
        self._resources = resources
        self._elapsed = elapsed
        self._settings = resources.settings
        self._served: dict[
            bool, SchoolQueue
        ] = {}  # the last of the events' queues, and of the others
        self.database_away = False  # as far as is known
        self._unheard: Fence | None = None
        self._remembered = mark.Remembered(resources)

    def next(self, size: int, events: int) -> Feed:
        """Claim up to `events` event messages, shared by schools; `size` others, by campaigns."""
        return self._round(partial(self._fill, size, events))

    def in_doubt(self) -> Feed:
        """Claim messages that were in flight when a process died, fewer the more often that was."""
        for crashes in range(1, CRASH_LIMIT):
            feed = self._round(partial(self._fill_with_in_doubt, crashes))
            if feed.seen:
                return feed
        return Feed()

    def _round(self, fill: Callable[[Feed], None]) -> Feed:
        """Go over the queues once; while the database is away, return what there is so far."""
        feed = Feed()
        try:
            self._give_back_unheard()
            fill(feed)
            self.database_away = False
        except OperationalError as error:
            log.warning("no claim for now", error=type(error.orig).__name__)
            self.database_away = feed.cut_short = True
            self._remembered.ask_redis()
            time.sleep(AWAY_SECONDS)
        return feed

    def _fill(self, size: int, events: int, feed: Feed) -> None:
        with self._resources.readers.begin() as session:
            at = database_now(session)
            if self._is_paused(session, at):
                return
            of_events, of_campaigns = event_queues(session, at), campaign_queues(session, at)
        self._share_out(feed, of_events, events)
        self._share_out(feed, of_campaigns, size)

    def _fill_with_in_doubt(self, crashes: int, feed: Feed) -> None:
        """Claim them of one queue; `claim` takes as few at once as it should."""
        with self._resources.readers.begin() as session:
            at = database_now(session)
            if not any_in_flight_at_a_crash(session, crashes) or self._is_paused(session, at):
                return
            queues = [EVENTS, *self._in_turn(campaign_queues(session, at))]
        for queue in queues:
            feed.add(self._claim(queue, self._settings.send_connections, crashes))
            if feed.seen:
                self._served[queue.for_events] = queue
                return

    def _is_paused(self, session: Session, at: datetime) -> bool:
        return pause_of(session, self._settings, at) is not None

    def _share_out(self, feed: Feed, queues: Sequence[SchoolQueue], size: int) -> None:
        """Claim up to `size` messages, of no queue more than its share."""
        share = -(-size // max(1, len(queues)))
        for queue in self._in_turn(queues):
            if size <= 0:
                return
            claimed = self._claim(queue, min(share, size), crashes=0)
            feed.add(claimed)
            size -= len(claimed.chunk.claimed)
            self._served[queue.for_events] = queue

    def _in_turn(self, queues: Sequence[SchoolQueue]) -> list[SchoolQueue]:
        """Return them in their order, from behind the one that was served last."""
        if not queues:
            return []
        last = self._served.get(queues[0].for_events, queues[0])
        start = bisect_right(queues, last.place, key=attrgetter("place"))
        return [*queues[start:], *queues[:start]]

    def _claim(self, queue: SchoolQueue, size: int, crashes: int) -> Share:
        """Claim of one queue, in a transaction that no frozen process may hold up for long."""
        wanted = Wanted(size, crashes)
        with self._resources.sessions.begin() as session:
            at = begin_short(session, IDLE_SECONDS)
            if self._remembered.is_ahead_of(session):
                return Share(queue, Chunk([], 0))
            if self._must_wait(session, queue, at):
                return Share(queue, Chunk([], 0))
            chunk = claim(session, self._settings, queue, at, wanted=wanted, elapsed=self._elapsed)
            self._unheard = chunk.fence
            if not chunk.quota_left:
                self._quota_used_up(session, queue, at)
        self._unheard = None
        self._remembered.note_claim(chunk.number)
        return Share(queue, chunk)

    def _give_back_unheard(self) -> None:
        """Undo a claim whose commit may have been the last that the database did for us."""
        if self._unheard is not None:
            with self._resources.sessions.begin() as session:
                give_back(session, self._unheard)
            self._unheard = None

    def _must_wait(self, session: Session, queue: SchoolQueue, at: datetime) -> bool:
        """Have a campaign wait out the quiet hours."""
        if queue.for_events or kinds.kinds()[queue.kind].any_hour:
            return False
        morning = quiet_until(self._settings, at)
        if morning is not None:
            _have_wait(session, queue, "quiet_hours", morning)
        return morning is not None

    def _quota_used_up(self, session: Session, queue: SchoolQueue, at: datetime) -> None:
        used_up = outcomes.of(45009)
        if queue.for_events:
            circuit_breaker.apply(
                session, self._settings, circuit_breaker.Stop(None, used_up, ""), at
            )
        else:
            _have_wait(session, queue, used_up.code, quota.next_day(at))


def _have_wait(session: Session, queue: SchoolQueue, reason: str, until: datetime) -> None:
    campaign = session.scalar(select(Campaign).where(Campaign.id == queue.campaign_id))
    if campaign is not None:
        campaigns.move(session, campaign, CampaignEvent.WAIT, reason=reason, wait_until=until)
