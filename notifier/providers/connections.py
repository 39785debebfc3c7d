"""Connections to the outside: a pool with an end, timeouts, nothing of an address in any log."""

from ipaddress import ip_address
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter

from notifier.providers.scrubbing import silence_connections

TIMEOUT = (3, 10)
"""Seconds to connect, and to wait for the next byte of an answer."""
SIZE = 16


def open_connections(base_url: str, size: int = SIZE) -> requests.Session:
    """Open a session whose pool makes threads wait rather than open more than `size`."""
    silence_connections()
    session = requests.Session()
    session.trust_env = not _is_here(base_url)  # a proxy is for what lies outside
    adapter = HTTPAdapter(pool_maxsize=size, pool_block=True)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


def _is_here(base_url: str) -> bool:
    host = urlsplit(base_url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
