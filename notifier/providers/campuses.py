"""The campuses that the settings name, each by the protocol it speaks."""

from collections.abc import Callable, Mapping, Sequence

from notifier.providers.campus import CampusServer
from notifier.providers.cas import CasServer
from runtime.campus_logins import CampusLogin, CampusProtocol

_SERVERS: Mapping[CampusProtocol, Callable[[CampusLogin], CampusServer]] = {
    CampusProtocol.CAS: CasServer,
}


def open_campuses(logins: Sequence[CampusLogin]) -> dict[str, CampusServer]:
    """Open each sign-in, by its name; nothing is asked yet."""
    return {each.name: _SERVERS[each.protocol](each) for each in logins}
