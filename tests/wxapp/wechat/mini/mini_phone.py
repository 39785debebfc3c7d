"""A phone with the mini program: it calls the server as the mini program does."""

import hashlib
import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import select
from werkzeug.test import TestResponse

from notifier.ledger.tables import Binding
from registry.record.privacy_notice import DEFAULT_VERSION
from registry.record.tables import Graduate
from tests.pages import Browser
from tests.wxapp.school.records import Campus
from tests.wxapp.site import Site

DOOR, NUMBER = "/wechat/mini", "13900001111"


def own_number(number: str) -> Any:  # noqa: ANN401 - what a test does with a graduate
    """Return what gives a graduate a phone of her own, and an identity number as real ones are."""

    def give(campus: Campus, graduate: Graduate) -> None:
        graduate.phone_sealed = campus.vault.seal("phone", graduate.id, number)
        graduate.phone_index = campus.vault.index("phone", number)

    return give


def bound_openids(site: Site) -> list[str]:
    """Return the WeChats of all bindings in force."""
    wanted = select(Binding.openid).where(Binding.ended_at.is_(None)).order_by(Binding.id)
    return site.read(lambda session: list(session.scalars(wanted)))


@dataclass
class MiniPhone:
    """One person's phone, and what the mini program keeps on it."""

    site: Site
    openid: str
    secret: str = field(default_factory=lambda: secrets.token_hex(32))

    @property
    def device(self) -> str:
        """What the server is told of the secret before the web-view is opened."""
        return hashlib.sha256(self.secret.encode()).hexdigest()

    def call(self, name: str, body: object) -> TestResponse:
        """Call the server, without any cookie."""
        client = self.site.app.test_client(use_cookies=False)
        return client.post(f"{DOOR}/{name}", json=body)

    def login(self, number: str | None = None, **given: object) -> TestResponse:
        """Sign in silently, or by the number that the person lets us have ("" for her own)."""
        asked: dict[str, object] = {
            "login_code": self.site.sandbox.control.login_code(self.openid),
            "device": self.device,
        }
        if number is not None:
            code = self.site.sandbox.control.phone_code(self.openid, number)
            asked |= {"phone_code": code, "consent_version": DEFAULT_VERSION}
        wanted = {name: value for name, value in (asked | given).items() if value is not None}
        return self.call("login", wanted)

    def enter(self, opened: str, browser: Browser | None = None) -> Browser:
        """Open the web-view; its script is played by filling in the form."""
        parts = urlsplit(opened)
        browser = (browser or self.site.browser()).get(parts.path)
        return browser.submit("#enter", token=parts.fragment, device=self.secret)
