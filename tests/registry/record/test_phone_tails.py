"""People are found by the last four digits of the phone that they have now, and by nobody else."""

import pytest
from sqlalchemy.orm import Session

from registry.record import phone_tails
from registry.record.scope import Scope
from registry.record.tables import Graduate
from registry.upkeep.erase import Reason, erase
from tests.clock import StandingClock
from tests.wxapp.school.records import VAULT, Campus, open_campus


@pytest.fixture
def campus(session: Session, clock: StandingClock) -> Campus:
    return open_campus(session, clock())


def found(campus: Campus, tail: str, scope: Scope | None = None) -> list[int]:
    return phone_tails.find(campus.session, VAULT, scope or campus.scope, tail).ids


def with_phone(campus: Campus, phone: str, department: int = 0, **about: object) -> Graduate:
    index = VAULT.index("phone", phone)
    return campus.graduate("李娟", department, phone=phone, phone_index=index, **about)


def test_the_end_of_a_phone_finds_the_newest_cohort_first_and_ended_records_last(
    campus: Campus,
) -> None:
    ended = with_phone(campus, "13800007788", year=-2026)
    earlier = with_phone(campus, "13900007788", year=2025)
    now = with_phone(campus, "13700007788", year=2026)
    with_phone(campus, "13777880000")
    assert found(campus, "7788") == [now.id, earlier.id, ended.id]


def test_only_phones_of_the_scope_are_looked_at(
    campus: Campus, session: Session, clock: StandingClock
) -> None:
    other = open_campus(session, clock(), "10001")
    with_phone(other, "13800007788")
    hers = with_phone(campus, "13800007788", department=1)
    assert found(campus, "7788") == [hers.id]
    assert found(campus, "7788", campus.department_scope(0)) == []


def test_all_phones_are_looked_at_however_many_a_round_trip_brings(
    campus: Campus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(phone_tails, "BATCH", 2)
    those = [with_phone(campus, "13800007788", year=2025 + number % 2).id for number in range(7)]
    assert sorted(found(campus, "7788")) == those


def test_who_has_no_phone_is_passed_over(campus: Campus) -> None:
    campus.graduate(phone_sealed=None, phone_index=None)
    assert found(campus, "1234") == []


def test_more_than_are_shown_is_said(campus: Campus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(phone_tails, "MOST_FOUND", 2)
    for _ in range(2):
        with_phone(campus, "13800007788")
    assert not phone_tails.find(campus.session, VAULT, campus.scope, "7788").has_more
    with_phone(campus, "13800007788", year=2024)
    result = phone_tails.find(campus.session, VAULT, campus.scope, "7788")
    assert (len(result.ids), result.has_more) == (2, True)


def test_more_phones_than_are_opened_is_said(
    campus: Campus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(phone_tails, "MOST_OPENED", 2)
    for year in (2026, 2025):
        with_phone(campus, "13800007788", year=year)
    assert not phone_tails.find(campus.session, VAULT, campus.scope, "7788").is_cut
    with_phone(campus, "13800007788", year=2024)
    result = phone_tails.find(campus.session, VAULT, campus.scope, "7788")
    assert (len(result.ids), result.is_cut) == (2, True)


def test_a_phone_from_before_a_correction_finds_nobody(campus: Campus) -> None:
    hers = with_phone(campus, "13800007788")
    now = "13800005566"
    sealed = VAULT.seal("phone", hers.id, now)
    campus.correct(hers, phone_sealed=sealed, phone_index=VAULT.index("phone", now))
    assert found(campus, "7788") == []
    assert found(campus, "5566") == [hers.id]


def test_who_was_erased_is_found_no_more(campus: Campus) -> None:
    hers = with_phone(campus, "13800007788")
    erase(campus.session, hers, Reason("command", "本人申请", campus.at))
    assert found(campus, "7788") == []
