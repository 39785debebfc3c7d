"""The campuses that the settings name, each by the protocol it speaks."""

from collections.abc import Callable, Mapping, Sequence

from notifier.providers.campus import CampusServer
from notifier.providers.cas import CasServer
from runtime.campus_logins import CampusLogin, CampusProtocol


def _oidc(login: CampusLogin) -> CampusServer:
    """Open a campus of this protocol; what it is checked with is loaded for such a one alone."""
    from notifier.providers.oidc import OidcServer  # noqa: PLC0415 - 60 ms of joserfc, for few

    return OidcServer(login)


_SERVERS: Mapping[CampusProtocol, Callable[[CampusLogin], CampusServer]] = {
    CampusProtocol.CAS: CasServer,
    CampusProtocol.OIDC: _oidc,
}


def open_campuses(logins: Sequence[CampusLogin]) -> dict[str, CampusServer]:
    """Open each sign-in, by its name; nothing is asked yet."""
    return {each.name: _SERVERS[each.protocol](each) for each in logins}
