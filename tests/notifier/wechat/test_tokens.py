"""One token for all processes: fetched once, renewed early, invalidated only by who holds it."""

import json
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from redis import Redis

from notifier.ledger import outcomes
from notifier.wechat.errors import TokenError, Unavailable
from notifier.wechat.token_store import RedisTokenStore
from notifier.wechat.tokens import Granted, Kept, Tokens
from tests.clock import StandingClock
from tests.notifier.wechat.account import redis_away
from tests.registry.staff_context import VAULT
from tests.waiting import PATIENCE

APP = "wx1"


class Platform:
    """Give tokens as stable_token does: the same one until five minutes before its end."""

    def __init__(self, clock: StandingClock) -> None:
        self.clock = clock
        self.calls: list[bool] = []
        self.fails: Exception | None = None
        self.seconds = 0.0
        self.slow = threading.Event()
        self.slow.set()
        self._number = 0
        self._dies = clock()

    def __call__(self, *, force: bool) -> Granted:
        self.calls.append(force)
        self.slow.wait(PATIENCE)
        time.sleep(self.seconds)
        if self.fails is not None:
            raise self.fails
        if force or self._dies - self.clock() <= timedelta(minutes=5):
            self.replace()
        return Granted(f"token{self._number}", int((self._dies - self.clock()).total_seconds()))

    def replace(self) -> None:
        self._number += 1
        self._dies = self.clock() + timedelta(hours=2)


@pytest.fixture
def platform(clock: StandingClock) -> Platform:
    return Platform(clock)


@pytest.fixture
def make(platform: Platform, valkey: Redis, clock: StandingClock) -> Callable[[], Tokens]:
    """Make the tokens of one more process."""
    return lambda: Tokens(platform, RedisTokenStore(valkey, VAULT, APP), clock)


Make = Callable[[], Tokens]


def test_who_reads_redis_has_no_token(make: Make, valkey: Redis) -> None:
    assert make().current() == "token1"
    kept = [valkey.dump(key) or b"" for key in valkey.scan_iter()]
    assert kept
    assert not any(b"token1" in each for each in kept)


def test_who_writes_redis_gives_nobody_another_token(
    make: Make, platform: Platform, valkey: Redis, clock: StandingClock
) -> None:
    end = clock().timestamp() + 7000
    mine = {"token": "stolen", "expires_at": end, "renew_at": end}
    valkey.set(f"wx:{APP}:token", json.dumps(mine))
    assert make().current() == "token1"
    RedisTokenStore(valkey, VAULT, "another-account").write(Kept("stolen", end, end), end - 7000)
    valkey.rename("wx:another-account:token", f"wx:{APP}:token")
    assert make().current() == "token1"
    assert platform.calls == [False, False]


def test_a_token_is_fetched_once_and_shared(make: Make, platform: Platform) -> None:
    assert [make().current() for _ in range(5)] == ["token1"] * 5
    assert platform.calls == [False]


def test_sixteen_processes_with_a_cold_redis_make_one_call(make: Make, platform: Platform) -> None:
    platform.seconds = 0.2
    with ThreadPoolExecutor(16) as pool:
        got = list(pool.map(lambda _: make().current(), range(16)))
    assert set(got) == {"token1"}
    assert platform.calls == [False]


def test_sixteen_threads_of_a_process_without_redis_make_one_call(
    platform: Platform, clock: StandingClock
) -> None:
    tokens = Tokens(platform, RedisTokenStore(redis_away(), VAULT, APP), clock)
    with ThreadPoolExecutor(16) as pool:
        got = list(pool.map(lambda _: tokens.current(), range(16)))
    assert set(got) == {"token1"}
    assert platform.calls == [False]


def test_readers_go_on_with_the_old_token_while_one_renews(
    make: Make, platform: Platform, clock: StandingClock
) -> None:
    first, second = make(), make()
    assert first.current() == second.current() == "token1"
    clock.move(timedelta(minutes=116))
    platform.slow.clear()
    with ThreadPoolExecutor(1) as pool:
        renewing = pool.submit(first.current)
        while len(platform.calls) < 2:
            pass
        assert second.current() == "token1"
        platform.slow.set()
        assert renewing.result(PATIENCE) == "token2"
    clock.move(timedelta(seconds=20))
    assert second.current() == "token2"


def test_near_its_end_the_platform_is_asked_once_a_minute(
    make: Make, platform: Platform, clock: StandingClock
) -> None:
    tokens = make()
    tokens.current()
    clock.move(timedelta(minutes=111))
    assert [tokens.current() for _ in range(50)] == ["token1"] * 50
    assert len(platform.calls) == 2
    clock.move(timedelta(minutes=5))
    assert tokens.current() == "token2"


def test_a_refused_token_is_replaced_by_what_the_platform_gives_now(
    make: Make, platform: Platform
) -> None:
    tokens = make()
    tokens.current()
    platform.replace()
    tokens.refused("token1")
    assert tokens.current() == "token2"
    assert platform.calls == [False, False]


def test_a_hundred_refusals_of_one_token_make_one_call(make: Make, platform: Platform) -> None:
    processes = [make() for _ in range(8)]
    for each in processes:
        each.current()
    platform.replace()
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda n: processes[n % 8].refused("token1"), range(100)))
    assert {each.current() for each in processes} == {"token2"}
    assert platform.calls == [False, False]


def test_the_same_token_again_is_forced_out_once(make: Make, platform: Platform) -> None:
    tokens = make()
    tokens.current()
    tokens.refused("token1")
    assert tokens.current() == "token2"
    assert platform.calls == [False, False, True]


def test_a_forced_token_that_is_refused_at_once_is_the_accounts_fault(
    make: Make, platform: Platform
) -> None:
    tokens, other = make(), make()
    tokens.current()
    tokens.refused("token1")
    with pytest.raises(TokenError) as caught:
        other.refused("token2")
    assert caught.value.outcome is outcomes.TOKEN_LOST
    assert platform.calls.count(True) == 1


def test_a_token_is_forced_out_ten_times_a_day_at_most(
    make: Make, platform: Platform, valkey: Redis
) -> None:
    tokens = make()
    for _ in range(10):
        tokens.refused(tokens.current())
        valkey.delete(f"wx:{APP}:token:forced")  # as if a minute had passed
    with pytest.raises(TokenError):
        tokens.refused(tokens.current())
    assert platform.calls.count(True) == 10


def test_without_redis_the_limits_of_force_hold_in_the_process(
    platform: Platform, clock: StandingClock
) -> None:
    tokens = Tokens(platform, RedisTokenStore(redis_away(), VAULT, APP), clock)
    tokens.refused(tokens.current())
    with pytest.raises(TokenError):
        tokens.refused(tokens.current())
    clock.move(timedelta(seconds=61))
    tokens.refused(tokens.current())
    assert platform.calls.count(True) == 2


def test_an_old_token_outlives_a_platform_that_cannot_be_asked(
    make: Make, platform: Platform, clock: StandingClock
) -> None:
    tokens = make()
    tokens.current()
    platform.fails = Unavailable()
    clock.move(timedelta(minutes=112))
    assert {tokens.current() for _ in range(20)} == {"token1"}
    assert len(platform.calls) == 2
    clock.move(timedelta(minutes=9))
    with pytest.raises(Unavailable):
        tokens.current()


def test_a_platform_that_cannot_be_asked_is_not_asked_by_everybody(
    make: Make, platform: Platform
) -> None:
    platform.fails = TokenError(outcomes.of(40125))
    tokens = make()
    for _ in range(20):
        with pytest.raises(TokenError, match="bad_secret"):
            tokens.current()
    assert len(platform.calls) == 1


def test_an_emptied_redis_costs_nothing_to_who_holds_the_token(
    make: Make, platform: Platform, valkey: Redis
) -> None:
    tokens = make()
    tokens.current()
    valkey.flushall()
    assert tokens.current() == "token1"
    assert make().current() == "token1"
    assert len(platform.calls) == 2


def test_rubbish_in_redis_is_overwritten(make: Make, valkey: Redis) -> None:
    valkey.set(f"wx:{APP}:token", b"{]")
    assert make().current() == "token1"
