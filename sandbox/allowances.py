"""How many customer-service messages a person's acts allow, and for how long.

Source: the rules of sending in "Customer Service Message Introduction".
"""

from dataclasses import dataclass

from sandbox.errors import Refusal

HOUR, MINUTE = 3_600, 60
WROTE, CLICKED, FOLLOWED, SCANNED = "text", "CLICK", "subscribe", "SCAN"
ALLOWED = {
    WROTE: (5, 48 * HOUR),
    CLICKED: (3, MINUTE),
    FOLLOWED: (3, MINUTE),
    SCANNED: (3, MINUTE),
}
"""Messages, and seconds, by what the person did."""
LATELY = 30
"""Seconds within which the person must have done something for typing to be shown."""


@dataclass(slots=True)
class Allowance:
    """What one act still allows."""

    left: int
    since: float
    until: float


class Allowances:
    """Allowances by openid; a restart forgets them."""

    def __init__(self) -> None:
        self._of: dict[str, list[Allowance]] = {}

    def grant(self, openid: str, act: str, at: float) -> None:
        """Note what a person did; acts that allow nothing change nothing."""
        if act in ALLOWED:
            messages, seconds = ALLOWED[act]
            self._of.setdefault(openid, []).append(Allowance(messages, at, at + seconds))

    def take(self, openid: str, at: float) -> None:
        """Use one message up; raise Refusal 45015 once the time is over, 45047 after the last."""
        standing = self._standing(openid, at)
        if not standing:
            raise Refusal(45015)
        usable = next((each for each in standing if each.left), None)
        if usable is None:
            raise Refusal(45047)
        usable.left -= 1

    def check_typing(self, openid: str, at: float) -> None:
        """Raise Refusal 45080 unless the person did something just now."""
        if not any(at - each.since <= LATELY for each in self._standing(openid, at)):
            raise Refusal(45080)

    def _standing(self, openid: str, at: float) -> list[Allowance]:
        standing = [each for each in self._of.get(openid, []) if at <= each.until]
        self._of[openid] = standing
        return standing
