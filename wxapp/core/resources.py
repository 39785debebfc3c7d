"""What the application was made with, at hand in every view."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from flask import current_app

from notifier.providers.face import FaceCheck
from notifier.providers.sms import CodeSender
from notifier.wechat.menu import MenuTaker
from notifier.wechat.templates import TemplateList
from runtime.resources import Resources


class Visitor(Protocol):
    """Who a WeChat code was given out for."""

    @property
    def openid(self) -> str:
        """The visitor's openid with this account."""
        ...

    @property
    def snapshot(self) -> bool:
        """Whether it is the virtual visitor of a snapshot page."""
        ...


class Gateway(TemplateList, MenuTaker, Protocol):
    """What pages ask of WeChat."""

    def exchange_code(self, code: str) -> Visitor:
        """Return the visitor; raise a GatewayError for a code that gives none."""
        ...


@dataclass(frozen=True)
class Parts:
    """The open things of a web process."""

    resources: Resources
    gateway: Gateway
    sms: CodeSender
    face: FaceCheck


def parts() -> Parts:
    """Return the parts of the running application."""
    found = current_app.extensions["quxiang"]
    assert isinstance(found, Parts)
    return found


def now() -> datetime:
    """Return the moment by the application's clock, in UTC."""
    return parts().resources.clock()
