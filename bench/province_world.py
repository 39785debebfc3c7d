"""A province whose schools' graduates have records in a system of its own, and that system."""

import asyncio
import base64
import json
import secrets
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Any

import aiohttp
from sqlalchemy import select, text

from bench.world import YEAR, World
from registry.accounts import sessions
from registry.accounts.school_tables import School
from registry.accounts.sessions import Identity
from registry.base.clock import utc_now
from registry.interface import keys
from registry.interface.signatures import Algorithm, headers_for
from registry.record.tables import Graduate
from wxapp.api.examples import RECORD

PROVINCE, SYSTEM = "370000", "山东省高校毕业生就业信息网"
PATH = "/api/province/v1/records"
PAGE = "/g/confirmation"
SCHOOLS, READERS = 10, 200
PATIENCE = aiohttp.ClientTimeout(total=120)
_PEOPLE = """
UPDATE graduate SET confirmation = 'not_reported', student_number = 'S' || id,
    candidate_number = '2637' || lpad(CAST(id AS text), 10, '0')
"""
_SCHOOLS = "UPDATE school SET province = :province, correction_system = :system"
Record = dict[str, Any]


@dataclass(frozen=True)
class Person:
    """A graduate as the province's system knows her."""

    id: int
    school: str
    candidate: str

    def record(self, version: int, unit: str) -> Record:
        """Return a version of her record."""
        own = {"source_id": f"37-{self.id}", "version": version, "yxdm": self.school}
        return {
            **RECORD,
            **own,
            "byjc": str(YEAR),
            "xm": "李娟",
            "ksh": self.candidate,
            "dwmc": unit,
        }


@dataclass(frozen=True)
class Pushed:
    """What became of a batch."""

    seconds: float
    counts: Counter[str]


@dataclass
class Province:
    """The graduates in an order that mixes their schools, some of them signed in."""

    world: World
    people: Sequence[Person]
    tokens: Sequence[str]
    """Sessions of the first of them."""
    said: dict[int, tuple[int, str]] = field(default_factory=dict)
    """The last version of each record, and its unit."""

    def batches(self, size: int, version: int, unit: str) -> Iterator[list[Record]]:
        """Yield a new version of everybody's record, in batches."""
        for part in self._parts(size):
            self.said |= {each.id: (version, unit) for each in part}
            yield self._records(part)

    def unchanged(self, size: int) -> Iterator[list[Record]]:
        """Yield everybody's record as it was pushed last, in batches."""
        yield from map(self._records, self._parts(size))

    def _parts(self, size: int) -> Iterator[Sequence[Person]]:
        for start in range(0, len(self.people), size):
            yield self.people[start : start + size]

    def _records(self, part: Sequence[Person]) -> list[Record]:
        return [each.record(*self.said[each.id]) for each in part]


@dataclass
class ProvincialSystem:
    """The province's system, with a key that it changes when told to."""

    province: Province
    wire: aiohttp.ClientSession
    base: str
    web: int
    """The number of the web's first process."""
    key: tuple[str, Algorithm, bytes] = ("", Algorithm.HMAC_SHA256, b"")

    def take_a_key(self) -> None:
        """Sign with a new key from now on: each may send so many rows a minute."""
        resources, at = self.province.world.resources, utc_now()
        with resources.sessions.begin() as session:
            made = (PROVINCE, Algorithm.HMAC_SHA256, (at, None), at)
            key, secret = keys.create(session, resources.vault, *made)
            self.key = (key.keyid, Algorithm.HMAC_SHA256, base64.b64decode(secret))

    async def push(self, records: Sequence[Record]) -> Pushed:
        """Push a batch, again where it is told to wait; raise RuntimeError for another refusal."""
        begun = time.perf_counter()
        body = json.dumps({"records": records}, ensure_ascii=False).encode()
        while True:
            nonce = secrets.token_hex(16)
            signed = headers_for(("PUT", PATH, "", body), self.key, nonce, utc_now())
            headers = {**signed, "Content-Type": "application/json"}
            async with self.wire.put(f"{self.base}{PATH}", data=body, headers=headers) as answer:
                told = await answer.json(content_type=None)
                if answer.status == 200:
                    return Pushed(time.perf_counter() - begun, Counter(told["counts"]))
                if answer.status not in {429, 503}:
                    raise RuntimeError(f"a batch was answered {answer.status}: {told.get('code')}")
                await asyncio.sleep(float(answer.headers.get("Retry-After", "1")))

    async def page(self, token: str) -> tuple[str, float]:
        """Open a graduate's page; return it and the seconds it took."""
        begun = time.perf_counter()
        cookie = {"Cookie": f"quxiang={token}"}
        async with self.wire.get(f"{self.base}{PAGE}", headers=cookie) as answer:
            shown = await answer.text()
            assert answer.status == 200, answer.status
            return shown, time.perf_counter() - begun


@asynccontextmanager
async def opened(province: Province, base: str, web: int) -> AsyncIterator[ProvincialSystem]:
    """Open the system's connections to the web."""
    jar = aiohttp.DummyCookieJar()
    wire = aiohttp.TCPConnector(keepalive_timeout=1)
    async with aiohttp.ClientSession(connector=wire, cookie_jar=jar, timeout=PATIENCE) as session:
        yield ProvincialSystem(province, session, base, web)


def open_province(world: World, graduates: int) -> Province:
    """Make schools whose graduates all follow the account and have nothing registered."""
    for number in range(SCHOOLS):
        world.add_school(f"{10001 + number}", graduates // SCHOOLS)
    with world.resources.sessions.begin() as session:
        session.execute(text(_PEOPLE))
        session.execute(text(_SCHOOLS), {"province": PROVINCE, "system": SYSTEM})
        found = session.execute(
            select(Graduate.id, School.code, Graduate.candidate_number).join(School)
        )
        people = [Person(ident, code, number or "") for ident, code, number in found]
    Random(1).shuffle(people)  # noqa: S311 - the same order each time, nothing secret
    world.analyse()
    return Province(world, people, _signed_in(world, people[:READERS]))


def _signed_in(world: World, people: Sequence[Person]) -> list[str]:
    tokens = [sessions.new_token() for _ in people]
    with world.resources.sessions.begin() as session:
        for token, person in zip(tokens, people, strict=True):
            who = Identity(graduate_id=person.id, openid=f"o{person.id}")
            sessions.start(session, token, who, {}, utc_now())
    return tokens
