"""The canary: after the whole story, nobody's number stands in a log, in Redis or in a job."""

import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from redis import Redis

from commands.story.rosters import Somebody
from commands.story.stage import Stage


def play(stage: Stage) -> None:
    """Look everywhere for what was seeded."""
    issued = [form for number in stage.numbers for form in (number, number.replace(" ", ""))]
    seeded = [*secrets_of(stage.cast), *issued]
    logs = {path.name: path.read_bytes() for path in stage.trial.home.logs.glob("*")}
    stage.prove(f"日志 {len(logs)} 个，无个人信息  logs are clean", not list(hits(logs, seeded)))
    with Redis.from_url(stage.trial.settings.redis_url, socket_timeout=5) as redis:
        kept = {key.decode(errors="replace"): _value(redis, key) for key in redis.scan_iter()}
    names = {name: name.encode() for name in kept}
    stage.prove(
        f"Redis {len(kept)} 个键，无个人信息  Redis is clean, its jobs too",
        not [*hits(kept, seeded), *hits(names, seeded)],
    )
    dumped = {"database": _text_of(stage.trial.home.database)}
    numbers = [each for each in seeded if each[:-1].isdigit()] + issued
    stage.prove(
        "数据库文件里没有明文证件号、手机号和核验编号  no number stands open in the database",
        not list(hits(dumped, numbers)),
    )


READERS: Mapping[str, Callable[["Redis", bytes], Iterable[Any]]] = {
    "string": lambda redis, key: [redis.get(key)],
    "hash": lambda redis, key: [each for pair in redis.hgetall(key).items() for each in pair],
    "list": lambda redis, key: redis.lrange(key, 0, -1),
    "set": lambda redis, key: redis.smembers(key),
    "zset": lambda redis, key: redis.zrange(key, 0, -1),
    "stream": lambda redis, key: [str(redis.xrange(key)).encode()],
    "none": lambda _redis, _key: [],  # it has run out since it was listed
}


def _value(redis: Redis, key: bytes) -> bytes:
    """Read what a key holds; RQ packs what a job carries."""
    kind = redis.type(key)
    name = kind.decode() if isinstance(kind, bytes) else kind
    parts = [each or b"" for each in READERS[name](redis, key)]
    return b"\n".join([*parts, *(_unpacked(each) for each in parts)])


def _unpacked(value: bytes) -> bytes:
    try:
        return zlib.decompress(value)
    except zlib.error:
        return b""


def secrets_of(cast: Iterable[Somebody]) -> list[str]:
    """Return what may stand nowhere: numbers, phones, names."""
    return [
        value
        for person in cast
        for value in (person.identity_number, person.phone_number, person.name)
    ]


def hits(places: Mapping[str, bytes], secrets: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield each place that holds a secret, in any of the forms it could be written in."""
    for secret in secrets:
        forms = {secret.encode(), secret.encode("unicode_escape"), secret.encode("gb18030")}
        for name, content in places.items():
            if any(form in content for form in forms):
                yield name, secret


def _text_of(database: Path) -> bytes:
    """Read the database with its journals, byte for byte."""
    return b"".join(path.read_bytes() for path in database.parent.glob(f"{database.name}*"))
