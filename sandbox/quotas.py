"""The platform's limits on template messages: a day, a minute, and a person."""

from collections import Counter

from sandbox.clock import beijing_day
from sandbox.config import Config
from sandbox.errors import Refusal

CLEARS_A_MONTH = 10
MINUTE = 60


class Quotas:
    """How many messages were accepted today (Beijing), in this minute, and by whom."""

    def __init__(self) -> None:
        self._day = 0
        self._minute = 0
        self._minute_used = 0
        self._people: Counter[str] = Counter()
        self.used = 0
        self.clears = 0

    def check(self, openid: str, at: float, config: Config) -> None:
        """Raise Refusal 43117, 45009 or 45011 when one more message would be one too many."""
        self._turn(at)
        if config.person_cap and self._people[openid] >= config.person_cap:
            raise Refusal(43117)
        if config.template_quota and self.used >= config.template_quota:
            raise Refusal(45009)
        if config.minute_quota and self._minute_used >= config.minute_quota:
            raise Refusal(45011)

    def count(self, openid: str, at: float) -> None:
        """Note one accepted message."""
        self._turn(at)
        self.used += 1
        self._minute_used += 1
        self._people[openid] += 1

    def clear(self) -> None:
        """Begin the day anew, ten times a month; raise Refusal 48006 afterwards."""
        if self.clears >= CLEARS_A_MONTH:
            raise Refusal(48006)
        self.clears += 1
        self.used = 0

    def used_today(self, at: float) -> int:
        """Return how many were accepted since midnight in Beijing."""
        self._turn(at)
        return self.used

    def _turn(self, at: float) -> None:
        day, minute = beijing_day(at), int(at // MINUTE)
        if day != self._day:
            self._day, self.used = day, 0
            self._people.clear()
        if minute != self._minute:
            self._minute, self._minute_used = minute, 0
