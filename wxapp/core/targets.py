"""Where somebody in WeChat can be led after signing in: by name, never by an outside address."""

HOME = "home"
TARGETS = {
    HOME: "record.home",
    "confirmation": "confirmation.page",
    "register": "registering.page",
    "sheet": "sheet.page",
    "signing": "signing.page",
    "breaches": "breach.page",
    "authorization": "authorizing.page",
    "messages": "inbox.page",
    "me": "record.me",
    "contact": "contact.page",
    "sessions": "signed_in.page",
    "unbind": "unbinding.ask",
    "withdraw": "own_data.ask_withdraw",
    "help": "guide.page",
    "colleague": "colleague.page",
}
"""Name in addresses and menus -> endpoint."""

_NAMES = {endpoint: name for name, endpoint in TARGETS.items()}
_DOORS = {"registering": "register", "evidence": "register", "voiding": "register"} | {
    endpoint.partition(".")[0]: name
    for name, endpoint in TARGETS.items()
    if endpoint.endswith(".page")
}
"""By the part of an endpoint that names its door: where somebody goes on who was in the midst."""


def target_of(endpoint: str | None) -> str:
    """Return the name of the target nearest to a page: its own, its door's first, or home."""
    name = endpoint or ""
    return _NAMES.get(name) or _DOORS.get(name.partition(".")[0], HOME)


def endpoint_of(name: str) -> str:
    """Return the endpoint a name leads to; home for an unknown name."""
    return TARGETS.get(name, TARGETS[HOME])
