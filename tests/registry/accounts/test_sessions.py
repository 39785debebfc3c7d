"""Sessions and one-time states in the database."""

from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.accounts import one_time, sessions
from registry.accounts.sessions import NOBODY, Identity
from registry.accounts.tables import OneTimeState, Role, Staff, WebSession
from tests.clock import StandingClock

HERE, THERE = "a" * 64, "b" * 64


def add_staff(session: Session, clock: StandingClock) -> Staff:
    staff = Staff(login="x", name="x", role=Role.OPERATOR, password_hash="", created_at=clock())
    session.add(staff)
    session.flush()
    return staff


def test_the_token_itself_is_not_kept(session: Session, clock: StandingClock) -> None:
    token = sessions.new_token()
    sessions.start(session, token, Identity(openid="o1"), {"a": 1}, clock())
    session.flush()
    row = sessions.find(session, token, clock())
    assert row is not None
    assert token not in str(vars(row))
    assert row.content == {"a": 1}
    assert sessions.find(session, sessions.new_token(), clock()) is None


def test_staff_are_out_after_half_an_hour_and_others_after_two(
    session: Session, clock: StandingClock
) -> None:
    staff = add_staff(session, clock)
    sessions.start(session, "s", sessions.proven(staff), {}, clock())
    sessions.start(session, "g", Identity(openid="o1"), {}, clock())
    clock.move(timedelta(minutes=30))
    assert sessions.find(session, "s", clock()) is None
    assert sessions.find(session, "g", clock()) is not None
    clock.move(timedelta(minutes=90))
    assert sessions.find(session, "g", clock()) is None


def test_use_prolongs_a_session_to_twelve_hours_in_all(
    session: Session, clock: StandingClock
) -> None:
    began = clock()
    sessions.start(session, "g", Identity(openid="o1"), {}, began)
    while clock() < began + timedelta(hours=11, minutes=30):
        row = sessions.find(session, "g", clock())
        assert row is not None
        assert sessions.keep(session, row, {}, clock())
        clock.move(timedelta(minutes=45))
    clock.set(began + timedelta(hours=12))
    assert sessions.find(session, "g", clock()) is None


def test_one_session_is_written_down_and_no_other(session: Session, clock: StandingClock) -> None:
    for token in "gh":
        sessions.start(session, token, Identity(openid="o1"), {"of": token}, clock())
    session.flush()
    row = sessions.find(session, "g", clock())
    assert row is not None
    clock.move(timedelta(hours=1))
    assert sessions.keep(session, row, {"of": "李娟", "year": 2026}, clock())
    session.expire_all()
    kept, left = (sessions.find(session, token, clock()) for token in "gh")
    assert kept is not None
    assert left is not None
    assert (kept.content, left.content) == ({"of": "李娟", "year": 2026}, {"of": "h"})
    assert kept.seen_at - left.seen_at == kept.expires_at - left.expires_at == timedelta(hours=1)


def test_a_session_that_was_ended_meanwhile_is_not_revived(
    session: Session, clock: StandingClock
) -> None:
    sessions.start(session, "g", NOBODY, {"a": 1}, clock())
    session.flush()
    row = sessions.find(session, "g", clock())
    assert row is not None
    session.expunge(row)
    sessions.end(session, "g")
    assert not sessions.keep(session, row, {"a": 2}, clock())
    assert sessions.find(session, "g", clock()) is None


def test_all_of_one_persons_sessions_end_together(session: Session, clock: StandingClock) -> None:
    staff = add_staff(session, clock)
    sessions.start(session, "1", sessions.proven(staff), {}, clock())
    sessions.start(session, "2", sessions.proven(staff), {}, clock())
    sessions.start(session, "3", Identity(openid="o1"), {}, clock())
    session.flush()
    sessions.end_all_of_staff(session, staff.id)
    left = [token for token in "123" if sessions.find(session, token, clock())]
    assert left == ["3"]


def test_what_is_over_is_swept(session: Session, clock: StandingClock) -> None:
    sessions.start(session, "g", Identity(openid="o1"), {}, clock())
    one_time.give_out(session, HERE, "home", clock())
    session.flush()
    clock.move(timedelta(hours=2))
    one_time.give_out(session, HERE, "home", clock())
    sessions.sweep(session, clock())
    one_time.sweep(session, clock())
    counts = [
        session.scalar(select(func.count()).select_from(table))
        for table in (WebSession, OneTimeState)
    ]
    assert counts == [0, 1]


def test_a_state_is_taken_back_once_here_and_in_time(
    session: Session, clock: StandingClock
) -> None:
    state = one_time.give_out(session, HERE, "home", clock())
    session.flush()
    assert one_time.take_back(session, state, THERE, clock()) is None
    assert one_time.take_back(session, "0" * 32, HERE, clock()) is None
    assert one_time.take_back(session, state, HERE, clock()) == "home"
    assert one_time.take_back(session, state, HERE, clock()) is None
    late = one_time.give_out(session, HERE, "home", clock())
    session.flush()
    assert one_time.take_back(session, late, HERE, clock.move(one_time.LIFETIME)) is None
