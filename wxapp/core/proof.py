"""Proving anew who one is, before sessions end or what one signs in with changes (ASVS 7.5.2).

An open browser that somebody took over is signed in, and so is a stolen cookie: neither knows the
password or the code, and neither is the WeChat. What was proven holds in this session alone.
"""

from datetime import datetime, timedelta

from flask import url_for

from wxapp.core.browser_session import browser
from wxapp.core.resources import now

HOLDS = timedelta(minutes=10)
_UNTIL = "proven_until"


class ProofNeeded(Exception):
    """Signed in, but this wants it proven again; `address` is where that is done."""

    def __init__(self, address: str) -> None:
        super().__init__("proof needed")
        self.address = address


def keep() -> None:
    """Keep that who is signed in has just proven it again."""
    browser()[_UNTIL] = (now() + HOLDS).isoformat()


def holds() -> bool:
    """Say whether who is signed in has proven it again in the last minutes."""
    until = browser().get(_UNTIL)
    return until is not None and now() < datetime.fromisoformat(until)


def by_wechat(target: str) -> str:
    """Return the address at which WeChat is asked again, and that leads to a target."""
    return url_for("oauth.login", to=target, anew=1)


def demand(address: str) -> None:
    """Raise ProofNeeded, which leads there, unless the proof holds."""
    if not holds():
        raise ProofNeeded(address)
