"""The address of a database as people write it, brought into the one form that is opened."""

from urllib.parse import parse_qsl, urlsplit

SQLITE = "sqlite:///"
POSTGRESQL = "postgresql+psycopg"
_ALSO = ("postgresql", "postgres", POSTGRESQL)
READ_WRITE = "target_session_attrs=read-write"
_POOL_MODE = "pool_mode"
_POOL_MODES = ("session", "transaction")


def checked_url(url: str) -> str:
    """Return the address with the driver's name; raise ValueError in words for a wrong one.

    psycopg is the only driver there is. Of several hosts (`host1:5432,host2:5432`) the one that
    takes writes is gone to, unless `target_session_attrs` says otherwise. `pool_mode=transaction`
    says that a pooler before it gives each transaction some session of the server.
    """
    scheme, found, rest = url.partition("://")
    if found and scheme == "sqlite":
        return url
    if not found or scheme not in _ALSO or not rest:
        raise ValueError("write postgresql+psycopg://user:password@host/name or sqlite:////file")
    split = urlsplit(f"{POSTGRESQL}://{rest}")
    login, at, places = split.netloc.rpartition("@")
    hosts = places.split(",")
    for each in hosts:
        _check_host(each)
    query = split.query
    if not {value for name, value in parse_qsl(query) if name == _POOL_MODE} <= set(_POOL_MODES):
        raise ValueError(f"{_POOL_MODE} is {' or '.join(_POOL_MODES)}, as in pgbouncer")
    if len(hosts) > 1:
        query = "&".join(filter(None, (*(f"host={each}" for each in hosts), query)))
        places = ""
    if query.count("host=") > 1 and "target_session_attrs=" not in query:
        query = f"{query}&{READ_WRITE}"
    return f"{POSTGRESQL}://{login}{at}{places}{split.path}{'?' * bool(query)}{query}"


def _check_host(place: str) -> None:
    try:
        _ = urlsplit(f"//{place}").port
    except ValueError:
        raise ValueError("a port is a number up to 65535") from None
