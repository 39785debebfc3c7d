"""Pushing events to the account's server: signed, encrypted, three tries, five seconds each."""

import asyncio
import logging
import secrets
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import aiohttp

from sandbox.config import Config
from sandbox.crypto import CallbackCipher, sign
from sandbox.events import Fields, document, elements

log = logging.getLogger(__name__)

TRIES = 3
MOST_ANSWER = 65_536
XML = {"Content-Type": "text/xml"}


class UnreadableAnswer(ValueError):
    """The account's server answered something that is no reply."""


class Host(Protocol):
    """What the pusher must know of the sandbox: its present settings and its time."""

    config: Config

    def now(self) -> float:
        """Return the time in seconds."""


@dataclass(slots=True)
class Push:
    """One document on its way; `reply` is told the account's text, or None when nobody answered."""

    openid: str
    fields: Fields
    reply: Callable[[str | None], None] | None = None


def sealed(config: Config, push: Push, at: float) -> tuple[dict[str, str], str]:
    """Return the query and the body the account's server receives, in the configured mode."""
    stamp, nonce = str(int(at)), str(secrets.randbelow(9 * 10**9) + 10**9)
    token = config.callback_token
    query = {
        "signature": sign(token, stamp, nonce),
        "timestamp": stamp,
        "nonce": nonce,
        "openid": push.openid,
    }
    clear = document(push.fields)
    if config.callback_mode == "plain":
        return query, clear
    encrypted = CallbackCipher(config.aes_key, config.app_id).encrypt(clear)
    query |= {"encrypt_type": "aes", "msg_signature": sign(token, stamp, nonce, encrypted)}
    outside: Fields = {"ToUserName": config.account_id}
    shown = push.fields if config.callback_mode == "compatible" else outside
    return query, document(shown | {"Encrypt": encrypted})


def opened(config: Config, body: str) -> str:
    """Return the text of the account's answer, "" for none; raise UnreadableAnswer."""
    if body.strip() in ("", "success"):
        return ""
    found = elements(body)
    if "Encrypt" in found:
        found = _decrypted(config, found)
    elif config.callback_mode == "safe":
        raise UnreadableAnswer("in safe mode an answer must be encrypted")
    if not found.get("MsgType"):
        raise UnreadableAnswer("the answer is no message")
    return found.get("Content", "")


def _decrypted(config: Config, outer: dict[str, str]) -> dict[str, str]:
    signed = [outer.get("TimeStamp", ""), outer.get("Nonce", ""), outer["Encrypt"]]
    if outer.get("MsgSignature") != sign(config.callback_token, *signed):
        raise UnreadableAnswer("the answer's signature is wrong")
    try:
        return elements(CallbackCipher(config.aes_key, config.app_id).decrypt(outer["Encrypt"]))
    except ValueError as error:
        raise UnreadableAnswer(str(error)) from error


class Pusher:
    """A queue of pushes and a fixed number of tasks that empty it over kept-alive connections."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._queue: asyncio.Queue[Push] = asyncio.Queue()
        self._session: aiohttp.ClientSession | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._later: set[asyncio.TimerHandle] = set()
        self._busy = 0
        self.counts: Counter[str] = Counter()

    async def start(self) -> None:
        """Open the session and start the tasks."""
        width = self._host.config.push_concurrency
        connector = aiohttp.TCPConnector(limit=width)
        self._session = aiohttp.ClientSession(
            connector=connector, cookie_jar=aiohttp.DummyCookieJar()
        )
        self._tasks = [asyncio.create_task(self._work()) for _ in range(width)]

    async def stop(self) -> None:
        """Stop at once; what was not pushed yet is lost, as with the platform."""
        for timer in self._later:
            timer.cancel()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    @property
    def pending(self) -> int:
        """Return how many pushes are waiting or on their way."""
        return self._queue.qsize() + len(self._later) + self._busy

    def push(self, push: Push, delay: float = 0) -> None:
        """Send it after `delay` seconds."""
        if delay <= 0:
            self._queue.put_nowait(push)
            return
        timers: list[asyncio.TimerHandle] = []
        due = partial(self._due, push, timers)
        timers.append(asyncio.get_running_loop().call_later(delay, due))
        self._later.add(timers[0])

    def _due(self, push: Push, timers: list[asyncio.TimerHandle]) -> None:
        self._later.discard(timers[0])
        self._queue.put_nowait(push)

    async def _work(self) -> None:
        while True:
            push = await self._queue.get()
            self._busy += 1
            try:
                await self.deliver(push)
            finally:
                self._busy -= 1

    async def deliver(self, push: Push) -> None:
        """Try three times; count and log a failure, and tell who waits for a reply."""
        if not self._host.config.callback_url:
            self.counts["nowhere"] += 1
            return
        text: str | None = None
        for attempt in range(TRIES):
            if attempt:
                await asyncio.sleep(self._host.config.push_pause)
            text = await self._try(push)
            if text is not None:
                self.counts["delivered"] += 1
                break
        else:
            self.counts["failed"] += 1
            log.warning("a push was refused three times: %s", push.fields.get("Event", "text"))
        if push.reply is not None:
            push.reply(text)

    async def _try(self, push: Push) -> str | None:
        config = self._host.config
        query, body = sealed(config, push, self._host.now())
        self.counts["tries"] += 1
        try:
            return opened(config, await self._post(config, query, body))
        except (aiohttp.ClientError, TimeoutError, UnreadableAnswer, UnicodeDecodeError) as error:
            log.info("a push failed: %s", type(error).__name__)
            return None

    async def _post(self, config: Config, query: dict[str, str], body: str) -> str:
        if self._session is None:
            raise RuntimeError("the pusher was not started")
        timeout = aiohttp.ClientTimeout(total=config.push_timeout)
        async with self._session.post(
            config.callback_url, params=query, data=body.encode(), headers=XML, timeout=timeout
        ) as answer:
            answer.raise_for_status()
            return (await answer.content.read(MOST_ANSWER)).decode()

    async def verify(self) -> bool:
        """Do what the console does when the address is saved: ask for an echo."""
        config = self._host.config
        query, _ = sealed(config, Push("", {}), self._host.now())
        echo = secrets.token_hex(10)
        asked = {name: query[name] for name in ("signature", "timestamp", "nonce")}
        if self._session is None:
            raise RuntimeError("the pusher was not started")
        timeout = aiohttp.ClientTimeout(total=config.push_timeout)
        async with self._session.get(
            config.callback_url, params=asked | {"echostr": echo}, timeout=timeout
        ) as answer:
            return answer.status == 200 and await answer.text() == echo
