"""The signature by which WeChat's own script (JS-SDK) works on a page of ours."""

import hashlib
from dataclasses import dataclass
from typing import Any, Protocol

from notifier.ledger import outcomes
from notifier.wechat.errors import Unavailable
from notifier.wechat.reading import number_of
from notifier.wechat.tokens import Granted

KIND = "jsapi"


class Asking(Protocol):
    """The client's GET with the account's token."""

    def get(self, url: str, **request: Any) -> Any:  # noqa: ANN401 - JSON of many shapes
        """Return the answer; raise a GatewayError."""
        ...


@dataclass(frozen=True)
class PageSignature:
    """What `wx.config` is given."""

    app_id: str
    timestamp: int
    nonce: str
    signature: str


def fetch_ticket(client: Asking, *, force: bool) -> Granted:  # noqa: ARG001 - WeChat gives no new one
    """Return the account's ticket for pages (few calls are allowed); raise a GatewayError."""
    answer = client.get("ticket/getticket", params={"type": KIND})
    ticket, seconds = answer.get("ticket"), number_of(answer.get("expires_in"))
    if not isinstance(ticket, str) or not ticket or seconds is None or seconds <= 0:
        raise Unavailable(outcomes.BAD_ANSWER, detail="no ticket")
    return Granted(ticket, seconds)


def signature_of(ticket: str, nonce: str, timestamp: int, url: str) -> str:
    """Return WeChat's signature (SHA-1, hex) of an address, what follows its `#` left out."""
    said = {
        "jsapi_ticket": ticket,
        "noncestr": nonce,
        "timestamp": timestamp,
        "url": url.partition("#")[0],
    }
    text = "&".join(f"{name}={value}" for name, value in said.items())
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
