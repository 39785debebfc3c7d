"""Forty tries at the same moment get no further than forty one after another."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session, sessionmaker

from registry.accounts import attempts, devices, reveals, sign_in_guard
from registry.accounts.attempts import Subject
from registry.accounts.devices import Device
from registry.accounts.reveals import Reveal
from registry.accounts.staff import NewStaff, create_staff, sign_in
from registry.accounts.tables import Attempt, Role
from registry.base.errors import RuleError
from registry.numbers import shape
from registry.numbers.lookup import guard, receive, receiver_lists
from registry.numbers.lookup.guard import Guard
from registry.numbers.lookup.looking_up import ListEntry
from registry.numbers.lookup.receive import LookupRequest
from registry.numbers.lookup.receiver_lists import ReceiverAccount
from registry.numbers.shape import Issue, Kind
from registry.numbers.tables import Lookup
from registry.numbers.verification import authentication
from tests.clock import StandingClock
from tests.registry.accounts.strangers import known, stranger
from tests.registry.staff_context import VAULT
from tests.wxapp.school.records import open_campus

AT_ONCE = 40
PASSWORD = "correct horse battery"
Try = Callable[[Session, int], object]


def burst(sessions: sessionmaker[Session], work: Try) -> list[str]:
    """Do something forty times at once, each in a transaction; return what came of each."""
    together = Barrier(AT_ONCE)

    def one(place: int) -> str:
        together.wait()
        try:
            with sessions.begin() as session:
                found = work(session, place)
        except RuleError as refusal:
            found = refusal
        return found.code if isinstance(found, RuleError) else "through"

    with ThreadPoolExecutor(AT_ONCE) as many:
        return list(many.map(one, range(AT_ONCE)))


def fail_before(session: Session, purpose: str, index: str, times: int, at: object) -> None:
    row = {"purpose": purpose, "subject": index, "succeeded": False, "at": at}
    session.execute(insert(Attempt), [row] * times)


@pytest.mark.parametrize(
    ("login", "address", "free"),
    [
        (lambda _: "ops", lambda _: "198.51.100.7", sign_in_guard.HERE.free),
        (lambda _: "ops", lambda place: f"198.51.100.{place}", sign_in_guard.ANYWHERE.puzzle_from),
        (lambda _: "ops", lambda place: f"2001:db8:7:{place:x}::1", sign_in_guard.HERE.free),
    ],
    ids=["one address", "many addresses", "one network of IPv6"],
)
def test_passwords_guessed_at_once(
    sessions: sessionmaker[Session],
    clock: StandingClock,
    login: Callable[[int], str],
    address: Callable[[int], str],
    free: int,
) -> None:
    with sessions.begin() as session:
        create_staff(session, NewStaff("ops", "运维", Role.OPERATOR), PASSWORD, clock())

    def guess(session: Session, place: int) -> object:
        return sign_in(session, VAULT, login(place), "wrong", stranger(address(place)), clock())

    assert burst(sessions, guess).count("sign_in_failed") == free


def test_passwords_guessed_at_once_in_a_browser_that_is_known(
    sessions: sessionmaker[Session], clock: StandingClock
) -> None:
    token = "t" * 43
    with sessions.begin() as session:
        owner = create_staff(session, NewStaff("ops", "运维", Role.OPERATOR), PASSWORD, clock())
        session.flush()
        devices.remember(session, VAULT, owner.id, Device(token, "198.51.100.7"), clock())

    def guess(session: Session, place: int) -> object:
        asker = known(token, f"198.51.100.{place}")
        return sign_in(session, VAULT, "ops", "wrong", asker, clock())

    assert burst(sessions, guess).count("sign_in_failed") == sign_in_guard.OWN.free


def test_logins_guessed_at_once_from_one_address(
    sessions: sessionmaker[Session], clock: StandingClock
) -> None:
    left = 7
    with sessions.begin() as session:
        for place in range((sign_in_guard.ADDRESS.puzzle_from or 0) - left):
            sign_in(session, VAULT, f"before{place}", "wrong", stranger("198.51.100.7"), clock())

    def guess(session: Session, place: int) -> object:
        return sign_in(session, VAULT, f"login{place}", "wrong", stranger("198.51.100.7"), clock())

    assert burst(sessions, guess).count("sign_in_failed") == left


def test_whole_numbers_shown_at_once(sessions: sessionmaker[Session], clock: StandingClock) -> None:
    budget = 7
    with sessions.begin() as session:
        clerk = create_staff(session, NewStaff("ops", "运维", Role.OPERATOR), PASSWORD, clock())

    def reveal(session: Session, _place: int) -> object:
        return reveals.take(session, Reveal(clerk, "graduate:k", "identity"), budget, clock())

    assert burst(sessions, reveal).count("through") == budget


def test_face_checks_begun_at_once(sessions: sessionmaker[Session], clock: StandingClock) -> None:
    with sessions.begin() as session:
        her = open_campus(session, clock()).graduate().id

    def begin(session: Session, place: int) -> object:
        return authentication.begin_face(session, her, f"{place:064}", clock())

    assert burst(sessions, begin).count("through") == authentication.MOST_FACE_CHECKS


def test_lists_of_a_receiver_looked_up_at_once(
    sessions: sessionmaker[Session], clock: StandingClock
) -> None:
    account = ReceiverAccount("k" * 16, "a" * 32)
    with sessions.begin() as session:
        before = receiver_lists.MISSES_A_DAY - 1
        fail_before(session, receiver_lists.MISSED, account.key, before, clock())

    def look_up(session: Session, _place: int) -> object:
        lines = [ListEntry("张三", "2610001ABC")]
        return receiver_lists.look_up(session, VAULT, account, Kind.FILE, lines, clock())

    assert burst(sessions, look_up).count("through") == 1


@pytest.mark.parametrize(
    ("address", "one_number", "free"),
    [
        (lambda _: "198.51.100.7", False, guard.ADDRESS.free),
        (lambda place: f"2001:db8::{place:x}", False, guard.ADDRESS.free),
        (lambda place: f"198.51.100.{place}", False, guard.NEIGHBOURS.free),
        (lambda place: f"2001:db8:7:{place:x}::1", False, guard.NEIGHBOURS.free),
        (lambda place: f"203.0.{place}.1", True, guard.NUMBER.free),
    ],
    ids=["one address", "one /64", "one /24", "one /48", "one number"],
)
def test_numbers_guessed_at_once(
    sessions: sessionmaker[Session],
    clock: StandingClock,
    address: Callable[[int], str],
    one_number: bool,  # noqa: FBT001 - a parameter of the test
    free: int,
) -> None:
    same = shape.make(Issue.TRANSFER, 2026, "10001")

    def guess(session: Session, place: int) -> object:
        number = same if one_number else shape.make(Issue.TRANSFER, 2026, "10001")
        asked = LookupRequest(Kind.FILE, "张三", number, address(place), f"{place:064}")
        return receive.look_up(session, VAULT, Guard(VAULT), asked, clock())

    burst(sessions, guess)
    with sessions() as session:
        assert session.scalar(select(func.count()).select_from(Lookup)) == free


def test_lines_of_a_receiver_looked_up_at_once(
    sessions: sessionmaker[Session], clock: StandingClock
) -> None:
    account, left = ReceiverAccount("k" * 16, "a" * 32), 7
    with sessions.begin() as session:
        before = receiver_lists.LINES_A_DAY - left
        fail_before(session, receiver_lists.LOOKED_UP, account.key, before, clock())

    def look_up(session: Session, _place: int) -> object:
        lines = [ListEntry("张三", "2610001ABC")]
        return receiver_lists.look_up(session, VAULT, account, Kind.FILE, lines, clock())

    assert burst(sessions, look_up).count("through") == left


def test_numbers_guessed_at_once_by_everybody(
    sessions: sessionmaker[Session], clock: StandingClock
) -> None:
    most, before = 60, 50

    def guess(session: Session, place: int) -> object:
        number = shape.make(Issue.TRANSFER, 2026, "10001")
        asked = LookupRequest(Kind.FILE, "张三", number, f"203.0.{place}.1", f"{place:064}")
        return receive.look_up(session, VAULT, Guard(VAULT, most), asked, clock())

    with sessions.begin() as session:
        for place in range(100, 100 + before):
            guess(session, place)
    burst(sessions, guess)
    with sessions() as session:
        assert session.scalar(select(func.count()).select_from(Lookup)) == most


def test_what_a_crowd_shares_is_taken_in_turn_before_its_end(
    sessions: sessionmaker[Session], clock: StandingClock
) -> None:
    limit = attempts.Limit(free=60, longest=attempts.WINDOW, in_turn_from=20)
    subject = Subject("c" * 32, limit)
    with sessions.begin() as session:
        attempts.count_failure(session, "test", [subject] * 50, clock())

    def fail(session: Session, _place: int) -> object:
        if attempts.wait_until(session, "test", [subject], clock()):
            return RuleError("late", "…")
        attempts.count_failure(session, "test", [subject], clock())
        return None

    assert burst(sessions, fail).count("through") == 10
