"""Finding the next messages to send: lane by lane, a fair share each, events always first."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from notifier import campaigns, kinds, outcomes, quota
from notifier.delivery import brakes
from notifier.delivery.claim import CRASH_LIMIT, Chunk, Claimed, claim
from notifier.delivery.due import any_in_flight_at_a_crash
from notifier.delivery.lanes import Lane, open_lanes, quiet_until
from notifier.resources import Resources
from notifier.states import CampaignEvent
from notifier.tables import Campaign
from registry.database import database_now


@dataclass
class Feed:
    """What one round over the lanes claimed."""

    events: list[tuple[Lane, Claimed]] = field(default_factory=list)
    others: list[tuple[Lane, Claimed]] = field(default_factory=list)
    seen: int = 0

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

    def next(self, size: int) -> Feed:
        """Claim event messages, and about `size` others, shared by the campaigns."""
        return self._round(size, crashes=0)

    def suspects(self) -> Feed:
        """Claim messages that were in flight when a process died, fewer the more often that was."""
        with self._resources.readers.begin() as session:
            if not any_in_flight_at_a_crash(session):
                return Feed()
        for crashes in range(1, CRASH_LIMIT):
            feed = self._round(1, crashes=crashes, one_lane=True)
            if feed.seen:
                return feed
        return Feed()

    def _round(self, size: int, *, crashes: int, one_lane: bool = False) -> Feed:
        feed = Feed()
        lanes = self._lanes()
        share = max(1, -(-size // max(1, len(lanes) - 1)))
        for lane in lanes:
            wanted = min(share, size - len(feed.others))
            if crashes or lane.for_events:
                wanted = self._settings.send_connections
            if wanted > 0:
                feed.add(lane, self._claim(lane, wanted, crashes))
            if one_lane and feed.seen:
                break
        self._turn += 1
        return feed

    def _lanes(self) -> Sequence[Lane]:
        """Return events first, then the campaigns, beginning with another one each time."""
        with self._resources.readers.begin() as session:
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
            chunk = claim(session, self._settings, lane, at, size=size, crashes=crashes)
            if not chunk.quota_left:
                self._quota_used_up(session, lane, at)
            return chunk

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
