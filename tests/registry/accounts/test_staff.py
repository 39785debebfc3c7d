"""Staff are made for a place, and sign in by a password that is slow to guess."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from sqlalchemy.orm import Session, sessionmaker

from registry.accounts.sign_in_guard import ADDRESS, HERE
from registry.accounts.staff import NewStaff, create_staff, sign_in
from registry.accounts.tables import Role, Staff
from registry.base.errors import RuleError
from tests.cheap_passwords import OWN_HASHER
from tests.clock import StandingClock
from tests.registry.accounts.strangers import VAULT, solve_and_sign_in, stranger
from tests.waiting import PATIENCE, wait_until_blocked

PASSWORD = "correct horse battery"


@pytest.fixture
def staff(session: Session, clock: StandingClock) -> Staff:
    return create_staff(session, NewStaff("Ops", "运维", Role.OPERATOR), PASSWORD, clock())


def code_of(found: Staff | RuleError) -> str:
    assert isinstance(found, RuleError)
    return found.code


def test_the_password_is_kept_as_argon2id_only(
    session: Session, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("registry.accounts.staff._hasher", OWN_HASHER)
    staff = create_staff(session, NewStaff("Ops", "运维", Role.OPERATOR), PASSWORD, clock())
    assert staff.password_hash.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert staff.login == "ops"


@pytest.mark.parametrize(
    ("new", "password", "code"),
    [
        (NewStaff("a", "甲", Role.OPERATOR), "short", "password_too_short"),
        (NewStaff("a", "甲", Role.OPERATOR), "aaaaaaaaaaaaaa", "password_too_easy"),
        (NewStaff("zhangsan", "甲", Role.OPERATOR), "zhangsan-2026", "password_too_easy"),
        (NewStaff("b", "甲", Role.SCHOOL), PASSWORD, "role_needs_place"),
        (NewStaff("b", "甲", Role.OPERATOR, province="370000"), PASSWORD, "role_needs_place"),
        (NewStaff("b", "甲", Role.PROVINCE, province="370100"), PASSWORD, "province_unknown"),
        (NewStaff("b", "甲", Role.PROVINCE, province="shandong"), PASSWORD, "province_unknown"),
        (NewStaff(" OPS ", "甲", Role.OPERATOR), PASSWORD, "login_taken"),
        (NewStaff("b", "甲", Role.DEPARTMENT, 1), PASSWORD, "role_needs_place"),
        (NewStaff("b", "甲", Role.SCHOOL, 1, 1), PASSWORD, "role_needs_place"),
        (NewStaff(" ", "甲", Role.OPERATOR), PASSWORD, "login_form"),
        (NewStaff("b" * 65, "甲", Role.OPERATOR), PASSWORD, "login_form"),
        (NewStaff("王老师", "甲", Role.OPERATOR), PASSWORD, "login_form"),
        (NewStaff("w\u0430ng", "甲", Role.OPERATOR), PASSWORD, "login_form"),
        (NewStaff("wang li", "甲", Role.OPERATOR), PASSWORD, "login_form"),
        (NewStaff("-b", "甲", Role.OPERATOR), PASSWORD, "login_form"),
        (NewStaff("b", " ", Role.OPERATOR), PASSWORD, "name_form"),
        (NewStaff("b", "甲" * 81, Role.OPERATOR), PASSWORD, "name_form"),
        (NewStaff("b", "甲\u200b乙", Role.OPERATOR), PASSWORD, "name_form"),
        (NewStaff("b", "甲\x00", Role.OPERATOR), PASSWORD, "name_form"),
    ],
)
def test_what_cannot_be_is_refused(
    session: Session, staff: Staff, clock: StandingClock, new: NewStaff, password: str, code: str
) -> None:
    with pytest.raises(RuleError) as refused:
        create_staff(session, new, password, clock())
    assert refused.value.code == code


def test_the_longest_that_is_taken_is_kept_as_it_is_meant(
    session: Session, clock: StandingClock
) -> None:
    new = NewStaff(f" {'B' * 64} ", f" {'甲' * 78} 乙 ", Role.OPERATOR)
    made = create_staff(session, new, PASSWORD, clock())
    assert (made.login, made.name) == ("b" * 64, f"{'甲' * 78} 乙")


def test_of_two_who_take_a_login_at_once_one_is_told(
    sessions: sessionmaker[Session], clock: StandingClock
) -> None:
    def take(name: str) -> str:
        with sessions.begin() as session:
            return create_staff(
                session, NewStaff("wang", name, Role.OPERATOR), PASSWORD, clock()
            ).name

    with ThreadPoolExecutor(1) as pool:
        with sessions.begin() as session:
            create_staff(session, NewStaff("wang", "甲", Role.OPERATOR), PASSWORD, clock())
            other = pool.submit(take, "乙")
            wait_until_blocked(session, other)
        with pytest.raises(RuleError, match="login_taken"):
            other.result(PATIENCE)


def test_guesses_from_one_address_do_not_shut_out_the_owner_elsewhere(
    session: Session, staff: Staff, clock: StandingClock
) -> None:
    for _ in range(HERE.free):
        assert (
            code_of(sign_in(session, VAULT, "ops", "no", stranger("10.0.0.1"), clock()))
            == "sign_in_failed"
        )
    blocked = sign_in(session, VAULT, "ops", PASSWORD, stranger("10.0.0.1"), clock())
    assert code_of(blocked) == "too_many_attempts"
    assert sign_in(session, VAULT, "ops", PASSWORD, stranger("10.0.0.2"), clock()) is staff


def test_one_address_trying_many_logins_is_slowed(session: Session, clock: StandingClock) -> None:
    for number in range(ADDRESS.free):
        solve_and_sign_in(session, f"user{number}", "no", stranger("10.0.0.1"), clock())
    refused = sign_in(session, VAULT, "fresh", "no", stranger("10.0.0.1"), clock())
    assert code_of(refused) == "too_many_attempts"


def test_the_wait_doubles(session: Session, staff: Staff, clock: StandingClock) -> None:
    for _ in range(HERE.free):
        sign_in(session, VAULT, "ops", "no", stranger("10.0.0.1"), clock())
    for seconds in (1, 2, 4, 8):
        clock.move(timedelta(seconds=seconds) - timedelta(milliseconds=1))
        early = solve_and_sign_in(session, "ops", "no", stranger("10.0.0.1"), clock())
        assert code_of(early) == "too_many_attempts"
        clock.move(timedelta(milliseconds=1))
        late = solve_and_sign_in(session, "ops", "no", stranger("10.0.0.1"), clock())
        assert code_of(late) == "sign_in_failed"


def test_signing_in_forgets_the_failures(
    session: Session, staff: Staff, clock: StandingClock
) -> None:
    for _ in range(HERE.free - 1):
        sign_in(session, VAULT, "ops", "no", stranger("10.0.0.1"), clock())
    assert sign_in(session, VAULT, "ops", PASSWORD, stranger("10.0.0.1"), clock()) is staff
    assert (
        code_of(sign_in(session, VAULT, "ops", "no", stranger("10.0.0.1"), clock()))
        == "sign_in_failed"
    )
    assert sign_in(session, VAULT, "ops", PASSWORD, stranger("10.0.0.1"), clock()) is staff


def test_disabled_staff_are_told_nothing_special(
    session: Session, staff: Staff, clock: StandingClock
) -> None:
    staff.active = False
    session.flush()
    right = sign_in(session, VAULT, "ops", PASSWORD, stranger("10.0.0.1"), clock())
    unknown = sign_in(session, VAULT, "nobody", PASSWORD, stranger("10.0.0.3"), clock())
    assert isinstance(right, RuleError)
    assert isinstance(unknown, RuleError)
    assert (right.code, right.sentence) == (unknown.code, unknown.sentence)


def test_a_hash_of_older_parameters_is_renewed(
    session: Session, staff: Staff, clock: StandingClock
) -> None:
    old = "$argon2id$v=19$m=8192,t=1,p=1$"
    staff.password_hash = PasswordHasher(1, 8192, 1).hash(PASSWORD)
    assert staff.password_hash.startswith(old)
    assert sign_in(session, VAULT, "ops", PASSWORD, stranger("10.0.0.1"), clock()) is staff
    assert not staff.password_hash.startswith(old)
