"""A campus that speaks CAS: the ticket is asked about by us, and the answer read with care.

Source: CAS protocol 3.0.3. A ticket is good once and for one service, so the service is the very
text that the browser was led there with.
"""

from collections.abc import Mapping
from typing import Never
from urllib.parse import urlencode
from xml.etree import ElementTree as ET

from notifier.providers.bounded_fetch import FetchError, fetch
from notifier.providers.campus import (
    CampusAway,
    CampusRefused,
    CampusVisitor,
    connections_to,
    session_name,
    visitor_of,
)
from runtime.campus_logins import CampusLogin, StatePlace

LONGEST_TICKET = 256
"""The protocol asks clients for 256 at most (3.1)."""
NO_TICKET = "ST-0-of-nobody"
"""For a look at the server: it answers that it does not know it."""


class CasServer:
    """The campus as the settings name it; threads may share it."""

    def __init__(self, login: CampusLogin) -> None:
        """Open a pool of connections; nothing is asked yet."""
        self.login = login
        self._connections = connections_to(login)

    def way_in(self, back: str, state: str, *, in_wechat: bool) -> str:
        """Return where a browser is led to sign in; it comes back to `back`."""
        del in_wechat  # the same page everywhere
        asked = urlencode({"service": self._service(back, state)})
        return f"{self.login.server}/login?{asked}"

    def visitor(self, came: Mapping[str, str], back: str, state: str) -> CampusVisitor:
        """Return whose ticket came back. Raises CampusAway, CampusRefused."""
        ticket = came.get("ticket", "")
        if not ticket or len(ticket) > LONGEST_TICKET:
            raise CampusRefused("no_ticket")
        user, attributes = _read(self._validated(self._service(back, state), ticket))
        return visitor_of(self.login, user, attributes, ticket)

    def ended(self, said: Mapping[str, str], body: bytes) -> str | None:
        """Return the session whose ticket a logout names; None for what is no logout.

        It comes as the field `logoutRequest`, or by itself as the body.
        """
        document = said.get("logoutRequest", "").encode() or body
        try:
            root = _parsed(document)
        except CampusRefused:
            return None
        tickets = [(each.text or "").strip() for each in root if _local(each) == "SessionIndex"]
        if _local(root) != "LogoutRequest" or len(tickets) != 1 or not tickets[0]:
            return None
        return session_name(self.login, tickets[0])

    def way_out(self, back: str) -> str | None:
        """Return where a browser leaves the campus, too."""
        return f"{self.login.server}/logout?{urlencode({'service': back})}"

    def looks(self) -> str:
        """Ask about a ticket that nobody has; an answer of CAS says that all is well.

        Raises CampusAway.
        """
        try:
            _read(self._validated("https://localhost/", NO_TICKET))
        except CampusRefused as refused:
            if refused.code == "bad_answer":
                raise CampusAway(refused.code) from None
            return refused.code
        raise CampusAway("takes_any_ticket")

    def _service(self, back: str, state: str) -> str:
        in_address = self.login.state_in is StatePlace.ADDRESS
        return f"{back}?{urlencode({'state': state})}" if in_address else back

    def _validated(self, service: str, ticket: str) -> bytes:
        address = f"{self.login.server}{self.login.validate_path}"
        try:
            answer = fetch(self._connections, address, query={"service": service, "ticket": ticket})
        except FetchError as error:
            raise CampusAway(error.code) from None
        if answer.status != 200:
            raise CampusAway(f"status_{answer.status}")
        return answer.body


class _NoDoctype(ET.TreeBuilder):
    """Builds a tree of elements; a document type, and so every entity, is refused."""

    def doctype(self, *_what: object) -> Never:
        """Refuse it."""
        raise CampusRefused("bad_answer")


def _read(document: bytes) -> tuple[str, dict[str, list[str]]]:
    """Return the user and the attributes of an answer. Raises CampusRefused.

    Exactly one child of the root decides: a success is never searched for, for somebody may have
    had one written into a message.
    """
    root = _parsed(document)
    first = next(iter(root), None)
    if _local(root) != "serviceResponse" or len(root) != 1 or first is None:
        raise CampusRefused("bad_answer")
    if _local(first) != "authenticationSuccess":
        raise CampusRefused(_code(first.get("code", "")))
    return _user(first), _attributes(first)


def _parsed(document: bytes) -> ET.Element:
    """Return the root of a document in UTF-8. Raises CampusRefused `bad_answer`."""
    parser = ET.XMLParser(target=_NoDoctype(), encoding="utf-8")  # noqa: S314 - as above
    try:
        parser.feed(document)
        root: ET.Element = parser.close()
    except (ET.ParseError, ValueError):
        raise CampusRefused("bad_answer") from None
    return root


def _user(success: ET.Element) -> str:
    users = [(each.text or "").strip() for each in success if _local(each) == "user"]
    if len(users) != 1 or not users[0]:
        raise CampusRefused("no_user")
    return users[0]


def _attributes(success: ET.Element) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for each in success:
        if _local(each) == "attributes":  # without the prefix where a server is old
            for one in each:
                found.setdefault(_local(one), []).append((one.text or "").strip())
    return found


def _local(element: ET.Element) -> str:
    """Return a name without its namespace."""
    return element.tag.rpartition("}")[2]


def _code(text: str) -> str:
    """Return a code of the protocol; nothing else that a server writes gets into a log."""
    known = {"INVALID_REQUEST", "INVALID_TICKET_SPEC", "UNAUTHORIZED_SERVICE_PROXY"}
    known |= {"INVALID_PROXY_CALLBACK", "INVALID_TICKET", "INVALID_SERVICE", "INTERNAL_ERROR"}
    known |= {"UNAUTHORIZED_SERVICE"}
    return text.lower() if text in known else "unknown_code"
