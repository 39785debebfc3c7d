"""Opening Redis or Valkey by its address, with time-outs, and whether it takes what is written."""

import socket
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from redis.sentinel import Sentinel

SECONDS = 1.0
"""How long a page or a message waits for Redis, which holds nothing that either must wait for."""
WRITTEN_SECONDS = 60

_SAME = {"valkey": "redis", "valkeys": "rediss", "valkey+sentinel": "redis+sentinel"}
_SCHEMES = {"redis", "rediss", "unix", "redis+sentinel", "rediss+sentinel"}
_OF_SENTINELS = "+sentinel"
_SENTINEL_PORT = 26379
_OPTIONS = {
    *("db", "username", "password", "protocol", "sentinel_username", "sentinel_password"),
    *("ssl_ca_certs", "ssl_ca_path", "ssl_certfile", "ssl_keyfile", "ssl_password"),
    *("ssl_cert_reqs", "ssl_check_hostname"),
}
"""What may follow the question mark; how long we wait is not an address's to say."""
_KEEPALIVE = {
    "socket_keepalive": True,
    "socket_keepalive_options": {
        socket.TCP_KEEPIDLE: 5,
        socket.TCP_KEEPINTVL: 5,
        socket.TCP_KEEPCNT: 3,
        socket.TCP_USER_TIMEOUT: 20_000,
    },
}
"""A machine that is gone says nothing: a connection without a sign of it for 20 s is at its end."""


def checked_url(url: str) -> str:
    """Return an address as redis-py reads it; raise ValueError, in words, for one that it cannot.

    `redis://`, `rediss://` (TLS), `unix://`, `valkey://`, or Sentinels:
    `redis+sentinel://user:password@host:26379,host:26379/SERVICE/0`.
    """
    scheme, _, rest = url.partition("://")
    whole = f"{_SAME.get(scheme, scheme)}://{rest}"
    split = urlsplit(whole)
    if split.scheme not in _SCHEMES or not rest:
        raise ValueError("write redis://host:6379/0")
    given = dict(parse_qsl(split.query, keep_blank_values=True))
    if "cluster" in given:
        raise ValueError("a cluster is not supported: name one server, or its Sentinels")
    if unknown := sorted(set(given) - _OPTIONS):
        raise ValueError(f"nothing reads {', '.join(unknown)} after the question mark")
    if split.scheme != "unix":
        _check_place(split)
    return whole


def _check_place(split: SplitResult) -> None:
    """Refuse hosts, ports, a service or a number that redis-py would fail at, or not look at."""
    _hosts(split)
    service, number = _place(split)
    if split.scheme.endswith(_OF_SENTINELS) != bool(service):
        raise ValueError("write redis://host:6379/0, or redis+sentinel://host:26379/SERVICE/0")
    if not number.isdecimal():
        raise ValueError("a database is a number, as in redis://host:6379/0")


def _hosts(split: SplitResult) -> list[tuple[str, int]]:
    found = []
    for each in split.netloc.rpartition("@")[2].split(","):
        place = urlsplit(f"//{each}")
        try:
            found.append((place.hostname or "", place.port or _SENTINEL_PORT))
        except ValueError:
            raise ValueError("a port is a number up to 65535") from None
    if len(found) > 1 and not split.scheme.endswith(_OF_SENTINELS):
        raise ValueError("several hosts are Sentinels: write redis+sentinel://")
    if not all(host for host, _ in found):
        raise ValueError("a host is missing")
    return found


def _place(split: SplitResult) -> tuple[str, str]:
    """Return the service that Sentinels are asked for, and the number of the database."""
    path = split.path.strip("/")
    if not split.scheme.endswith(_OF_SENTINELS):
        return "", path or "0"
    service, _, number = path.partition("/")
    return service, number or "0"


def open_redis(
    url: str, seconds: float = SECONDS, connect_seconds: float | None = None, retries: int = 1
) -> Redis:
    """Open Redis, whose answers are waited for so many seconds; nothing is asked of it yet.

    Behind Sentinels each new connection goes to the server that takes writes by then.
    """
    waits: dict[str, Any] = {
        "socket_timeout": seconds,
        "socket_connect_timeout": connect_seconds or seconds,
        "retry": Retry(NoBackoff(), retries),
    }
    split = urlsplit(url)
    if split.scheme.endswith(_OF_SENTINELS):
        return _behind_sentinels(split, waits | _KEEPALIVE)
    return Redis.from_url(url, **waits, **({} if split.scheme == "unix" else _KEEPALIVE))


def _behind_sentinels(split: SplitResult, waits: dict[str, Any]) -> Redis:
    service, number = _place(split)
    options: dict[str, Any] = {"db": number} | dict(parse_qsl(split.query))
    asked = {key: options.pop(f"sentinel_{key}", None) for key in ("username", "password")}
    own = {"username": split.username, "password": split.password}
    options |= {key: unquote(value) for key, value in own.items() if value}
    tls = {"ssl": True} if split.scheme.startswith("rediss") else {}
    patience = {"socket_timeout": SECONDS, "socket_connect_timeout": SECONDS}
    of_sentinels = {**asked, **tls, **patience}
    make: Any = Sentinel  # it has no types
    sentinel = make(_hosts(split), sentinel_kwargs=of_sentinels, **options, **tls, **waits)
    redis: Redis = sentinel.master_for(service)
    return redis


def prove_writable(redis: Redis) -> None:
    """Raise RedisError unless it takes writes: one that is full, or a copy, still answers."""
    redis.set("quxiang:written", "", ex=WRITTEN_SECONDS)
