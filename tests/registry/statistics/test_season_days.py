"""The season day by day: what was in force when a day ended in Shanghai, by the rows alone."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from registry.record.confirmation.confirm import Reply, answer
from registry.record.graduate_filter import GraduateFilter, Trait
from registry.record.graduates import counts
from registry.record.tables import Answer, Graduate
from registry.review import void
from registry.statistics.season_days import (
    SeasonCurve,
    confirmed_by,
    placed_by,
    same_day_before,
    season_days,
)
from tests.clock import StandingClock
from tests.wxapp.school.records import Campus, open_campus

TODAY = date(2026, 6, 12)


@pytest.fixture
def campus(session: Session, clock: StandingClock) -> Campus:
    """Give a school at 23:30 in Shanghai on 8 June 2026."""
    campus = open_campus(session, clock())
    campus.at = datetime(2026, 6, 8, 15, 30, tzinfo=UTC)
    return campus


def later(campus: Campus, **by: float) -> Campus:
    campus.at += timedelta(**by)
    return campus


def days(campus: Campus, year: int = 2026, today: date = TODAY) -> SeasonCurve:
    """Return the season; each figure of it is the length of its list."""
    found = season_days(campus.session, campus.scope, GraduateFilter(year), today)
    for each in found.days:
        assert length(campus, year, placed_by(each.day, year)) == each.placed.number, each.day
        assert length(campus, year, confirmed_by(each.day)) == each.confirmed.number, each.day
    return found


def length(campus: Campus, year: int, trait: Trait) -> int:
    wanted = GraduateFilter(year, traits=(trait,))
    return sum(counts(campus.session, campus.scope, wanted).values())


def placed(campus: Campus) -> dict[int, int]:
    """Return by day of June how many were placed when it ended."""
    return {each.day.day: each.placed.number for each in days(campus).days}


def confirm(campus: Campus, graduate: Graduate) -> None:
    said = Reply(Answer.CORRECT, graduate.registration_id or 0)
    answer(campus.session, graduate.id, said, channel="wechat", at=campus.at)
    campus.session.refresh(graduate)


def test_a_day_ends_at_midnight_in_shanghai(campus: Campus) -> None:
    campus.report(campus.graduate("李娟"))
    later(campus, hours=1).report(campus.graduate("王建国"))
    assert placed(campus) == {8: 1, 9: 2, 10: 2, 11: 2, 12: 2}


def test_who_is_no_longer_placed_leaves_on_the_day_it_was_said(campus: Campus) -> None:
    graduate = campus.report(campus.graduate("李娟"))
    later(campus, days=2).report(graduate, category="70", unit_name="")
    assert placed(campus) == {8: 1, 9: 1, 10: 0, 11: 0, 12: 0}


def test_a_change_within_the_placed_moves_nothing(campus: Campus) -> None:
    graduate = campus.report(campus.graduate("李娟"))
    later(campus, days=2).report(graduate, category="80", unit_name="山东大学")
    assert set(placed(campus).values()) == {1}


def test_a_void_destination_leaves_on_the_day_of_the_void(campus: Campus) -> None:
    graduate = campus.report(campus.graduate("李娟"))
    void.void(campus.session, [graduate.id], later(campus, days=3).at)
    assert placed(campus) == {8: 1, 9: 1, 10: 1, 11: 0, 12: 0}


def test_a_confirmation_counts_from_the_first_and_once(campus: Campus) -> None:
    graduate = campus.report(campus.graduate("李娟"))
    campus.graduate("王建国")
    confirm(later(campus, days=1), graduate)
    later(campus, days=1).report(graduate, unit_name="另一家公司")
    confirm(later(campus, days=1), graduate)
    found = {each.day.day: each.confirmed.number for each in days(campus).days}
    assert found == {8: 0, 9: 1, 10: 1, 11: 1, 12: 1}
    assert days(campus).days[-1].confirmed.percent == "50.00%"


def test_a_cohort_ends_with_its_season(campus: Campus) -> None:
    campus.report(campus.graduate("李娟"))
    curve = days(campus, today=date(2026, 12, 1))
    assert curve.days[-1].day == date(2026, 8, 31)
    assert curve.on(date(2026, 9, 1)) is None


def test_nothing_registered_has_no_days(campus: Campus) -> None:
    campus.graduate("李娟")
    assert days(campus).days == []
    assert days(campus, 2025).days == []


def test_the_same_day_a_year_before_is_one_that_was() -> None:
    assert same_day_before(date(2026, 6, 12)) == date(2025, 6, 12)
    assert same_day_before(date(2028, 2, 29)) == date(2027, 2, 28)
