"""The way back from the provider's page: an address that only who was led there knows.

Whoever begins a check knows its token, and may have another person pass it by sending her the
provider's page. Where her browser is led then is told to the provider alone, and holds a secret
whose hash stands in the session that began: she comes back in a browser that began nothing, and who
began it does not know the way.
"""

import hmac

from flask import url_for

from registry.accounts import sessions
from wxapp.core.browser_session import browser
from wxapp.core.resources import resources

_WAY = "face_way"


def new_way(endpoint: str, key: str | None = None) -> str:
    """Return the whole address for the provider to lead back to; the one before holds no more."""
    secret = sessions.new_token()
    browser()[_WAY] = sessions.hash_of(secret)
    return f"{resources().settings.public_url}{url_for(endpoint, secret=secret, key=key)}"


def is_led_back(secret: str) -> bool:
    """Say whether this browser session came back by the way it was given last."""
    return hmac.compare_digest(str(browser().get(_WAY, "")), sessions.hash_of(secret))
