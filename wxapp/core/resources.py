"""What the application was made with, for every view."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from flask import Flask, current_app

from notifier.providers.campus import CampusServer
from notifier.providers.face import FaceCheck
from notifier.providers.sms import CodeSender
from notifier.wechat.menu import MenuTaker
from notifier.wechat.mini_program import MiniProgram
from notifier.wechat.posters import CodeMaker
from notifier.wechat.templates import TemplateList
from registry.numbers.reports import VerificationSite
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


class Gateway(TemplateList, MenuTaker, CodeMaker, Protocol):
    """What pages ask of WeChat."""

    def exchange_code(self, code: str) -> Visitor:
        """Return the visitor; raise a GatewayError for a code that gives none."""
        ...

    def page_ticket(self) -> str:
        """Return the ticket that signs pages for WeChat's script; raise a GatewayError."""
        ...


@dataclass(frozen=True)
class OutsideServices:
    """The services outside that pages ask."""

    gateway: Gateway
    sms: CodeSender
    face: FaceCheck
    campuses: Mapping[str, CampusServer]
    """The schools' own sign-ins, by name."""
    mini_program: MiniProgram | None
    """What signs in by the phone that WeChat knows; None where the settings name none."""


def keep(app: Flask, resources: Resources, services: OutsideServices) -> None:
    """Put at hand what the application is made with."""
    app.extensions["quxiang"] = (resources, services)


def resources() -> Resources:
    """Return what the process of the running application holds open."""
    return _kept()[0]


def services() -> OutsideServices:
    """Return the services outside that the running application asks."""
    return _kept()[1]


def verification_site() -> VerificationSite:
    """Return where prints of the running application are verified."""
    return VerificationSite(resources().vault, resources().settings.public_url)


def now() -> datetime:
    """Return the moment by the application's clock, in UTC."""
    return resources().clock()


def _kept() -> tuple[Resources, OutsideServices]:
    kept: tuple[Resources, OutsideServices] = current_app.extensions["quxiang"]
    return kept
