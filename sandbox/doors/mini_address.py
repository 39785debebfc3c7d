"""Where a phone opens a page of the mini program."""

from urllib.parse import parse_qsl, urlencode

PASSED_ON = ("to", "message")
"""What of a page's address the played mini program hands to its server."""


def mini_address(phone_openid: str, path: str) -> str:
    """Return the sandbox's address of a page of the mini program, as cards and menu name it."""
    _, _, query = path.partition("?")
    kept = [(name, value) for name, value in parse_qsl(query) if name in PASSED_ON]
    return f"/phone/{phone_openid}/mini?{urlencode(kept)}"
