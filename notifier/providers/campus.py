"""What the sign-ins of campuses (统一身份认证) have in common, whatever protocol they speak."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import requests

from notifier.providers.connections import open_connections
from runtime.campus_logins import CampusLogin


class CampusAway(Exception):
    """The campus gave no answer, or none that can be read. `code` is one word for the log."""

    def __init__(self, code: str) -> None:
        """Keep the word."""
        super().__init__(code)
        self.code = code


class CampusRefused(Exception):
    """The campus does not say who came back. `code` is one word for the log."""

    def __init__(self, code: str) -> None:
        """Keep the word."""
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class CampusVisitor:
    """Whom a campus has signed in."""

    subject: str = field(repr=False)
    """What the campus knows them by."""
    number: str = field(repr=False)
    """工号 or 学号, by the attribute that the settings name."""
    kinds: frozenset[str]
    """What they are there, as far as it says so."""
    session: str
    """SHA-256 (hex) of what the campus names its session by, for a logout from there."""
    names: Sequence[str] = ()
    """The names of the attributes that came, without their values."""


class CampusServer(Protocol):
    """A sign-in of a school, by whatever protocol."""

    @property
    def login(self) -> CampusLogin:
        """Its settings."""
        ...

    def way_in(self, back: str, state: str, *, in_wechat: bool) -> str:
        """Return where a browser is led to sign in; it comes back to `back`.

        `in_wechat` is one within WeChat or 企业微信. Raises CampusAway.
        """
        ...

    def visitor(self, came: Mapping[str, str], back: str, state: str) -> CampusVisitor:
        """Return who came back with these arguments. Raises CampusAway, CampusRefused."""
        ...

    def ended(self, said: Mapping[str, str], body: bytes) -> str | None:
        """Return the session that a call of the campus says is over, as `CampusVisitor` names it.

        `said` is the form of the call. None for what is no such call.
        """
        ...

    def way_out(self, back: str) -> str | None:
        """Return where a browser leaves the campus, too; None where the campus has no such page."""
        ...

    def looks(self) -> str:
        """Ask without signing anybody in; return what it is, in a word. Raises CampusAway."""
        ...


def connections_to(login: CampusLogin) -> requests.Session:
    """Open a pool of connections to a campus, whose certificate is always checked."""
    connections = open_connections(login.server)
    if login.ca_bundle is not None:
        connections.verify = str(login.ca_bundle)
    return connections


def session_name(login: CampusLogin, given: str) -> str:
    """Return what a session is found by that a campus names: no ticket is kept."""
    return hashlib.sha256(f"{login.server}\0{given}".encode()).hexdigest()


def visitor_of(
    login: CampusLogin, subject: str, attributes: Mapping[str, Sequence[str]], given: str
) -> CampusVisitor:
    """Read what a campus says of somebody, as the settings name it.

    Raises CampusRefused `no_number` where it says no number, or several.
    """
    numbers = attributes.get(login.number, ()) if login.number else [subject]
    if len(set(numbers)) != 1 or not numbers[0]:
        raise CampusRefused("no_number")
    kinds = frozenset(attributes.get(login.kind, ())) if login.kind else frozenset[str]()
    return CampusVisitor(
        subject, numbers[0], kinds, session_name(login, given), tuple(sorted(attributes))
    )
