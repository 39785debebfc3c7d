"""The rate limit, exact over all workers: moments to send at, given out by Redis in small blocks.

Each call has a moment of its own, evenly spaced, so no second ever holds more than the rate; one
that was missed is dropped, never made up for in a burst.
"""

import time
from collections import deque

from redis import Redis
from redis.exceptions import RedisError

BLOCK_SECONDS = 0.02  # moments are fetched for this long ahead: whoever stalls misses few
MARGIN = 0.98  # of the rate: room in each counted second for what begins late and for the network
LATE_SECONDS = 0.01  # a moment missed by more than half of that room is dropped
AWAY_SECONDS = 5.0  # how long Redis is left alone after it did not answer
AWAY_SHARE = 0.1  # of the rate, for each process by itself, while Redis is away
SLOW_SECONDS = 60

_SCRIPT = """
local now = redis.call('TIME')
now = now[1] * 1000000 + now[2]
local spacing = tonumber(ARGV[2])
if redis.call('EXISTS', KEYS[2]) == 1 then spacing = spacing * 2 end
local first = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now)
redis.call('SET', KEYS[1], string.format('%.0f', first + ARGV[1] * spacing), 'PX', 600000)
return {string.format('%.0f', first - now), string.format('%.0f', spacing)}
"""


class Pace:
    """Gives out the moments at which this process may send."""

    def __init__(self, redis: Redis, app_id: str, rate: float, *, go_on: bool) -> None:
        """Take the rate in messages a second, 0 for no limit; `go_on` when Redis is away."""
        self.rate = rate
        self._go_on = go_on
        self._keys = (f"pace:{app_id}:next", f"pace:{app_id}:slow")
        self._redis = redis
        self._script = redis.register_script(_SCRIPT)
        self._moments: deque[float] = deque()
        self._spacing = 1 / (rate * MARGIN) if rate else 0.0
        self._away_until = 0.0
        self._last_local = 0.0

    @property
    def away(self) -> bool:
        """Say whether Redis did not answer lately."""
        return time.monotonic() < self._away_until

    def next_moment(self, wanted: int) -> float | None:
        """Return the next moment (monotonic seconds) untaken; None where nothing may be sent.

        `wanted` is how many messages are ready.
        """
        if not self.rate:
            return 0.0
        now = time.monotonic()
        late = now - LATE_SECONDS
        while self._moments and self._moments[0] < late:
            self._moments.popleft()
        if not self._moments:
            self._fetch(min(wanted, max(1, round(self.rate * BLOCK_SECONDS))), now)
        return self._moments[0] if self._moments else None

    def take(self) -> None:
        """Use the moment that `next_moment` returned."""
        if self.rate:
            self._moments.popleft()

    def slow_down(self) -> None:
        """Halve the rate for a minute, for all workers (45011)."""
        try:
            self._redis.set(self._keys[1], "1", ex=SLOW_SECONDS)
        except RedisError:
            self._away_until = time.monotonic() + AWAY_SECONDS

    def _fetch(self, count: int, now: float) -> None:
        if now < self._away_until:
            self._fetch_local(now)
            return
        try:
            wait, spacing = self._script(self._keys, (count, f"{self._spacing * 1e6:.0f}"))
        except RedisError:
            self._away_until = time.monotonic() + AWAY_SECONDS
            self._fetch_local(now)
            return
        first = time.monotonic() + int(wait) / 1e6
        self._moments.extend(first + place * int(spacing) / 1e6 for place in range(count))

    def _fetch_local(self, now: float) -> None:
        if self._go_on:
            self._last_local = max(now, self._last_local + self._spacing / AWAY_SHARE)
            self._moments.append(self._last_local)
