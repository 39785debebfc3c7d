"""What else a phone shows beside template messages: texts to and from the account, and SMS."""

from dataclasses import asdict, dataclass
from typing import Any

MINE, THEIRS, TIP = "mine", "theirs", "tip"


@dataclass(frozen=True, slots=True)
class Bubble:
    """One line of the chat: mine, theirs (the account's), or a grey tip between."""

    openid: str
    side: str
    text: str
    at: float

    def record(self) -> dict[str, Any]:
        """Return the bubble as a JSON object."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Sms:
    """One short message, as the phone with this number shows it."""

    seq: int
    number: str
    text: str
    template_id: str
    params: list[str]
    at: float

    def record(self) -> dict[str, Any]:
        """Return the message as a JSON object."""
        return asdict(self)


class Chats:
    """Bubbles by openid."""

    def __init__(self) -> None:
        self.by_openid: dict[str, list[Bubble]] = {}

    def add(self, bubble: Bubble) -> None:
        """Put one more line at the end."""
        self.by_openid.setdefault(bubble.openid, []).append(bubble)

    def of(self, openid: str) -> list[Bubble]:
        """Return the lines of one chat, oldest first."""
        return self.by_openid.get(openid, [])


class SmsBox:
    """Short messages by number."""

    def __init__(self) -> None:
        self.all: list[Sms] = []
        self._of: dict[str, list[Sms]] = {}

    def add(self, sms: Sms) -> None:
        """Put one more at the end."""
        self.all.append(sms)
        self._of.setdefault(sms.number, []).append(sms)

    def of(self, number: str) -> list[Sms]:
        """Return the messages of one number, oldest first."""
        return self._of.get(number, [])
