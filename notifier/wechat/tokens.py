"""The account's access token: one for all processes, renewed early by one of them.

Kept in Redis under `wx:<app id>:token`. Whoever finds it near its end renews it under a lock while
the others go on with the old one. A token that WeChat refuses is invalidated only if it is still
the one that is kept. Without Redis each process keeps its own: the platform gives all the same.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from notifier.ledger import outcomes
from notifier.wechat.errors import GatewayError, TokenError, Unavailable
from registry.base.clock import Clock

EARLY = 600
"""Seconds before its end at which a token is renewed."""
LEAST_BETWEEN = 60
"""Seconds between two renewals: near its end the platform gives the same token again."""
LOOK_AGAIN = 15
"""Seconds a process believes its own copy before it looks at the kept one."""
WAIT = 16.0
"""Seconds to wait for somebody else's renewal when there is no old token to go on with."""
PAUSE_AFTER_FAILURE = 5
_POLL = 0.05


@dataclass(frozen=True)
class Granted:
    """What the platform answered: a token and the seconds it is good for."""

    token: str
    seconds: int


@dataclass(frozen=True)
class Kept:
    """A token with its end, and from when on it is worth asking for another."""

    token: str
    expires_at: float
    renew_at: float


class TokenStore(Protocol):
    """Where all processes of the account keep the token and take turns."""

    def read(self) -> Kept | None:
        """Return the kept token."""
        ...

    def write(self, kept: Kept, now: float) -> None:
        """Keep a token until its end."""
        ...

    def lock(self) -> str | None:
        """Take the turn to renew: return the key to give it back with, None if another has it."""
        ...

    def unlock(self, key: str) -> None:
        """Give the turn back."""
        ...

    def may_force(self, at: datetime) -> bool:
        """Count one forced renewal; say whether the limits allow it."""
        ...


class Fetch(Protocol):
    """The call to the platform."""

    def __call__(self, *, force: bool) -> Granted:
        """Return the account's token; `force` makes it a new one and ends the one before."""
        ...


class Tokens:
    """Gives the token that is good now; threads may share it."""

    def __init__(self, fetch: Fetch, store: TokenStore, clock: Clock) -> None:
        """Hold nothing yet: the first who asks fetches."""
        self._fetch = fetch
        self._store = store
        self._clock = clock
        self._turn = threading.Lock()
        self._held: Kept | None = None
        self._looked_at = 0.0
        self._failure: tuple[float, GatewayError] | None = None

    def current(self) -> str:
        """Return a token that is good now.

        Raises TokenError when the account is at fault, Unavailable when there is none to be had.
        """
        now = self._now()
        held = self._held
        if held is not None and now < held.renew_at and now - self._looked_at < LOOK_AGAIN:
            return held.token
        held = self._look(now)
        if held is not None and now < held.renew_at:
            return held.token
        return self._renewed(held, now)

    def refused(self, token: str) -> None:
        """Take note that WeChat refused the token, so that `current` gives another.

        Asks the platform; if it gives the same again, makes it give a new one, once a minute and
        ten times a day at most. Raises TokenError beyond that, Unavailable when it cannot be asked.
        """
        with self._turn:
            key = self._wait_for_turn(lambda: self._replaced(token))
            if key is None:
                return
            try:
                if not self._replaced(token):
                    self._replace(token)
            finally:
                self._store.unlock(key)

    def _now(self) -> float:
        return self._clock().timestamp()

    def _look(self, now: float) -> Kept | None:
        """Take over what is kept, if it is still good, and return what we hold."""
        kept = self._store.read()
        if kept is not None and now < kept.expires_at:
            self._held = kept
        elif self._held is not None and now >= self._held.expires_at:
            self._held = None
        self._looked_at = now
        return self._held

    def _renewed(self, old: Kept | None, now: float) -> str:
        if not self._turn.acquire(blocking=old is None, timeout=-1 if old else WAIT):
            return _going_on_with(old)
        try:
            return self._renew_in_turn(old, now)
        finally:
            self._turn.release()

    def _renew_in_turn(self, old: Kept | None, now: float) -> str:
        """Renew unless somebody has meanwhile; while another process does, go on with the old."""
        found = self._fresh(now)
        if found is not None:
            return found.token
        key = (
            self._store.lock() if old else self._wait_for_turn(lambda: self._fresh(now) is not None)
        )
        if key is None:
            return _going_on_with(old or self._held)
        try:
            return (self._fresh(now) or self._fetched(old, now)).token
        finally:
            self._store.unlock(key)

    def _fresh(self, now: float) -> Kept | None:
        held = self._look(now)
        return held if held is not None and now < held.renew_at else None

    def _fetched(self, old: Kept | None, now: float) -> Kept:
        """Ask the platform; when it cannot, go on with an old token that is still good."""
        if self._failure is not None and now < self._failure[0]:
            return _or_raise(old, self._failure[1])
        try:
            return self._keep(self._fetch(force=False), now)
        except GatewayError as error:
            self._failure = (now + PAUSE_AFTER_FAILURE, error)
            return _or_raise(old, error)

    def _keep(self, granted: Granted, now: float) -> Kept:
        renew_at = now + max(granted.seconds - EARLY, LEAST_BETWEEN)
        kept = Kept(granted.token, now + granted.seconds, renew_at)
        self._store.write(kept, now)
        self._held, self._looked_at, self._failure = kept, now, None
        return kept

    def _replaced(self, token: str) -> bool:
        held = self._look(self._now())
        return held is not None and held.token != token

    def _replace(self, token: str) -> None:
        now = self._now()
        if self._keep(self._fetch(force=False), now).token != token:
            return
        if not self._store.may_force(self._clock()):
            raise TokenError(outcomes.TOKEN_LOST)
        self._keep(self._fetch(force=True), now)

    def _wait_for_turn(self, done: Callable[[], bool]) -> str | None:
        """Return the key once it is our turn, None once `done`; raise Unavailable after WAIT."""
        until = time.monotonic() + WAIT
        while time.monotonic() < until:
            key = self._store.lock()
            if key is not None or done():
                return key
            time.sleep(_POLL)
        raise Unavailable(outcomes.NOT_SENT, detail="waited for another's token")


def _going_on_with(old: Kept | None) -> str:
    if old is None:
        raise Unavailable(outcomes.NOT_SENT, detail="another is fetching the token")
    return old.token


def _or_raise(old: Kept | None, error: GatewayError) -> Kept:
    if old is None:
        raise error.with_traceback(None)
    return old
