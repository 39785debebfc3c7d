"""Finding the next messages to send: lane by lane, a fair share each, events always first.

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

import structlog
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from notifier.campaigns import campaigns
from notifier.delivery import circuit_breaker, restored
from notifier.delivery.claim import CRASH_LIMIT, Chunk, Claimed, Fence, claim, give_back
from notifier.delivery.due import any_in_flight_at_a_crash, event_lanes
from notifier.delivery.school_queues import EVENTS, Lane, campaign_lanes, pause_of, quiet_until
from notifier.ledger import kinds, outcomes, quota
from notifier.ledger.states import CampaignEvent
from notifier.ledger.tables import Campaign
from registry.base.database import database_now
from runtime.resources import Resources

AWAY_SECONDS = 0.5  # the database is asked again after so long

log = structlog.get_logger(__name__)


@dataclass
class Feed:
    """What one round over the lanes claimed."""

    events: list[tuple[Lane, Claimed]] = field(default_factory=list)
    others: list[tuple[Lane, Claimed]] = field(default_factory=list)
    seen: int = 0
    cut_short: bool = False
    """The database went away meanwhile; what was claimed before is here all the same."""

    def add(self, lane: Lane, chunk: Chunk) -> None:
        """Take in what a lane gave."""
        kept = self.events if lane.for_events else self.others
        kept.extend((lane, message) for message in chunk.claimed)
        self.seen += chunk.seen


class Feeder:
    """Claims for one process; each claim is a short transaction of its own."""

    def __init__(self, resources: Resources) -> None:
        """Work on these resources."""
        self._resources = resources
        self._settings = resources.settings
        self._served: dict[bool, Lane] = {}  # the last of the events' lanes, and of the others
        self.database_away = False  # as far as is known
        self._unheard: Fence | None = None
        self._believed = False  # that the ledger knows all it did

    def next(self, size: int, events: int) -> Feed:
        """Claim up to `events` event messages, shared by schools; `size` others, by campaigns."""
        return self._round(partial(self._fill, size, events))

    def suspects(self) -> Feed:
        """Claim messages that were in flight when a process died, fewer the more often that was."""
        for crashes in range(1, CRASH_LIMIT):
            feed = self._round(partial(self._fill_with_suspects, crashes))
            if feed.seen:
                return feed
        return Feed()

    def _round(self, fill: Callable[[Feed], None]) -> Feed:
        """Go over the lanes once; while the database is away, return what there is so far."""
        feed = Feed()
        try:
            self._give_back_unheard()
            self._believed = self._believed or not restored.is_behind(self._resources)
            if self._believed:
                fill(feed)
            self.database_away = False
        except OperationalError as error:
            log.warning("no claim for now", error=type(error.orig).__name__)
            self.database_away = feed.cut_short = True
            self._believed = False
            time.sleep(AWAY_SECONDS)
        return feed

    def _fill(self, size: int, events: int, feed: Feed) -> None:
        with self._resources.readers.begin() as session:
            at = database_now(session)
            if self._is_paused(session, at):
                return
            of_events, of_campaigns = event_lanes(session, at), campaign_lanes(session, at)
        self._share_out(feed, of_events, events)
        self._share_out(feed, of_campaigns, size)

    def _fill_with_suspects(self, crashes: int, feed: Feed) -> None:
        """Claim them of one lane; `claim` takes as few at once as it should."""
        with self._resources.readers.begin() as session:
            at = database_now(session)
            if not any_in_flight_at_a_crash(session, crashes) or self._is_paused(session, at):
                return
            lanes = [EVENTS, *self._in_turn(campaign_lanes(session, at))]
        for lane in lanes:
            feed.add(lane, self._claim(lane, self._settings.send_connections, crashes))
            if feed.seen:
                self._served[lane.for_events] = lane
                return

    def _is_paused(self, session: Session, at: datetime) -> bool:
        return pause_of(session, self._settings, at) is not None

    def _share_out(self, feed: Feed, lanes: Sequence[Lane], size: int) -> None:
        """Claim up to `size` messages, of no lane more than its share."""
        share = -(-size // max(1, len(lanes)))
        for lane in self._in_turn(lanes):
            if size <= 0:
                return
            chunk = self._claim(lane, min(share, size), crashes=0)
            feed.add(lane, chunk)
            size -= len(chunk.claimed)
            self._served[lane.for_events] = lane

    def _in_turn(self, lanes: Sequence[Lane]) -> list[Lane]:
        """Return them in their order, from behind the one that was served last."""
        if not lanes:
            return []
        last = self._served.get(lanes[0].for_events, lanes[0])
        start = bisect_right(lanes, last.place, key=attrgetter("place"))
        return [*lanes[start:], *lanes[:start]]

    def _claim(self, lane: Lane, size: int, crashes: int) -> Chunk:
        with self._resources.sessions.begin() as session:
            at = database_now(session)
            if self._must_wait(session, lane, at):
                return Chunk([], 0)
            fence = self._unheard = Fence.at_moment(at)
            chunk = claim(session, self._settings, lane, fence, size=size, crashes=crashes)
            if not chunk.quota_left:
                self._quota_used_up(session, lane, at)
        self._unheard = None
        return chunk

    def _give_back_unheard(self) -> None:
        """Undo a claim whose commit may have been the last that the database did for us."""
        if self._unheard is not None:
            with self._resources.sessions.begin() as session:
                give_back(session, self._unheard, database_now(session))
            self._unheard = None

    def _must_wait(self, session: Session, lane: Lane, at: datetime) -> bool:
        """Have a campaign wait out the quiet hours."""
        if lane.for_events or kinds.kinds()[lane.kind].any_hour:
            return False
        morning = quiet_until(self._settings, at)
        if morning is not None:
            _have_wait(session, lane, "quiet_hours", morning)
        return morning is not None

    def _quota_used_up(self, session: Session, lane: Lane, at: datetime) -> None:
        used_up = outcomes.of(45009)
        if lane.for_events:
            circuit_breaker.apply(
                session, self._settings, circuit_breaker.Stop(None, used_up, ""), at
            )
        else:
            _have_wait(session, lane, used_up.code, quota.next_day(at))


def _have_wait(session: Session, lane: Lane, reason: str, until: datetime) -> None:
    campaign = session.scalar(select(Campaign).where(Campaign.id == lane.campaign_id))
    if campaign is not None:
        campaigns.move(session, campaign, CampaignEvent.WAIT, reason=reason, wait_until=until)
