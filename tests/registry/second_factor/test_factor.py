"""A second factor: each code is good once, guessing gets slow, what is kept tells nothing."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from registry.accounts import sessions, staff_notices
from registry.accounts.sessions import Identity, proven
from registry.accounts.staff import NewStaff, create_staff
from registry.accounts.tables import Role, Staff
from registry.base.crypto import UnreadableValue
from registry.base.errors import RuleError
from registry.second_factor import factor, totp
from registry.second_factor.factor import ANYWHERE, BACKUP_CODES, HERE
from registry.second_factor.tables import BackupCode, SecondFactor
from tests.clock import StandingClock
from tests.registry.second_factor.phone import Phone, turn_on
from tests.registry.staff_context import VAULT

HOME = "198.51.100.7"


def add(session: Session, clock: StandingClock, login: str = "ops") -> Staff:
    new = NewStaff(login, "运维", Role.OPERATOR)
    return create_staff(session, new, "correct horse battery", clock())


@pytest.fixture
def staff(session: Session, clock: StandingClock) -> Staff:
    return add(session, clock)


def check(
    session: Session, staff: Staff, written: str, clock: StandingClock, address: str = HOME
) -> str:
    found = factor.check(session, VAULT, staff, written, address, clock())
    return found.code if isinstance(found, RuleError) else "passed"


def test_it_is_on_once_its_first_code_was_right(
    session: Session, staff: Staff, clock: StandingClock
) -> None:
    phone = Phone(totp.new_secret())
    wrong = factor.turn_on(session, VAULT, staff, phone.secret, "000000", clock())
    assert wrong is None
    assert staff.second_factor_since is None
    factor.turn_on(session, VAULT, staff, phone.secret, phone.code(clock()), clock())
    assert staff.second_factor_since == clock()
    assert factor.codes_left(session, staff.id) == BACKUP_CODES


def test_the_code_that_turned_it_on_signs_nobody_in(
    session: Session, staff: Staff, clock: StandingClock
) -> None:
    phone = Phone(totp.new_secret())
    factor.turn_on(session, VAULT, staff, phone.secret, phone.code(clock()), clock())
    assert check(session, staff, phone.code(clock()), clock) == "factor_code_wrong"
    assert check(session, staff, phone.code(clock(), steps=1), clock) == "passed"


def test_no_session_starts_by_a_check_from_before_it_was_turned_on_or_off(
    session: Session, staff: Staff, clock: StandingClock
) -> None:
    without = proven(staff)
    turn_on(session, VAULT, staff, clock())
    within = proven(staff)
    assert not sessions.start(session, "a", without, {}, clock())
    assert sessions.start(session, "b", within, {}, clock())
    factor.turn_off(session, staff)
    assert not sessions.start(session, "c", within, {}, clock())


def test_a_code_is_good_once_and_none_before_it(
    session: Session, staff: Staff, clock: StandingClock
) -> None:
    phone, _ = turn_on(session, VAULT, staff, clock())
    code = phone.code(clock())
    assert check(session, staff, code, clock) == "passed"
    assert check(session, staff, code, clock) == "factor_code_wrong"
    assert check(session, staff, phone.code(clock(), steps=-1), clock) == "factor_code_wrong"
    clock.move(timedelta(seconds=30))
    assert check(session, staff, phone.code(clock()), clock) == "passed"


@pytest.mark.parametrize("written", ["{} {}", "　{}{} ", "full width"])
def test_a_code_may_be_typed_as_it_is_read(
    session: Session, staff: Staff, clock: StandingClock, written: str
) -> None:
    phone, _ = turn_on(session, VAULT, staff, clock())
    code = phone.code(clock())
    wide = code.translate({ord(str(each)): 0xFF10 + each for each in range(10)})
    text = wide if written == "full width" else written.format(code[:3], code[3:])
    assert check(session, staff, text, clock) == "passed"


def test_a_backup_code_is_good_once(session: Session, staff: Staff, clock: StandingClock) -> None:
    _, codes = turn_on(session, VAULT, staff, clock())
    assert check(session, staff, codes[3].upper().replace("-", " "), clock) == "passed"
    assert check(session, staff, codes[3], clock) == "factor_code_wrong"
    assert factor.codes_left(session, staff.id) == BACKUP_CODES - 1


def test_new_backup_codes_end_the_old_ones(
    session: Session, staff: Staff, clock: StandingClock
) -> None:
    _, old = turn_on(session, VAULT, staff, clock())
    new = factor.make_backup_codes(session, staff.id)
    assert check(session, staff, old[0], clock) == "factor_code_wrong"
    assert check(session, staff, new[0], clock) == "passed"


def test_backup_codes_are_kept_as_argon2id(
    session: Session, staff: Staff, clock: StandingClock
) -> None:
    turn_on(session, VAULT, staff, clock())
    kept = session.scalars(select(BackupCode.code_hash)).all()
    assert len(set(kept)) == BACKUP_CODES
    assert all(each.startswith("$argon2id$") for each in kept)


def test_another_phone_takes_the_place_of_the_first(
    session: Session, staff: Staff, clock: StandingClock
) -> None:
    first, _ = turn_on(session, VAULT, staff, clock())
    second, _ = turn_on(session, VAULT, staff, clock())
    assert check(session, staff, first.code(clock()), clock) == "factor_code_wrong"
    assert check(session, staff, second.code(clock()), clock) == "passed"


def test_turning_it_on_or_off_ends_every_session(
    session: Session, staff: Staff, clock: StandingClock
) -> None:
    sessions.start(session, "before", proven(staff), {}, clock())
    turn_on(session, VAULT, staff, clock())
    assert not sessions.of_owner(session, Identity(staff.id), clock())
    sessions.start(session, "after", proven(staff), {}, clock())
    assert factor.turn_off(session, staff)
    assert not sessions.of_owner(session, Identity(staff.id), clock())
    assert not factor.turn_off(session, staff)


def test_a_secret_opens_in_no_other_account(
    session: Session, staff: Staff, clock: StandingClock
) -> None:
    other = add(session, clock, "other")
    turn_on(session, VAULT, staff, clock())
    turn_on(session, VAULT, other, clock())
    stolen = session.scalar(
        select(SecondFactor.secret_sealed).where(SecondFactor.staff_id == staff.id)
    )
    session.execute(
        update(SecondFactor).where(SecondFactor.staff_id == other.id).values(secret_sealed=stolen)
    )
    with pytest.raises(UnreadableValue):
        check(session, other, "123456", clock)


def test_guessing_gets_slow_wherever_it_comes_from(
    session: Session, staff: Staff, clock: StandingClock
) -> None:
    turn_on(session, VAULT, staff, clock())
    here = [check(session, staff, "000000", clock) for _ in range(HERE.free + 1)]
    assert here[HERE.free - 1 :] == ["factor_code_wrong", "too_many_attempts"]
    elsewhere = [
        check(session, staff, "000000", clock, f"203.0.113.{number}")
        for number in range(ANYWHERE.free - HERE.free + 1)
    ]
    assert elsewhere[-2:] == ["factor_code_wrong", "too_many_attempts"]


def test_the_right_code_after_the_pause_makes_all_free_again(
    session: Session, staff: Staff, clock: StandingClock
) -> None:
    phone, _ = turn_on(session, VAULT, staff, clock())
    for _ in range(HERE.free):
        check(session, staff, "000000", clock)
    clock.move(timedelta(seconds=1))
    assert check(session, staff, phone.code(clock()), clock) == "passed"
    assert check(session, staff, "000000", clock) == "factor_code_wrong"


def test_codes_that_are_wrong_again_and_again_are_told_to_the_owner_once(
    session: Session, staff: Staff, clock: StandingClock
) -> None:
    turn_on(session, VAULT, staff, clock())
    told = []
    for _ in range(HERE.free):
        check(session, staff, "000000", clock)
        told.append(len(staff_notices.unseen(session, staff.id, clock())))
    assert told == [0, 0, 1, 1, 1]


def test_nothing_written_is_no_try(session: Session, staff: Staff, clock: StandingClock) -> None:
    turn_on(session, VAULT, staff, clock())
    codes = {check(session, staff, " - ", clock) for _ in range(HERE.free + 1)}
    assert codes == {"factor_code_missing"}
