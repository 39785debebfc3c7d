"""A session of staff starts and an account changes at the same moment: no session outlives it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy.orm import Session, sessionmaker

from registry.accounts import members, passwords
from registry.accounts import sessions as web_sessions
from registry.accounts.devices import Device
from registry.accounts.passwords import PasswordChange
from registry.accounts.sign_in_guard import SignInAsker
from registry.accounts.staff import NewStaff, create_staff, sign_in
from registry.accounts.tables import Role, Staff
from registry.base.crypto import Vault
from registry.base.errors import RuleError
from tests.clock import StandingClock
from tests.waiting import PATIENCE, wait_until_blocked

VAULT = Vault({"k1": b"1" * 32}, b"i" * 32)
OLD, NEW = "correct horse battery", "another long password"
DEVICE = Device("t" * 43, "10.0.0.1")
ASKER = SignInAsker(DEVICE)


class Account:
    """One member of staff, and what may happen to the account."""

    def __init__(self, sessions: sessionmaker[Session], clock: StandingClock) -> None:
        self.clock = clock
        with sessions.begin() as session:
            new = NewStaff("teacher", "王老师", Role.OPERATOR)
            self.staff = create_staff(session, new, OLD, clock())
        self.checked = web_sessions.proven(self.staff)

    def open(self, session: Session) -> bool:
        started = web_sessions.start(session, "token", self.checked, {}, self.clock())
        session.flush()
        return started

    def is_open(self, session: Session) -> bool:
        return web_sessions.find(session, "token", self.clock()) is not None

    def disable(self, session: Session) -> None:
        members.disable(session, session.get_one(Staff, self.staff.id))

    def give_password(self, session: Session) -> None:
        passwords.give_first(session, session.get_one(Staff, self.staff.id), NEW, self.clock())

    def change_password(self, session: Session) -> Staff | RuleError:
        written = PasswordChange(OLD, NEW, NEW)
        return passwords.change(session, VAULT, "teacher", written, DEVICE, self.clock())

    def sign_in(self, session: Session) -> Staff | RuleError:
        return sign_in(session, VAULT, "teacher", OLD, ASKER, self.clock())


CHANGES = [Account.disable, Account.give_password, Account.change_password]
Deed = Callable[[Account, Session], object]


@pytest.fixture
def account(sessions: sessionmaker[Session], clock: StandingClock) -> Account:
    return Account(sessions, clock)


def one_during_the_other(
    sessions: sessionmaker[Session], account: Account, first: Deed, second: Deed
) -> object:
    """Do the second while the first's transaction is open; return what came of the second."""

    def do_second() -> object:
        with sessions.begin() as session:
            return second(account, session)

    with ThreadPoolExecutor(1) as pool:
        with sessions.begin() as session:
            first(account, session)
            session.flush()
            begun = pool.submit(do_second)
            wait_until_blocked(session, begun)
        return begun.result(PATIENCE)


@pytest.mark.parametrize("change", CHANGES)
def test_a_session_does_not_start_during_a_change(
    sessions: sessionmaker[Session], account: Account, change: Deed
) -> None:
    assert one_during_the_other(sessions, account, change, Account.open) is False
    with sessions() as session:
        assert not account.is_open(session)


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_ends_a_session_that_is_just_starting(
    sessions: sessionmaker[Session], account: Account, change: Deed
) -> None:
    one_during_the_other(sessions, account, Account.open, change)
    with sessions() as session:
        assert not account.is_open(session)


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("check", [Account.sign_in, Account.change_password])
def test_a_password_checked_during_a_change_no_longer_fits(
    sessions: sessionmaker[Session], account: Account, change: Deed, check: Deed
) -> None:
    assert isinstance(one_during_the_other(sessions, account, change, check), RuleError)


def test_a_session_of_staff_starts_only_by_a_password_that_was_checked(
    session: Session, account: Account
) -> None:
    account.checked = web_sessions.Identity(staff_id=account.staff.id)
    assert account.open(session) is False
