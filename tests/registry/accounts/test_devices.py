"""A browser that signed in is known again, to one account, until it is taken back."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from registry.accounts import devices
from registry.accounts.devices import Device
from registry.accounts.staff import NewStaff, create_staff
from registry.accounts.tables import Role, Staff
from registry.base.crypto import Vault
from tests.clock import StandingClock

VAULT = Vault({"k1": b"1" * 32}, b"i" * 32)
OFFICE, HOME = "192.0.2.7", "198.51.100.9"
TOKEN = "x" * 43


@pytest.fixture
def staff(session: Session, clock: StandingClock) -> Staff:
    return create_staff(
        session, NewStaff("ops", "运维", Role.OPERATOR), "correct horse battery", clock()
    )


@pytest.fixture
def device() -> Device:
    return Device(TOKEN, OFFICE, "Windows · Edge")


def test_a_browser_is_new_once(
    session: Session, staff: Staff, device: Device, clock: StandingClock
) -> None:
    assert not devices.is_known(session, staff.id, TOKEN, clock())
    assert devices.remember(session, VAULT, staff.id, device, clock())
    assert devices.is_known(session, staff.id, TOKEN, clock())
    assert not devices.remember(session, VAULT, staff.id, device, clock())
    assert [each.summary for each in devices.of_staff(session, staff.id, clock())] == [
        "Windows · Edge"
    ]


def test_it_is_known_to_the_account_that_signed_in_only(
    session: Session, staff: Staff, device: Device, clock: StandingClock
) -> None:
    other = create_staff(
        session, NewStaff("desk", "值班", Role.OPERATOR), "correct horse battery", clock()
    )
    devices.remember(session, VAULT, staff.id, device, clock())
    assert not devices.is_known(session, other.id, TOKEN, clock())
    assert devices.remember(session, VAULT, other.id, device, clock())
    assert len(devices.of_staff(session, other.id, clock())) == 1


def test_one_that_was_taken_back_is_known_no_more_and_new_again(
    session: Session, staff: Staff, device: Device, clock: StandingClock
) -> None:
    devices.remember(session, VAULT, staff.id, device, clock())
    (row,) = devices.of_staff(session, staff.id, clock())
    assert devices.revoke(session, staff.id, row.key, clock())
    assert not devices.revoke(session, staff.id, row.key, clock())
    assert not devices.is_known(session, staff.id, TOKEN, clock())
    assert devices.remember(session, VAULT, staff.id, device, clock())
    assert devices.is_known(session, staff.id, TOKEN, clock())


def test_all_but_one_can_be_taken_back(
    session: Session, staff: Staff, device: Device, clock: StandingClock
) -> None:
    for token in (TOKEN, "y" * 43):
        devices.remember(session, VAULT, staff.id, replace(device, token=token), clock())
    devices.revoke_all(session, staff.id, clock(), but=TOKEN)
    assert devices.is_known(session, staff.id, TOKEN, clock())
    assert not devices.is_known(session, staff.id, "y" * 43, clock())


def test_half_a_year_without_use_ends_it(
    session: Session, staff: Staff, device: Device, clock: StandingClock
) -> None:
    devices.remember(session, VAULT, staff.id, device, clock())
    clock.move(devices.LIFETIME - timedelta(days=1))
    assert not devices.remember(session, VAULT, staff.id, device, clock())
    clock.move(devices.LIFETIME)
    assert not devices.is_known(session, staff.id, TOKEN, clock())
    devices.sweep(session, clock())
    assert devices.remember(session, VAULT, staff.id, device, clock())


def test_a_place_is_known_by_the_browsers_used_there(
    session: Session, staff: Staff, device: Device, clock: StandingClock
) -> None:
    devices.remember(session, VAULT, staff.id, device, clock())
    assert devices.is_known_place(session, VAULT, staff.id, OFFICE, clock())
    assert not devices.is_known_place(session, VAULT, staff.id, HOME, clock())


def test_a_place_is_known_no_longer_than_the_browsers_used_there(
    session: Session, staff: Staff, device: Device, clock: StandingClock
) -> None:
    devices.remember(session, VAULT, staff.id, device, clock())
    assert not devices.is_known_place(session, VAULT, staff.id, OFFICE, clock() + devices.LIFETIME)
    (known,) = devices.of_staff(session, staff.id, clock())
    devices.revoke(session, staff.id, known.key, clock())
    assert not devices.is_known_place(session, VAULT, staff.id, OFFICE, clock())


def test_a_place_is_known_while_the_index_key_changes(
    session: Session, staff: Staff, device: Device, clock: StandingClock
) -> None:
    devices.remember(session, VAULT, staff.id, device, clock())
    both = Vault({"k1": b"1" * 32}, b"j" * 32, other_index_key=b"i" * 32)
    assert devices.is_known_place(session, both, staff.id, OFFICE, clock())
    assert not devices.is_known_place(session, both, staff.id, HOME, clock())


def test_a_token_that_somebody_planted_never_becomes_known(
    session: Session, staff: Staff, device: Device, clock: StandingClock
) -> None:
    assert devices.fit_token(session, "planted") != "planted"
    devices.remember(session, VAULT, staff.id, device, clock())
    assert devices.fit_token(session, TOKEN) == TOKEN
