"""Forty codes at the same moment get no further than forty one after another."""

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session, sessionmaker

from registry.accounts.staff import NewStaff, create_staff
from registry.accounts.tables import Role, Staff
from registry.second_factor import factor
from tests.clock import StandingClock
from tests.registry.accounts.test_bursts import burst
from tests.registry.second_factor.phone import Phone, turn_on
from tests.registry.staff_context import VAULT

HOME = "198.51.100.7"


@pytest.fixture
def owner(sessions: sessionmaker[Session], clock: StandingClock) -> tuple[Staff, Phone, list[str]]:
    with sessions.begin() as session:
        new = NewStaff("ops", "运维", Role.OPERATOR)
        staff = create_staff(session, new, "correct horse battery", clock())
        return staff, *turn_on(session, VAULT, staff, clock())


@pytest.mark.parametrize(
    ("address", "free"),
    [
        (lambda _: HOME, factor.HERE.free),
        (lambda place: f"198.51.100.{place}", factor.ANYWHERE.free),
        (lambda place: f"2001:db8:7:{place:x}::1", factor.HERE.free),
    ],
    ids=["one address", "many addresses", "one network of IPv6"],
)
def test_codes_guessed_at_once(
    sessions: sessionmaker[Session],
    clock: StandingClock,
    owner: tuple[Staff, Phone, list[str]],
    address: Callable[[int], str],
    free: int,
) -> None:
    def guess(session: Session, place: int) -> object:
        return factor.check(session, VAULT, owner[0], "000000", address(place), clock())

    assert burst(sessions, guess).count("factor_code_wrong") == free


@pytest.mark.parametrize("which", ["code", "backup code"])
def test_one_code_sent_at_once_is_good_once(
    sessions: sessionmaker[Session],
    clock: StandingClock,
    owner: tuple[Staff, Phone, list[str]],
    which: str,
) -> None:
    staff, phone, codes = owner
    written = codes[0] if which == "backup code" else phone.code(clock())

    def send(session: Session, place: int) -> object:
        return factor.check(session, VAULT, staff, written, f"198.51.100.{place}", clock())

    assert burst(sessions, send).count("through") == 1
