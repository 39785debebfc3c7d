"""What a session says of the campus (统一身份认证) that has signed somebody in."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from wxapp.core.browser_session import browser

_KEPT = "campus"


@dataclass(frozen=True)
class CampusProof:
    """Which campus it was, what it calls the session, and whether it asked for a second factor."""

    name: str
    title: str
    session: str
    asked_second_factor: bool

    def as_json(self) -> dict[str, Any]:
        """Return what a session keeps of it."""
        return asdict(self)

    @classmethod
    def from_json(cls, content: Mapping[str, Any] | None) -> Self | None:
        """Read what `as_json` gave."""
        return cls(**content) if content else None


def keep(proof: CampusProof) -> None:
    """Keep in the session that begins what signed in."""
    browser()[_KEPT] = proof.as_json()


def kept() -> CampusProof | None:
    """Return the campus that signed in who is asking; None for a password."""
    return CampusProof.from_json(browser().get(_KEPT))


def asked_second_factor() -> bool:
    """Say whether the campus that signed in who is asking has asked for a second factor."""
    found = kept()
    return found is not None and found.asked_second_factor
