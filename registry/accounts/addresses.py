"""Where a request comes from, as limits count it.

An IPv4 address is one household or office. With IPv6 each has a network of 2^64 addresses, and some
have 65,536 such networks (RFC 6177: a site is given a /48 to a /56), so both are counted.
"""

import ipaddress
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address

HOUSEHOLD_BITS, SITE_BITS = 64, 48
NEIGHBOURS_BITS = 24


def household(address: str) -> str:
    """Return an address as one household has it: IPv6 by /64; what is no address as it is."""
    return counted(address)[0]


def counted(address: str) -> tuple[str, ...]:
    """Return all that a limit for an address counts: for IPv6 the /64 and the /48 around it."""
    read = _read(address)
    if read is None:
        return (address,)
    if isinstance(read, IPv6Address):
        return _network(read, HOUSEHOLD_BITS), _network(read, SITE_BITS)
    return (str(read),)


def site(address: str) -> str:
    """Return the widest network that one owner of an address may have: itself, or a /48."""
    return counted(address)[-1]


def neighbours(address: str) -> str:
    """Return the network around an address: /24, with IPv6 /48."""
    read = _read(address)
    if read is None:
        return address
    return _network(read, NEIGHBOURS_BITS if isinstance(read, IPv4Address) else SITE_BITS)


@lru_cache(maxsize=4096)
def _read(address: str) -> IPv4Address | IPv6Address | None:
    """Read an address; None for a local socket, which has none, and for what is no address."""
    try:
        read = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return None
    if isinstance(read, IPv6Address) and read.ipv4_mapped is not None:
        return read.ipv4_mapped
    return read


def _network(address: IPv4Address | IPv6Address, bits: int) -> str:
    return str(ipaddress.ip_network((address, bits), strict=False))
