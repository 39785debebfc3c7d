"""Passwords are changed by who knows the old one, and given anew for a short while."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from registry.accounts import passwords, sessions
from registry.accounts.devices import Device
from registry.accounts.passwords import GOOD_FOR, PasswordChange
from registry.accounts.school_tables import School
from registry.accounts.sessions import Identity
from registry.accounts.sign_in_guard import OWN, SignInAsker
from registry.accounts.staff import NewStaff, create_staff, sign_in
from registry.accounts.tables import Role, Staff
from registry.base.crypto import Vault
from registry.base.errors import RuleError
from tests.clock import StandingClock

VAULT = Vault({"k1": b"1" * 32}, b"i" * 32)
OLD, NEW = "correct horse battery", "another long password"
DEVICE = Device("t" * 43, "10.0.0.1")
ASKER = SignInAsker(DEVICE)


@pytest.fixture
def staff(session: Session, clock: StandingClock) -> Staff:
    found = create_staff(session, NewStaff("wanglaoshi", "王老师", Role.OPERATOR), OLD, clock())
    sessions.start(session, "there", sessions.proven(found), {}, clock())
    return found


def change(session: Session, clock: StandingClock, written: PasswordChange) -> Staff | RuleError:
    return passwords.change(session, VAULT, "wanglaoshi", written, DEVICE, clock())


def open_sessions(session: Session, staff: Staff, clock: StandingClock) -> int:
    return len(sessions.of_owner(session, Identity(staff.id), clock()))


def test_the_new_password_signs_in_and_the_old_one_no_more(
    session: Session, staff: Staff, clock: StandingClock
) -> None:
    assert change(session, clock, PasswordChange(OLD, NEW, NEW)) is staff
    assert isinstance(sign_in(session, VAULT, staff.login, OLD, ASKER, clock()), RuleError)
    assert sign_in(session, VAULT, staff.login, NEW, ASKER, clock()) is staff


def test_a_change_ends_every_session(session: Session, staff: Staff, clock: StandingClock) -> None:
    change(session, clock, PasswordChange(OLD, NEW, NEW))
    assert open_sessions(session, staff, clock) == 0


@pytest.mark.parametrize(
    ("written", "code", "field"),
    [
        (PasswordChange(OLD, NEW, NEW + "x"), "password_mismatch", "again"),
        (PasswordChange(OLD, OLD, OLD), "password_unchanged", "password"),
        (PasswordChange(OLD, "short", "short"), "password_too_short", "password"),
        (
            PasswordChange(OLD, "Wanglaoshi-2026", "Wanglaoshi-2026"),
            "password_too_easy",
            "password",
        ),
    ],
)
def test_an_unfit_password_changes_nothing(
    session: Session,
    staff: Staff,
    clock: StandingClock,
    written: PasswordChange,
    code: str,
    field: str,
) -> None:
    with pytest.raises(RuleError) as refused:
        change(session, clock, written)
    assert (refused.value.code, refused.value.field) == (code, field)
    assert open_sessions(session, staff, clock) == 1
    assert sign_in(session, VAULT, staff.login, OLD, ASKER, clock()) is staff


def test_who_guesses_the_old_password_is_slowed(
    session: Session, staff: Staff, clock: StandingClock
) -> None:
    for _ in range(OWN.free):
        found = change(session, clock, PasswordChange("guess", NEW, NEW))
        assert isinstance(found, RuleError)
        assert (found.code, found.field) == ("old_password_wrong", "old")
    found = change(session, clock, PasswordChange(OLD, NEW, NEW))
    assert isinstance(found, RuleError)
    assert found.code == "too_many_attempts"
    assert open_sessions(session, staff, clock) == 1


def test_a_first_password_ends_what_was_open_and_is_good_for_days(
    session: Session, staff: Staff, clock: StandingClock
) -> None:
    passwords.give_first(session, staff, NEW, clock())
    assert open_sessions(session, staff, clock) == 0
    clock.move(GOOD_FOR - timedelta(seconds=1))
    assert sign_in(session, VAULT, staff.login, NEW, ASKER, clock()) is staff
    clock.move(timedelta(seconds=1))
    late = sign_in(session, VAULT, staff.login, NEW, ASKER, clock())
    assert isinstance(late, RuleError)
    assert late.code == "first_password_expired"


def test_ones_own_password_never_expires(
    session: Session, staff: Staff, clock: StandingClock
) -> None:
    passwords.give_first(session, staff, NEW, clock())
    change(session, clock, PasswordChange(NEW, OLD, OLD))
    clock.move(GOOD_FOR * 100)
    assert sign_in(session, VAULT, staff.login, OLD, ASKER, clock()) is staff


def test_an_expired_first_password_is_told_to_nobody_who_guesses(
    session: Session, staff: Staff, clock: StandingClock
) -> None:
    passwords.give_first(session, staff, NEW, clock())
    clock.move(GOOD_FOR)
    wrong = sign_in(session, VAULT, staff.login, "guess", ASKER, clock())
    assert isinstance(wrong, RuleError)
    assert wrong.code == "sign_in_failed"


def test_made_up_passwords_are_long_and_never_the_same() -> None:
    made = {passwords.made_up() for _ in range(100)}
    assert len(made) == 100
    assert {len(each) for each in made} == {14}


def test_a_password_of_the_schools_own_words_is_refused(
    session: Session, clock: StandingClock
) -> None:
    school = School(code="10999", name="青禾大学", created_at=clock())
    session.add(school)
    session.flush()
    new = NewStaff("lilaoshi", "李老师", Role.SCHOOL, school_id=school.id)
    create_staff(session, new, OLD, clock())
    for easy in ("青禾大学2026届!", "lilaoshi@10999", "李老师10999李老师"):
        written = PasswordChange(OLD, easy, easy)
        with pytest.raises(RuleError, match="password_too_easy"):
            passwords.change(session, VAULT, "lilaoshi", written, DEVICE, clock())
