"""The phone that WeChat has proven of who came from the mini program, until she is bound.

Kept sealed in her session, for her WeChat identity alone.
"""

from registry.base.crypto import UnreadableValue
from wxapp.core.browser_session import browser
from wxapp.core.resources import resources

KEPT = "proven_phone"
"""Of a session's content, and what it is sealed for."""


def sealed(openid: str, phone: str) -> dict[str, str]:
    """Return what the session of a WeChat identity is to begin with."""
    return {KEPT: resources().vault.seal(KEPT, openid, phone)}


def read() -> str | None:
    """Return the normalised phone; None where none was proven, or it was another's."""
    kept = browser().get(KEPT)
    openid = browser().identity.openid
    if kept is None or openid is None:
        return None
    try:
        return resources().vault.open(KEPT, openid, kept)
    except UnreadableValue:
        return None  # the WeChat identity was joined to another meanwhile
