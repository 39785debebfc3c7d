"""What the story is played with, and how it is told: every step says its proof or stops."""

from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic, sleep

from commands.story.rosters import Somebody
from commands.story.visitor import Visitor
from commands.trial.running import Trial
from sandbox.control import Control

PATIENCE_SECONDS = 30.0
POLL_SECONDS = 0.1
SHOWN = 600


class NotProven(Exception):
    """Something did not come out as it must."""


@dataclass
class Stage:
    """A running trial, the people in it, and what was proven so far."""

    trial: Trial
    control: Control
    say: Callable[[str], None]
    staff: Visitor
    proofs: list[str] = field(default_factory=list)
    phones: dict[str, str] = field(default_factory=dict)
    """Openid by student number of who has a phone in the story."""
    cast: list[Somebody] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)
    """Numbers that were issued, as they were printed."""

    def prove(self, words: str, holds: object) -> None:
        """Tell what holds; raise NotProven where it does not."""
        if not holds:
            raise NotProven(words + _last_seen())
        self.proofs.append(words)
        self.say(f"   ✓ {words}")

    def phone_of(self, person: Somebody) -> Visitor:
        """Open the phone of one of the cast: WeChat, showing the account's chat."""
        return Visitor(self.trial.sandbox_url).open(f"/phone/{self.phones[person.student_number]}")

    def code_of(self, person: Somebody, before: int) -> str:
        """Read the code of the text message that came after so many."""
        return self.control.sms(person.phone_number, since=before)[-1]["params"][0]

    def texts_of(self, person: Somebody) -> int:
        """Return the number of the last text message, for `code_of`."""
        return max((each["seq"] for each in self.control.sms(person.phone_number)), default=0)


def _last_seen() -> str:
    seen = Visitor.last
    return f"\n     {seen.status} {seen.address}\n     {seen.text[:SHOWN]}" if seen else ""


def until(holds: Callable[[], object], seconds: float = PATIENCE_SECONDS) -> bool:
    """Wait for something; say whether it came."""
    end = monotonic() + seconds
    while not holds():
        if monotonic() > end:
            return False
        sleep(POLL_SECONDS)
    return True
