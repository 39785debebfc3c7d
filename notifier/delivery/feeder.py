"""Finding the next messages to send: lane by lane, a fair share each, events always first."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from notifier import campaigns, kinds, outcomes, quota
from notifier.delivery import brakes, restored
from notifier.delivery.claim import CRASH_LIMIT, Chunk, Claimed, Fence, claim, give_back
from notifier.delivery.due import any_in_flight_at_a_crash
from notifier.delivery.lanes import Lane, open_lanes, quiet_until
from notifier.resources import Resources
from notifier.states import CampaignEvent
from notifier.tables import Campaign
from registry.database import database_now

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
        self._turn = 0
        self._unheard: Fence | None = None
        self._believed = False  # that the ledger knows all it did

    def next(self, size: int) -> Feed:
        """Claim event messages, and about `size` others, shared by the campaigns."""
        return self._round(size, crashes=0)

    def suspects(self) -> Feed:
        """Claim messages that were in flight when a process died, fewer the more often that was."""
        for crashes in range(1, CRASH_LIMIT):
            feed = self._round(1, crashes=crashes, one_lane=True)
            if feed.seen:
                return feed
        return Feed()

    def _round(self, size: int, *, crashes: int, one_lane: bool = False) -> Feed:
        """Go over the lanes once; while the database is away, return what there is so far."""
        feed = Feed()
        try:
            self._give_back_unheard()
            self._fill(feed, size, crashes, one_lane=one_lane)
        except OperationalError as error:
            log.warning("no claim for now", error=type(error.orig).__name__)
            feed.cut_short = True
            self._believed = False
            time.sleep(AWAY_SECONDS)
        self._turn += 1
        return feed

    def _fill(self, feed: Feed, size: int, crashes: int, *, one_lane: bool) -> None:
        self._believed = self._believed or not restored.is_behind(self._resources)
        lanes = self._lanes(crashes) if self._believed else []
        share = max(1, -(-size // max(1, len(lanes) - 1)))
        for lane in lanes:
            wanted = min(share, size - len(feed.others))
            if crashes or lane.for_events:
                wanted = self._settings.send_connections
            if wanted > 0:
                feed.add(lane, self._claim(lane, wanted, crashes))
            if one_lane and feed.seen:
                break

    def _lanes(self, crashes: int) -> Sequence[Lane]:
        """Return events first, then the campaigns, beginning with another one each time."""
        with self._resources.readers.begin() as session:
            if crashes and not any_in_flight_at_a_crash(session, crashes):
                return []
            lanes = open_lanes(session, self._settings, database_now(session))
        if not lanes:
            return []
        first, *rest = lanes
        start = self._turn % len(rest) if rest else 0
        return [first, *rest[start:], *rest[:start]]

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
            brakes.apply(session, self._settings, brakes.Stop(None, used_up, ""), at)
        else:
            _have_wait(session, lane, used_up.code, quota.next_day(at))


def _have_wait(session: Session, lane: Lane, reason: str, until: datetime) -> None:
    campaign = session.scalar(select(Campaign).where(Campaign.id == lane.campaign_id))
    if campaign is not None:
        campaigns.move(session, campaign, CampaignEvent.WAIT, reason=reason, wait_until=until)
