"""What a guard counts, at its edges: addresses that are none, and guesses made all at once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from registry.accounts.attempts import wait_of
from registry.numbers import shape
from registry.numbers.lookup import receive
from registry.numbers.lookup.guard import ADDRESS, HERE, NUMBER, Budget, Guard, LookupSource
from registry.numbers.lookup.receive import LookupRequest
from registry.numbers.shape import Issue, Kind
from registry.numbers.tables import Lookup
from tests.clock import StandingClock
from tests.registry.staff_context import VAULT

GUARD = Guard(VAULT)
AT_ONCE = 16


def test_guesses_made_all_at_once_are_counted_one_by_one(
    sessions: sessionmaker[Session], clock: StandingClock
) -> None:
    together = Barrier(AT_ONCE)

    def guess(place: int) -> None:
        number = shape.make(Issue.TRANSFER, 2026, "10001")
        asked = LookupRequest(Kind.FILE, "张三", number, "198.51.100.7", f"{place:064}")
        together.wait()
        with sessions.begin() as session:
            receive.look_up(session, VAULT, GUARD, asked, clock())

    with ThreadPoolExecutor(AT_ONCE) as guessers:
        list(guessers.map(guess, range(AT_ONCE)))
    with sessions() as session:
        assert session.scalar(select(func.count()).select_from(Lookup)) == ADDRESS.free


@pytest.mark.parametrize("address", ["", "unix", "fe80::1%eth0", "::", "999.1.1.1"])
def test_any_address_can_be_weighed(session: Session, clock: StandingClock, address: str) -> None:
    asker = LookupSource(address, "2610001ABC")
    for _ in range(ADDRESS.free):
        assert not GUARD.weigh(session, asker, clock()).puzzle
        GUARD.count_failure(session, asker, clock())
    assert GUARD.weigh(session, asker, clock()).puzzle


@pytest.mark.parametrize("budget", [HERE, ADDRESS], ids=["here", "address"])
def test_counting_goes_as_far_as_the_longest_pause_and_no_further(budget: Budget) -> None:
    assert wait_of(budget.pause, budget.most) == budget.pause.longest
    assert budget.free <= budget.most < 40


def test_a_number_costs_nobody_a_pause() -> None:
    assert NUMBER.most == NUMBER.free
    assert not wait_of(NUMBER.pause, 1000)
