"""Addresses in settings: how they begin, and whether they lead to this machine."""

import re
from typing import Annotated
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator


def is_this_machine(host: str | None) -> bool:
    """Say whether a host of an address is this machine itself: no host, or a name of loopback."""
    return host in {None, "", "127.0.0.1", "localhost", "::1"}


def base_url(value: str) -> str:
    """Read an address that paths are appended to; raise ValueError for what is none."""
    split = urlsplit(value)
    if split.scheme not in {"https", "http"}:
        raise ValueError("an address begins with https:// (or http://)")
    if not split.hostname or _port(split) is None or re.search(r"[\s?#@\\]", value):
        raise ValueError("write https://host, with nothing behind a question mark and no blanks")
    return value.rstrip("/")


def _port(split: SplitResult) -> int | None:
    """Return the port, 0 for the usual one, None for what is none."""
    try:
        return split.port or 0
    except ValueError:
        return None


def is_readable_on_the_way(url: str) -> bool:
    """Say whether what goes to an address is encrypted by nobody and leaves this machine."""
    return url.startswith("http://") and not is_this_machine(urlsplit(url).hostname)


def sealed_url(value: str) -> str:
    """Return an address as it is; raise ValueError for one that can be read on the way."""
    if is_readable_on_the_way(value):
        raise ValueError("https, except on this machine itself")
    return value


BaseUrl = Annotated[str, AfterValidator(base_url)]
SealedUrl = Annotated[BaseUrl, AfterValidator(sealed_url)]
"""One that is https, or leads to this machine itself."""
