"""Strangers who guess at an account keep its owner out of nothing, and guess no more than before.

Before known browsers and puzzles, the first of these attacks kept the owner out 34 times of 34, and
guessers got 17 tries in the first hour from one address and 84 from ten thousand.
"""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from registry.accounts import devices, passwords
from registry.accounts.devices import Device
from registry.accounts.sign_in_guard import STRANGERS, SignInAsker
from registry.accounts.staff import NewStaff, create_staff, sign_in
from registry.accounts.tables import Role, Staff
from registry.base.errors import RuleError
from tests.clock import StandingClock
from tests.registry.accounts.strangers import VAULT, known, solve_and_sign_in, stranger

PASSWORD = "correct horse battery"
OFFICE, ELSEWHERE = "192.0.2.9", "198.51.100.77"
TOKEN = "t" * 43
Guess = Callable[[str], Staff | RuleError]


@pytest.fixture
def owner(session: Session, clock: StandingClock) -> Staff:
    return create_staff(session, NewStaff("ops", "运维", Role.OPERATOR), PASSWORD, clock())


@pytest.fixture
def guess(session: Session, owner: Staff, clock: StandingClock) -> Guess:
    def once(address: str) -> Staff | RuleError:
        return solve_and_sign_in(session, "ops", "guess", stranger(address), clock())

    return once


def times_in(session: Session, clock: StandingClock, guess: Guess, asker: SignInAsker) -> int:
    """Let four addresses guess once every two seconds beside the owner; return how often she's in.

    They have been at it for ten minutes, and solve every puzzle.
    """
    came_in = 0
    for turn in range(300 + 34):
        for place in range(4):
            guess(f"10.0.0.{place}")
        clock.move(timedelta(seconds=2))
        if turn >= 300:
            found = solve_and_sign_in(session, "ops", PASSWORD, asker, clock())
            came_in += isinstance(found, Staff)
    return came_in


@pytest.mark.in_ci
@pytest.mark.slow  # ten minutes of four who guess every two seconds
def test_four_guessers_do_not_keep_the_owner_out_of_a_new_browser(
    session: Session, guess: Guess, clock: StandingClock
) -> None:
    assert times_in(session, clock, guess, stranger(ELSEWHERE)) == 34


def test_the_browser_that_signed_in_before_is_asked_no_puzzle(
    session: Session, owner: Staff, guess: Guess, clock: StandingClock
) -> None:
    devices.remember(session, VAULT, owner.id, Device(TOKEN, OFFICE), clock())
    for place in range(STRANGERS + 5):
        guess(f"10.{place}.0.1")
    found = sign_in(session, VAULT, "ops", PASSWORD, known(TOKEN, ELSEWHERE), clock())
    assert found is owner


def tries_in_an_hour(
    session: Session, clock: StandingClock, address: Callable[[int], str], *, solves: bool
) -> int:
    """Return how many passwords are looked at of one guess a second."""
    tries = 0
    try_it = solve_and_sign_in if solves else (lambda *args: sign_in(args[0], VAULT, *args[1:]))
    for second in range(3600):
        found = try_it(session, "ops", "guess", stranger(address(second)), clock())
        tries += isinstance(found, RuleError) and found.code == "sign_in_failed"
        clock.move(timedelta(seconds=1))
    return tries


@pytest.mark.in_ci
@pytest.mark.parametrize(
    ("addresses", "solves", "most"),
    [(1, False, 3), (10_000, False, 5), (1, True, 14), (4, True, 56), (10_000, True, STRANGERS)],
)
def test_guessers_get_no_more_tries_than_before(
    session: Session,
    owner: Staff,
    clock: StandingClock,
    addresses: int,
    solves: bool,  # noqa: FBT001 - a parameter of the test
    most: int,
) -> None:
    def address(second: int) -> str:
        place = second * 7 % addresses
        return f"10.{place // 256}.{place % 256}.1"

    assert tries_in_an_hour(session, clock, address, solves=solves) == most


def flood(guess: Guess) -> None:
    """Have strangers of many networks, who solve puzzles, use up what strangers have."""
    for place in range(STRANGERS):
        guess(f"10.{place}.0.1")


def test_beyond_what_strangers_have_nobody_new_is_let_in(
    session: Session, guess: Guess, clock: StandingClock
) -> None:
    flood(guess)
    found = solve_and_sign_in(session, "ops", PASSWORD, stranger(ELSEWHERE), clock())
    assert isinstance(found, RuleError)
    assert found.code == "known_devices_only"
    clock.move(timedelta(hours=1))
    found = solve_and_sign_in(session, "ops", PASSWORD, stranger(ELSEWHERE), clock())
    assert isinstance(found, Staff)


def test_an_address_the_account_was_used_from_is_let_in_even_then(
    session: Session, owner: Staff, guess: Guess, clock: StandingClock
) -> None:
    devices.remember(session, VAULT, owner.id, Device(TOKEN, OFFICE), clock())
    flood(guess)
    assert solve_and_sign_in(session, "ops", PASSWORD, stranger(OFFICE), clock()) is owner


def test_who_is_given_a_new_first_password_is_let_in_even_then(
    session: Session, owner: Staff, guess: Guess, clock: StandingClock
) -> None:
    flood(guess)
    given = passwords.made_up()
    passwords.give_first(session, owner, given, clock())
    assert solve_and_sign_in(session, "ops", given, stranger(ELSEWHERE), clock()) is owner


def test_a_known_browser_that_guesses_is_slowed_by_itself_alone(
    session: Session, owner: Staff, clock: StandingClock
) -> None:
    for token in (TOKEN, "u" * 43):
        devices.remember(session, VAULT, owner.id, Device(token, OFFICE), clock())
    for _ in range(5):
        sign_in(session, VAULT, "ops", "guess", known(TOKEN, OFFICE), clock())
    found = sign_in(session, VAULT, "ops", PASSWORD, known(TOKEN, OFFICE), clock())
    assert isinstance(found, RuleError)
    assert found.code == "too_many_attempts"
    assert sign_in(session, VAULT, "ops", PASSWORD, known("u" * 43, OFFICE), clock()) is owner


def test_a_password_somebody_else_sets_lets_no_browser_be_known(
    session: Session, owner: Staff, clock: StandingClock
) -> None:
    devices.remember(session, VAULT, owner.id, Device(TOKEN, OFFICE), clock())
    passwords.give_first(session, owner, passwords.made_up(), clock())
    assert not devices.is_known(session, owner.id, TOKEN, clock())


def test_a_puzzle_is_asked_of_nobodys_login_too(session: Session, clock: StandingClock) -> None:
    for _ in range(3):
        sign_in(session, VAULT, "nobody", "guess", stranger(ELSEWHERE), clock())
    clock.move(timedelta(seconds=2))
    found = sign_in(session, VAULT, "nobody", "guess", stranger(ELSEWHERE), clock())
    assert isinstance(found, RuleError)
    assert found.code == "puzzle_needed"
