"""What a browser calls itself, in two words, and where it is: enough for its owner to know it."""

from collections.abc import Sequence

from flask import request

from registry.accounts import addresses
from wxapp.core.browser_session import browser
from wxapp.core.resources import resources

BROWSERS = {
    "MicroMessenger": "微信",
    "Edg": "Edge",
    "Firefox": "Firefox",
    "Chrome": "Chrome",
    "Safari": "Safari",
}
"""Word -> name; the first that fits, since most claim to be the later ones too."""
SYSTEMS = {
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "Windows": "Windows",
    "Macintosh": "Mac",
    "Linux": "Linux",
}
_DEVICE, _PLACE = "device", "place"


def device_of(user_agent: str) -> str:
    """Return `Windows · Edge`; a part that is not known is left out."""
    known = (_first(SYSTEMS, user_agent), _first(BROWSERS, user_agent))
    return " · ".join(name for name in known if name)


def is_in_wechat() -> bool:
    """Say whether who asks is within WeChat, or within 企业微信, which calls itself so, too."""
    return "MicroMessenger" in request.user_agent.string


def note_device() -> None:
    """Have a session that begins say to its owner what it is, and where: the address keyed."""
    browser()[_DEVICE] = device_of(request.user_agent.string)
    browser()[_PLACE] = places()[0]


def places() -> Sequence[str]:
    """Return the keyed indexes of where the request comes from, as of `Vault.indexes`.

    They are the same for the same household.
    """
    household = addresses.household(request.remote_addr or "")
    return resources().vault.indexes("session_place", household)


def _first(names: dict[str, str], user_agent: str) -> str:
    return next((name for word, name in names.items() if word in user_agent), "")
