"""The campuses that the settings name, each by the protocol it speaks."""

from notifier.providers.campus import CampusServer
from notifier.providers.cas import CasServer
from notifier.wechat.wecom import open_wecom
from runtime.campus_logins import CampusLogin, CampusProtocol
from runtime.resources import Resources


def open_campuses(resources: Resources) -> dict[str, CampusServer]:
    """Open each sign-in of the settings, by its name; nothing is asked yet."""
    return {each.name: _opened(each, resources) for each in resources.settings.campus_logins}


def _opened(login: CampusLogin, resources: Resources) -> CampusServer:
    match login.protocol:
        case CampusProtocol.CAS:
            return CasServer(login)
        case CampusProtocol.WECOM:
            return open_wecom(login, resources.redis, resources.vault, resources.clock)
        case CampusProtocol.OIDC:
            from notifier.providers.oidc import OidcServer  # noqa: PLC0415 - 60 ms, for few

            return OidcServer(login)
