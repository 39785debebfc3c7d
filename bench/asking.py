"""Receivers' browsers by the thousand: one form's token each, then one lookup after another."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp

FORM = "/verify/file"
TOKEN = re.compile(r'name="csrf_token"\s+value="([^"]+)"')
SECONDS = aiohttp.ClientTimeout(total=60)
KEPT_SECONDS = 1
"""Less than the server keeps a connection that is not used: it closes them without a word."""


@dataclass(frozen=True)
class Question:
    """A lookup to be made: by whom, under which name, from which address."""

    name: str
    number: str
    address: str


@dataclass(frozen=True)
class Reply:
    """What came back, and when."""

    status: int
    page: str
    seconds: float

    @property
    def shown(self) -> bool:
        """Say whether the report was shown."""
        return 'class="stamp"' in self.page

    @property
    def puzzled(self) -> bool:
        """Say whether nothing was looked up because a puzzle came first."""
        return "请先输入图中的数字" in self.page or "没有输对" in self.page


@dataclass
class Window:
    """The door as a program sees it: it holds one session and its token."""

    wire: aiohttp.ClientSession
    base: str
    token: str = ""
    cookie: str = ""
    replies: list[Reply] = field(default_factory=list)

    async def enter(self) -> None:
        """Fetch the form once; its token serves for every address."""
        async with self.wire.get(f"{self.base}{FORM}") as answer:
            page = await answer.text()
            self.cookie = "; ".join(f"{name}={each.value}" for name, each in answer.cookies.items())
        found = TOKEN.search(page)
        assert found is not None, page[:300]
        self.token = found[1]

    async def ask(self, question: Question) -> Reply:
        """Send the form."""
        form = {"csrf_token": self.token, "name": question.name, "number": question.number}
        headers = {"X-Forwarded-For": question.address, "Cookie": self.cookie}
        begun = time.perf_counter()
        async with self.wire.post(f"{self.base}{FORM}", data=form, headers=headers) as answer:
            page = await answer.text()
            return Reply(answer.status, page, time.perf_counter() - begun)

    async def scan(self, token: str, address: str) -> Reply:
        """Open the link of a QR code."""
        headers = {"X-Forwarded-For": address}
        begun = time.perf_counter()
        async with self.wire.get(f"{self.base}/v/{token}", headers=headers) as answer:
            page = await answer.text()
            return Reply(answer.status, page, time.perf_counter() - begun)


@asynccontextmanager
async def entered(base: str, connections: int) -> AsyncIterator[Window]:
    """Open a window with a session."""
    jar = aiohttp.DummyCookieJar()
    wire = aiohttp.TCPConnector(limit=connections, keepalive_timeout=KEPT_SECONDS)
    async with aiohttp.ClientSession(connector=wire, cookie_jar=jar, timeout=SECONDS) as session:
        window = Window(session, base)
        await window.enter()
        yield window


async def all_at_once(
    window: Window,
    questions: Iterable[Question],
    connections: int,
    take: Callable[[Question, Reply], None],
) -> None:
    """Ask all questions over so many connections, as fast as they are answered."""
    left = iter(questions)

    async def ask_on() -> None:
        for question in left:
            take(question, await window.ask(question))

    await asyncio.gather(*(ask_on() for _ in range(connections)))


async def at_a_rate(window: Window, questions: Iterable[Question], rate: float) -> list[Reply]:
    """Ask at a steady rate; a reply's time counts from when the question was due."""
    begun = time.perf_counter()

    async def ask_at(due: float, question: Question) -> Reply:
        await asyncio.sleep(max(0.0, begun + due - time.perf_counter()))
        reply = await window.ask(question)
        return Reply(reply.status, reply.page, time.perf_counter() - begun - due)

    tasks = [
        asyncio.create_task(ask_at(place / rate, question))
        for place, question in enumerate(questions)
    ]
    return list(await asyncio.gather(*tasks))
