"""Where the account's token is kept and turns are taken: Redis, or the process without it.

It is sealed: who reads Redis cannot send in the account's name, and who writes it cannot have ours
sent with another's.
Losing Redis costs one call of the platform a process: it gives everybody the same token.
"""

import json
import secrets
import time
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import cast

from redis import Redis
from redis.exceptions import RedisError

from notifier.wechat.tokens import Kept
from registry.base.clock import SHANGHAI
from registry.base.crypto import UnreadableValue, Vault

LOCK_MILLISECONDS = 14_000
"""Longer than a call may take; a holder that died is waited for no longer."""
FORCE_GAP = 60
PURPOSE = "wechat token"
FORCES_A_DAY = 10
AWAY_SECONDS = 5.0
"""How long Redis is left alone after it did not answer."""
_UNLOCK = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end"
_WITHOUT_REDIS = "process"


class RedisTokenStore:
    """The token of one account, kept in Redis; or its ticket for pages, by another `name`."""

    def __init__(self, redis: Redis, vault: Vault, app_id: str, name: str = "token") -> None:
        """Name the keys; nothing is asked yet."""
        self._redis = redis
        self._vault = vault
        self._key = f"wx:{app_id}:{name}"
        self._away_until = 0.0
        self._forced: list[datetime] = []

    def read(self) -> Kept | None:
        """Return the kept token; None where there is none, or Redis is away."""
        if self._is_away():
            return None
        try:
            text = cast("bytes | None", self._redis.get(self._key))
            return (
                Kept(**json.loads(self._vault.open(PURPOSE, self._key, text.decode())))
                if text
                else None
            )
        except (TypeError, ValueError, UnreadableValue):
            return None  # not written by us: the next renewal overwrites it
        except RedisError:
            self._note_away()
            return None

    def write(self, kept: Kept, now: float) -> None:
        """Keep the token until its end; without Redis, this process alone has it."""
        if self._is_away():
            return
        try:
            seconds = max(1, int(kept.expires_at - now))
            sealed = self._vault.seal(PURPOSE, self._key, json.dumps(asdict(kept)))
            self._redis.set(self._key, sealed, ex=seconds)
        except RedisError:
            self._note_away()

    def lock(self) -> str | None:
        """Take the turn among all processes; without Redis, each has its own."""
        if self._is_away():
            return _WITHOUT_REDIS
        key = secrets.token_hex(16)
        try:
            taken = self._redis.set(f"{self._key}:lock", key, nx=True, px=LOCK_MILLISECONDS)
        except RedisError:
            self._note_away()
            return _WITHOUT_REDIS
        return key if taken else None

    def unlock(self, key: str) -> None:
        """Give the turn back, unless it has passed on meanwhile."""
        if key == _WITHOUT_REDIS or self._is_away():
            return
        try:
            self._redis.eval(_UNLOCK, 1, f"{self._key}:lock", key)
        except RedisError:
            self._note_away()

    def may_force(self, at: datetime) -> bool:
        """Count one forced renewal against the limits: one in 60 s and ten a day (Shanghai)."""
        if not self._is_away():
            try:
                return self._may_force_among_all(at)
            except RedisError:
                self._note_away()
        return self._may_force_here(at)

    def _may_force_among_all(self, at: datetime) -> bool:
        if not self._redis.set(f"{self._key}:forced", b"1", nx=True, ex=FORCE_GAP):
            return False
        day = f"{self._key}:forced:{at.astimezone(SHANGHAI):%Y%m%d}"
        count = self._redis.incr(day)
        self._redis.expire(day, timedelta(days=2))
        return count <= FORCES_A_DAY

    def _may_force_here(self, at: datetime) -> bool:
        self._forced = [each for each in self._forced if at - each < timedelta(days=1)]
        too_soon = bool(self._forced) and at - self._forced[-1] < timedelta(seconds=FORCE_GAP)
        if too_soon or len(self._forced) >= FORCES_A_DAY:
            return False
        self._forced.append(at)
        return True

    def _is_away(self) -> bool:
        return time.monotonic() < self._away_until

    def _note_away(self) -> None:
        self._away_until = time.monotonic() + AWAY_SECONDS
