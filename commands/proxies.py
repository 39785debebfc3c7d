"""One rule for who goes through a proxy: all that leaves this machine, whichever client asks."""

import os
from collections.abc import MutableMapping

LOOPBACK = ("localhost", "127.0.0.1", "::1")
NAMES = ("http_proxy", "https_proxy", "all_proxy")


def settle_proxies(environment: MutableMapping[str, str] = os.environ) -> None:
    """Have every client read the same variables, and none of them go through a proxy to loopback.

    libcurl knows `http_proxy` in small letters alone, requests in capitals too.
    """
    for name in NAMES:
        value = environment.get(name) or environment.get(name.upper())
        if value:
            environment[name] = environment[name.upper()] = value
    given = environment.get("no_proxy") or environment.get("NO_PROXY") or ""
    hosts = [each.strip() for each in given.split(",") if each.strip()]
    if "*" not in hosts:
        hosts += [each for each in LOOPBACK if each not in hosts]
    environment["no_proxy"] = environment["NO_PROXY"] = ",".join(hosts)
