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


def target_of(endpoint: str | None) -> str:
    """Return the name of the target nearest to a page; home for any that is none."""
    return _NAMES.get(endpoint or "", HOME)


def endpoint_of(name: str) -> str:
    """Return the endpoint a name leads to; home for an unknown name."""
    return TARGETS.get(name, TARGETS[HOME])
