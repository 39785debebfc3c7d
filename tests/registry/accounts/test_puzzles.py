"""A puzzle is good for one browser, ten minutes and one try."""

from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.accounts import puzzles
from registry.accounts.tables import Puzzle
from tests.clock import StandingClock

HERE, THERE = "a" * 64, "b" * 64


def test_a_right_answer_serves_once(session: Session, clock: StandingClock) -> None:
    digits = puzzles.give_out(session, HERE, clock())
    assert puzzles.given(session, HERE, clock()) == digits
    assert puzzles.solve(session, HERE, f" {digits[:2]} {digits[2:]} ", clock())
    assert not puzzles.solve(session, HERE, digits, clock())


def test_a_wrong_answer_uses_it_up(session: Session, clock: StandingClock) -> None:
    digits = puzzles.give_out(session, HERE, clock())
    assert not puzzles.solve(session, HERE, "", clock())
    assert not puzzles.solve(session, HERE, digits, clock())


def test_it_is_one_browsers_own(session: Session, clock: StandingClock) -> None:
    digits = puzzles.give_out(session, HERE, clock())
    assert not puzzles.solve(session, THERE, digits, clock())
    assert puzzles.given(session, THERE, clock()) is None
    assert puzzles.solve(session, HERE, digits, clock())


def test_a_new_one_takes_the_place_of_the_old(session: Session, clock: StandingClock) -> None:
    given = [puzzles.give_out(session, HERE, clock()) for _ in range(3)]
    assert session.scalar(select(func.count()).select_from(Puzzle)) == 1
    assert puzzles.given(session, HERE, clock()) == given[-1]


def test_it_is_forgotten_in_time(session: Session, clock: StandingClock) -> None:
    digits = puzzles.give_out(session, HERE, clock())
    late = clock() + puzzles.LIFETIME
    assert puzzles.given(session, HERE, late) is None
    assert not puzzles.solve(session, HERE, digits, late)
    puzzles.sweep(session, late + timedelta(seconds=1))
    assert session.scalar(select(func.count()).select_from(Puzzle)) == 0
